import { isAppError } from '@andvari/kit/base/errors';
import { Authenticator } from '@andvari/kit/testing/authenticator';
import type { Tokens } from '@andvari/proto/auth/v1/auth';
import { type AuthWorld, newAddress, type Person } from './auth-world.ts';

export interface Guarded extends Person {
  device: Authenticator;
  recoveryCodes: string[];
}

/** Somebody who signs in with a second factor, a step after the one whose code began it. */
export async function guarded(auth: AuthWorld): Promise<Guarded> {
  const person = await auth.member();
  const { device, recoveryCodes } = await enrolled(auth, person.userId);
  auth.moveClock(30);
  return { ...person, device, recoveryCodes };
}

export async function enrolled(auth: AuthWorld, userId: string) {
  const { secret } = await auth.as(userId).enrolFactor({ userId });
  const device = new Authenticator(secret, auth);
  const { recoveryCodes } = await auth.as(userId).confirmFactor({ userId, code: device.code() });
  return { device, recoveryCodes };
}

/** The first step of a sign-in. */
export async function challengeOf(auth: AuthWorld, { email, password, client }: Person): Promise<string> {
  const { tokens, factorChallenge } = await auth.anonymous.login({ email, password, client });
  if (tokens !== undefined || factorChallenge === undefined) throw new Error('no second factor was asked for');
  return factorChallenge.token;
}

export async function answer(
  auth: AuthWorld,
  challenge: string,
  proof: Shown,
  address = newAddress(),
): Promise<Tokens> {
  const client = { address, userAgent: 'Tests/1' };
  const { tokens } = await auth.anonymous.completeLogin({ challenge, proof: proofOf(proof), client });
  if (tokens === undefined) throw new Error('no tokens');
  return tokens;
}

export type Shown = { code: string } | { recoveryCode: string };

export function proofOf(shown: Shown) {
  return 'code' in shown
    ? { proof: { $case: 'code' as const, value: shown.code } }
    : { proof: { $case: 'recoveryCode' as const, value: shown.recoveryCode } };
}

/** Five wrong codes lock; each challenge bears four of them. */
export async function lockOut(auth: AuthWorld, person: Guarded): Promise<void> {
  for (let failures = 0; failures < 5; ) {
    const challenge = await challengeOf(auth, person);
    for (let tries = 0; tries < 4 && failures < 5; tries += 1, failures += 1) {
      const error: unknown = await answer(auth, challenge, { code: person.device.wrongCode() }).catch(
        (e: unknown) => e,
      );
      if (!isAppError(error, 'unauthenticated')) throw error;
    }
  }
}

export async function signIn(auth: AuthWorld, person: Guarded): Promise<void> {
  await answer(auth, await challengeOf(auth, person), { code: person.device.code() });
}

export async function sessionsOf(auth: AuthWorld, { userId }: { userId: string }): Promise<number> {
  return (await auth.as(userId).listSessions({ userId, page: undefined })).sessions.length;
}

/** What auth answers where one is not in. */
export const wrong = { code: 'unauthenticated', reason: 'factor_code_wrong' };
export const over = { code: 'unauthenticated', reason: 'factor_challenge_over' };
export const locked = { code: 'resource_exhausted', reason: 'login_locked' };
export const reasonOf = (error: { reason: string }): string => error.reason;
