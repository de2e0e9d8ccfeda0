import { OnboardingState } from '@andvari/proto/user/v1/user';
import type { Onboarding } from '../domain/profile.ts';

/** As the contract spells it, in answers and in events. */
export const onboardingStateTo: Record<Onboarding['state'], OnboardingState> = {
  new: OnboardingState.ONBOARDING_STATE_NEW,
  verified: OnboardingState.ONBOARDING_STATE_VERIFIED,
  approved: OnboardingState.ONBOARDING_STATE_APPROVED,
  rejected: OnboardingState.ONBOARDING_STATE_REJECTED,
};
