import { afterFailure, isLocked, type LockoutSchedule, noFailures, type Throttle } from './lockout.ts';

/** What decides about a one-time code (TOTP, RFC 6238), besides the secret. */
export interface CodeState {
  /** The last step whose code was accepted. */
  readonly lastStep: bigint;
  readonly throttle: Throttle;
  /** Where the wrong codes came from that are counted; undefined where from several places, or from nobody knows where. */
  readonly guessedFrom: string | undefined;
}

/** What somebody shows: the step whose code it is, undefined where it is none's, and from where. */
export interface ShownCode {
  readonly step: bigint | undefined;
  readonly from: string;
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
 * A code counts once, and not after a later one: whoever saw it being typed comes too late with it. A right one clears the count of the wrong
 * ones that came from the same place, as they do of people who mistype; those from elsewhere stay counted, or whoever knows the password
 * could begin anew after each sign-in of the owner.
 */
export type CodeDecision =
  | { readonly type: 'locked' }
  | { readonly type: 'accepted' | 'wrong'; readonly state: CodeState };

export function decideCode(
  state: CodeState,
  { step, from }: ShownCode,
  schedule: LockoutSchedule,
  atUs: bigint,
): CodeDecision {
  if (isLocked(state.throttle, atUs)) return { type: 'locked' };
  if (step === undefined || step <= state.lastStep) {
    const throttle = afterFailure(state.throttle, schedule, atUs);
    const guessedFrom = throttle.failures === 1 || state.guessedFrom === from ? from : undefined;
    return { type: 'wrong', state: { ...state, throttle, guessedFrom } };
  }
  const throttle = state.guessedFrom === from ? noFailures : state.throttle;
  return { type: 'accepted', state: { ...state, lastStep: step, throttle } };
}

const TOLD_EVERY_US = 86_400n * SECOND_US;

/** A wrong code behind a right password says that somebody may know the password; a day of them says no more than the first. */
export function isOwnerToldAt(atUs: bigint, toldAtUs: bigint): boolean {
  return atUs - toldAtUs >= TOLD_EVERY_US;
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
