import { afterFailure, isLocked, type LockoutSchedule, noFailures, type Throttle } from './lockout.ts';

/** What decides about a one-time code (TOTP, RFC 6238), besides the secret. */
export interface CodeState {
  /** The last step whose code was accepted. */
  readonly lastStep: bigint;
  readonly throttle: Throttle;
}

export const CODE_DIGITS = 6;
export const STEP_SECONDS = 30;
export const RECOVERY_CODES = 10;
/** Wrong answers to one challenge before the password is asked for again. */
export const MAX_TRIES = 5;

const STEP_US = BigInt(STEP_SECONDS) * 1_000_000n;
const SECOND_US = 1_000_000n;
/** How long a password that was right waits for the second factor. */
export const CHALLENGE_US = 300n * SECOND_US;
/** How long a new secret waits for its first code: as long as the password that was asked for speaks for it. */
export const ENROLMENT_US = 900n * SECOND_US;

/** The codes that are good at a time: of the step before, of this one and of the next, for clocks that are not quite right. */
export function stepsAround(atUs: bigint): bigint[] {
  const step = atUs / STEP_US;
  return [step - 1n, step, step + 1n];
}

/**
 * `matched`: the step whose code was given, undefined where it was none's. A code counts once, and not after a later one:
 * whoever saw it being typed comes too late with it.
 */
export type CodeDecision =
  | { readonly type: 'locked' }
  | { readonly type: 'accepted' | 'wrong'; readonly state: CodeState };

export function decideCode(
  state: CodeState,
  matched: bigint | undefined,
  schedule: LockoutSchedule,
  atUs: bigint,
): CodeDecision {
  if (isLocked(state.throttle, atUs)) return { type: 'locked' };
  if (matched === undefined || matched <= state.lastStep) {
    return { type: 'wrong', state: { ...state, throttle: afterFailure(state.throttle, schedule, atUs) } };
  }
  return { type: 'accepted', state: { lastStep: matched, throttle: noFailures } };
}

/** What people type of a code: with the spaces that a device shows in it. */
export function normaliseCode(text: string): string | undefined {
  const code = text.replaceAll(/\s/g, '');
  return /^\d{6}$/.test(code) ? code : undefined;
}

/** In any case and with or without its dashes; undefined for what cannot be one. */
export function normaliseRecoveryCode(text: string): string | undefined {
  const code = text.replaceAll(/[\s-]/g, '').toLowerCase();
  return /^[a-z2-7]{16}$/.test(code) ? code : undefined;
}

/** `abcd-efgh-ijkl-mnop`: to be written down. */
export function readableRecoveryCode(code: string): string {
  return code.replaceAll(/(.{4})(?=.)/g, '$1-');
}

const ISSUER = 'Andvari';

/** As authenticator programs read it; the account is there to tell several apart. */
export function otpauthUri(secret: string, email: string): string {
  const label = `${ISSUER}:${encodeURIComponent(email)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${ISSUER}&algorithm=SHA1&digits=${CODE_DIGITS}&period=${STEP_SECONDS}`;
}
