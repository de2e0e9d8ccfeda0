export type StepState = 'done' | 'now' | 'later';

export interface Steps {
  profile: StepState;
  verified: StepState;
  account: StepState;
  deposit: StepState;
}

interface Person {
  givenName: string;
  familyName: string;
  country: string | null;
  onboarding: { state: string };
}

/** The first step that is not done is next; those behind it wait. */
export function stepsOf(
  me: Person,
  accounts: readonly { cash: string; fundings: { nodes: readonly unknown[] } | null }[],
): Steps {
  const isDone = {
    profile: me.givenName !== '' && me.familyName !== '' && me.country !== null && me.country !== '',
    verified: me.onboarding.state === 'VERIFIED' || me.onboarding.state === 'APPROVED',
    account: accounts.length > 0,
    deposit: accounts.some(({ cash, fundings }) => /[1-9]/.test(cash) || (fundings?.nodes.length ?? 0) > 0),
  };
  const names = ['profile', 'verified', 'account', 'deposit'] as const;
  const next = names.find((name) => !isDone[name]);
  const stateOf = (name: (typeof names)[number]): StepState =>
    isDone[name] ? 'done' : name === next ? 'now' : 'later';
  return {
    profile: stateOf('profile'),
    verified: stateOf('verified'),
    account: stateOf('account'),
    deposit: stateOf('deposit'),
  };
}
