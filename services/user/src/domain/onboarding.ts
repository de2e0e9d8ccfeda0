import type { Onboarding } from './profile.ts';

/** Who decides: the user by proving their address, or an operator who looked at them. */
export type OnboardingStep =
  | { readonly type: 'verified' }
  | { readonly type: 'reviewed'; readonly verdict: Onboarding; readonly byThemselves: boolean };

export type OnboardingDecision =
  | { type: 'refused'; reason: OnboardingRefusal }
  | { type: 'unchanged' }
  | { type: 'changed'; onboarding: Onboarding };

export type OnboardingRefusal = 'no_verdict' | 'reason_missing' | 'self_review' | 'not_verified';

/** `new -> verified -> approved`, or rejected with a reason; an operator may change a verdict, in both directions. */
export function decideOnboarding(current: Onboarding, step: OnboardingStep): OnboardingDecision {
  switch (step.type) {
    case 'verified':
      return current.state === 'new' ? { type: 'changed', onboarding: { state: 'verified' } } : { type: 'unchanged' };
    case 'reviewed':
      return review(current, step);
  }
}

function review(current: Onboarding, step: OnboardingStep & { type: 'reviewed' }): OnboardingDecision {
  const { verdict, byThemselves } = step;
  if (verdict.state !== 'approved' && verdict.state !== 'rejected') return { type: 'refused', reason: 'no_verdict' };
  if (verdict.state === 'rejected' && verdict.reason.trim() === '')
    return { type: 'refused', reason: 'reason_missing' };
  if (byThemselves) return { type: 'refused', reason: 'self_review' };
  if (current.state === 'new') return { type: 'refused', reason: 'not_verified' };
  if (isSame(current, verdict)) return { type: 'unchanged' };
  return { type: 'changed', onboarding: verdict };
}

function isSame(one: Onboarding, other: Onboarding): boolean {
  if (one.state === 'rejected' && other.state === 'rejected') return one.reason === other.reason;
  return one.state === other.state;
}
