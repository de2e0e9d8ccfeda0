import { createHmac } from 'node:crypto';
import { isAppError } from '@andvari/kit/base/errors';
import type { Tokens } from '@andvari/proto/auth/v1/auth';
import { type AuthWorld, newAddress, type Person } from './auth-world.ts';

/** What somebody has on their device, by RFC 6238 and not by our code. */
export class Authenticator {
  readonly #secret: Buffer;
  readonly #clock: Pick<AuthWorld, 'now'>;
  constructor(base32Secret: string, clock: Pick<AuthWorld, 'now'>) {
    let bits = '';
    for (const letter of base32Secret)
      bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
    this.#secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
    this.#clock = clock;
  }

  /** Its bytes, a character each. */
  get secret(): string {
    return this.#secret.toString('latin1');
  }

  /** The code that the device shows now, or so many steps of half a minute later. */
  code(stepsLater = 0): string {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(this.#clock.now() / 30_000_000n + BigInt(stepsLater));
    const digest = createHmac('sha1', this.#secret).update(counter).digest();
    const number = digest.readUInt32BE((digest.at(-1) ?? 0) & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
  }

  /** Right in no step near this one. */
  wrongCode(): string {
    const near = [-2, -1, 0, 1, 2].map((step) => this.code(step));
    return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code)) ?? '';
  }
}

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
