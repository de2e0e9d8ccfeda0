import {
  OnboardingState,
  type Profile as ProfileMessage,
  type UpdateProfileRequest,
} from '@andvari/proto/user/v1/user';
import type { Onboarding, Profile, ProfileChange } from '../domain/profile.ts';

export function profileTo(profile: Profile): ProfileMessage {
  const { onboarding, ...fields } = profile;
  return {
    ...fields,
    onboardingState: onboardingStateTo[onboarding.state],
    onboardingReason: onboarding.state === 'rejected' ? onboarding.reason : '',
  };
}

export function profileChangeFrom(request: UpdateProfileRequest): ProfileChange {
  const { givenName, familyName, phone, country, locale, timezone, avatarRef } = request;
  return present({ givenName, familyName, phone, country, locale, timezone, avatarRef });
}

const onboardingStateTo: Record<Onboarding['state'], OnboardingState> = {
  new: OnboardingState.ONBOARDING_STATE_NEW,
  verified: OnboardingState.ONBOARDING_STATE_VERIFIED,
  approved: OnboardingState.ONBOARDING_STATE_APPROVED,
  rejected: OnboardingState.ONBOARDING_STATE_REJECTED,
};

/** Without the keys whose value is undefined. */
function present<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
