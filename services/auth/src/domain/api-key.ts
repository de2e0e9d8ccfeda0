export interface ApiKey {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAtUs: bigint;
  /** 0: never. */
  readonly expiresAtUs: bigint;
  /** 0: never. */
  readonly lastUsedAtUs: bigint;
  /** Micro-units of USD a day; 0: no cap. */
  readonly dailyNotionalCap: bigint;
}

export const MAX_API_KEYS = 25;
const MAX_SCOPES = 50;
const SCOPE = /^[a-z][a-z_]{0,31}:[a-z][a-z_]{0,31}(:own)?$/;
/**
 * A key that leaks must not be able to make further keys, to lock its owner out or to end their account; what is asked for with the password
 * of a moment ago is for people anyhow.
 */
const PERSONAL = /^(?:account_deletion|api_key|factor|password|session):|^role:grant\b/;

/**
 * What is wrong with the scopes asked for, and with which. A key never gets a right that its maker does not have;
 * `granted` is undefined for a maker who is no user.
 */
export function scopesProblem(
  scopes: readonly string[],
  granted: readonly string[] | undefined,
): { field: string; problem: string } | undefined {
  if (scopes.length === 0) return { field: 'scopes', problem: 'should name at least one' };
  if (scopes.length > MAX_SCOPES) return { field: 'scopes', problem: `should be at most ${MAX_SCOPES}` };
  for (const [index, scope] of scopes.entries()) {
    const problem = scopeProblem(scope, granted);
    if (problem !== undefined) return { field: `scopes[${index}]`, problem };
  }
  return undefined;
}

/** All of what somebody may do that a key may do for them. */
export const grantableScopes = (granted: readonly string[]): string[] =>
  granted.filter((scope) => scopeProblem(scope, granted) === undefined);

function scopeProblem(scope: string, granted: readonly string[] | undefined): string | undefined {
  if (!SCOPE.test(scope)) return 'should be like order:place:own';
  if (PERSONAL.test(scope)) return `${scope} is for people only, never for a key`;
  if (granted !== undefined && !isCovered(scope, granted)) return `${scope} is more than you may do yourself`;
  return undefined;
}

/** Whoever may do something to everybody's may do it to their own. */
function isCovered(scope: string, granted: readonly string[]): boolean {
  return granted.includes(scope) || (scope.endsWith(':own') && granted.includes(scope.slice(0, -':own'.length)));
}

export function isExpired(key: ApiKey, atUs: bigint): boolean {
  return key.expiresAtUs !== 0n && key.expiresAtUs <= atUs;
}

const USE_NOTED_EVERY_US = 60_000_000n;

/** The last use is for people to look at; to the minute is enough, and a key in a loop costs no write a call. */
export function isUseWorthNoting(key: ApiKey, atUs: bigint): boolean {
  return atUs - key.lastUsedAtUs >= USE_NOTED_EVERY_US;
}
