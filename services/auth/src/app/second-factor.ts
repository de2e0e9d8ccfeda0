import { addressGroup } from '@andvari/kit/base/address';
import { AppError, assert, invalid, isAppError, notFound } from '@andvari/kit/base/errors';
import type { Tx } from '@andvari/kit/db/types';
import type { Say } from '@andvari/kit/outbox/commit';
import { v7 as uuidv7 } from 'uuid';
import type { Client } from '../domain/client.ts';
import { isLocked } from '../domain/lockout.ts';
import {
  decideCode,
  ENROLMENT_US,
  isOwnerToldAt,
  MAX_TRIES,
  normaliseCode,
  normaliseRecoveryCode,
  otpauthUri,
  RECOVERY_CODES,
  readableRecoveryCode,
  stepsAround,
} from '../domain/second-factor.ts';
import {
  accountLockedEvent,
  factorDisabledEvent,
  factorEnabledEvent,
  factorFailedEvent,
  factorGuessedEvent,
  factorRecoveryRenewedEvent,
  factorRecoveryUsedEvent,
} from '../messages/events.ts';
import { base32, matchingStep, newFactorSecret, newRecoveryCodes } from '../ports/one-time-codes.ts';
import { lookupKey, newToken, tokenHash } from '../ports/secrets.ts';
import {
  countRecoveryCodes,
  deleteChallenge,
  deleteFactor,
  enableFactor,
  type Factor,
  findChallenge,
  findFactor,
  insertFactorRemoval,
  lockChallenge,
  lockFactor,
  noteTold,
  noteWrongAnswer,
  replaceFactor,
  replaceRecoveryCodes,
  saveCodeState,
  takeRecoveryCode,
} from '../store/factors.ts';
import { lockUser, shareUser } from '../store/users.ts';
import type { Deps } from './deps.ts';
import { type IssuedTokens, issueTokens } from './issue-tokens.ts';
import { countedFor, countFailure, refuseLocked, refuseWhileLocked } from './lockout.ts';
import { openSession } from './open-session.ts';

/** What somebody shows: a code of the device, or one of the recovery codes. */
export interface FactorProof {
  readonly type: 'code' | 'recovery_code';
  readonly text: string;
}

export interface FactorState {
  readonly enabled: boolean;
  readonly enabledAtUs: bigint;
  readonly recoveryCodesLeft: number;
}

/** A proof as it came. Within a session nobody says from where, which is a place of its own. */
interface Shown {
  readonly proof: FactorProof;
  readonly client: Client | undefined;
  readonly atUs: bigint;
}

const OFF: FactorState = { enabled: false, enabledAtUs: 0n, recoveryCodesLeft: 0 };

export function secondFactor({ db, commit, now, signingKeys, factorSealer, policy, metrics }: Deps) {
  return {
    /**
     * The second step of a sign-in. One answer at a time for one user: of the same code sent twice at once one counts. Wrong answers
     * are counted under the challenge, the address and, those that are no recovery codes, under the account, over all challenges.
     */
    async completeLogin(challenge: string, proof: FactorProof, client: Client): Promise<IssuedTokens> {
      const hash = tokenHash(challenge);
      const asked = hash && (await findChallenge(db, hash, now()));
      if (hash === undefined || asked === undefined) throw challengeOver();
      const { userId, email } = asked;
      const counted = await countedFor(db, email, client, policy);
      const [, address] = counted;
      const key = await signingKeys.current();
      const refresh = newToken();
      const atUs = now();
      const outcome = await noticing(
        commit(async (tx, say) => {
          const user = await shareUser(tx, userId);
          const factor = await lockFactor(tx, userId);
          const failures = await lockChallenge(tx, hash, atUs);
          if (user === undefined || factor?.enabledAtUs === undefined || failures === undefined) throw challengeOver();
          await refuseLocked(tx, [address], atUs);
          if (!(await isProved(tx, say, factor, { proof, client, atUs }))) {
            await countFailure(tx, [address], atUs);
            say(factorFailedEvent(userId, client));
            const isOver = failures + 1 >= MAX_TRIES;
            await (isOver ? deleteChallenge(tx, hash) : noteWrongAnswer(tx, hash, failures + 1));
            return { type: 'wrong', isOver } as const;
          }
          await deleteChallenge(tx, hash);
          const toOpen = { userId, client, refreshTokenHash: refresh.hash, counted };
          const session = await openSession(tx, say, toOpen, policy.sessions, atUs);
          return { type: 'signed_in', session, rolesVersion: user.rolesVersion } as const;
        }),
      );
      if (outcome.type === 'wrong') {
        metrics.logins.inc({ outcome: 'failed' });
        throw outcome.isOver ? challengeOver() : codeWrong('unauthenticated');
      }
      metrics.logins.inc({ outcome: 'succeeded' });
      return issueTokens(key, { ...outcome, refreshToken: refresh.token }, atUs);
    },

    async getFactor(userId: string): Promise<FactorState> {
      const factor = await findFactor(db, userId);
      if (factor?.enabledAtUs === undefined) return OFF;
      return {
        enabled: true,
        enabledAtUs: factor.enabledAtUs,
        recoveryCodesLeft: await countRecoveryCodes(db, userId),
      };
    },

    /** A secret that counts for nothing yet; another one in place of one that still waits for its first code. */
    async enrolFactor(userId: string): Promise<{ secret: string; uri: string }> {
      const secret = newFactorSecret();
      return commit(async (tx) => {
        const user = await lockUser(tx, userId);
        if (user === undefined) throw notFound('user', userId);
        if ((await findFactor(tx, userId))?.enabledAtUs !== undefined) throw alreadyEnabled();
        await replaceFactor(tx, { userId, ...sealed(secret, userId), createdAtUs: now() });
        return { secret: base32(secret), uri: otpauthUri(base32(secret), user.email) };
      });
    },

    /** The first code shows that the device has the secret. It counts as used: nobody signs in with it. */
    async confirmFactor(userId: string, code: string): Promise<{ factor: FactorState; recoveryCodes: string[] }> {
      const atUs = now();
      return commit(async (tx, say) => {
        await lockUser(tx, userId);
        const factor = await lockFactor(tx, userId);
        if (factor?.enabledAtUs !== undefined) throw alreadyEnabled();
        if (factor === undefined || atUs - factor.createdAtUs >= ENROLMENT_US) throw notEnrolling();
        const step = stepOf(factor, code, atUs);
        // Not counted: whoever is here was told the secret a moment ago.
        if (step === undefined) throw codeWrong('invalid_argument');
        await enableFactor(tx, userId, step, atUs);
        say(factorEnabledEvent(userId));
        return { factor: enabledSince(atUs), recoveryCodes: await freshRecoveryCodes(tx, userId) };
      });
    },

    async renewRecoveryCodes(
      userId: string,
      proof: FactorProof,
    ): Promise<{ factor: FactorState; recoveryCodes: string[] }> {
      return provedBy(userId, proof, async (tx, say, { enabledAtUs }) => {
        say(factorRecoveryRenewedEvent(userId));
        return { factor: enabledSince(enabledAtUs), recoveryCodes: await freshRecoveryCodes(tx, userId) };
      });
    },

    async disableFactor(userId: string, proof: FactorProof): Promise<void> {
      await provedBy(userId, proof, async (tx, say) => {
        await deleteFactor(tx, userId);
        say(factorDisabledEvent(userId, userId));
      });
    },

    /** What is left to somebody who has lost both device and recovery codes. Sessions and the password stay as they are. */
    async removeFactor(userId: string, { by, reason }: { by: string; reason: string }): Promise<void> {
      await commit(async (tx, say) => {
        const user = await lockUser(tx, userId);
        if (user === undefined) throw notFound('user', userId);
        if ((await lockFactor(tx, userId))?.enabledAtUs === undefined) throw notEnabled();
        await deleteFactor(tx, userId);
        await insertFactorRemoval(tx, { id: uuidv7(), userId, removedBy: by, reason, removedAtUs: now() });
        say(factorDisabledEvent(userId, by, reason));
      });
    },
  };

  /** For what changes the factor itself: a stolen session and a password that was seen are not enough. */
  async function provedBy<T>(
    userId: string,
    proof: FactorProof,
    work: (tx: Tx, say: Say, factor: Factor & { enabledAtUs: bigint }) => Promise<T>,
  ): Promise<T> {
    const atUs = now();
    const outcome = await noticing(
      commit(async (tx, say) => {
        await lockUser(tx, userId);
        const factor = await lockFactor(tx, userId);
        if (factor?.enabledAtUs === undefined) throw notEnabled();
        const { enabledAtUs } = factor;
        if (!(await isProved(tx, say, factor, { proof, client: undefined, atUs }))) return { type: 'wrong' } as const;
        return { type: 'done', answer: await work(tx, say, { ...factor, enabledAtUs }) } as const;
      }),
    );
    if (outcome.type === 'wrong') throw codeWrong('invalid_argument');
    return outcome.answer;
  }

  /**
   * Spends what is shown, or counts the failure; its transaction has to be committed either way. A lock is of the codes alone, of which
   * there are a million: a recovery code is not guessed, and lets the owner in whom somebody with the password keeps locked out.
   */
  async function isProved(tx: Tx, say: Say, factor: Factor, shown: Shown): Promise<boolean> {
    const { userId, toldAtUs } = factor;
    const isRight = await isRightProof(tx, say, factor, shown);
    if (!isRight && isOwnerToldAt(shown.atUs, toldAtUs)) {
      await noteTold(tx, userId, shown.atUs);
      say(factorGuessedEvent(userId, shown.client));
    }
    return isRight;
  }

  async function isRightProof(tx: Tx, say: Say, factor: Factor, { proof, client, atUs }: Shown): Promise<boolean> {
    const { userId } = factor;
    if (proof.type === 'recovery_code') {
      const code = normaliseRecoveryCode(proof.text);
      const isRight = code !== undefined && (await takeRecoveryCode(tx, userId, recoveryCodeHash(userId, code)));
      if (isRight) say(factorRecoveryUsedEvent(userId, await countRecoveryCodes(tx, userId)));
      metrics.factorChecks.inc({ outcome: isRight ? 'recovery_used' : 'wrong' });
      return isRight;
    }
    const code = { step: stepOf(factor, proof.text, atUs), from: placeOf(userId, client) };
    const decision = decideCode(factor, code, policy.factorLockout, atUs);
    if (decision.type === 'locked') {
      refuseWhileLocked([factor.throttle], atUs);
      return false;
    }
    await saveCodeState(tx, userId, decision.state);
    metrics.factorChecks.inc({ outcome: decision.type });
    const { throttle } = decision.state;
    if (isLocked(throttle, atUs)) say(accountLockedEvent(userId, throttle.lockedUntilUs));
    return decision.type === 'accepted';
  }

  function stepOf({ userId, sealedSecret }: Factor, text: string, atUs: bigint): bigint | undefined {
    const secret = factorSealer.open(sealedSecret, userId);
    assert(secret, 'the secret of a second factor does not open with KEY_ENCRYPTION_KEY nor with the one before');
    const code = normaliseCode(text);
    return code === undefined ? undefined : matchingStep(secret, code, stepsAround(atUs));
  }

  function sealed(secret: Buffer, userId: string): { sealedSecret: Buffer; sealedWith: string } {
    return { sealedSecret: factorSealer.seal(secret, userId), sealedWith: factorSealer.keyName };
  }

  async function noticing<T>(attempt: Promise<T>): Promise<T> {
    try {
      return await attempt;
    } catch (error) {
      if (isAppError(error, 'resource_exhausted')) metrics.factorChecks.inc({ outcome: 'locked' });
      throw error;
    }
  }
}

async function freshRecoveryCodes(tx: Tx, userId: string): Promise<string[]> {
  const codes = newRecoveryCodes();
  await replaceRecoveryCodes(
    tx,
    userId,
    codes.map((code) => recoveryCodeHash(userId, code)),
  );
  return codes.map(readableRecoveryCode);
}

function enabledSince(enabledAtUs: bigint): FactorState {
  return { enabled: true, enabledAtUs, recoveryCodesLeft: RECOVERY_CODES };
}

function recoveryCodeHash(userId: string, code: string): Buffer {
  return lookupKey('recovery code', userId, code);
}

/** As little of an address as it takes to know it again. */
function placeOf(userId: string, client: Client | undefined): string {
  if (client === undefined) return 'session';
  return lookupKey('guessed from', userId, addressGroup(client.address)).toString('hex');
}

/** The field is what a mutation's input calls it; a sign-in has none. */
function codeWrong(code: 'unauthenticated' | 'invalid_argument'): AppError {
  const reason = 'factor_code_wrong';
  if (code === 'invalid_argument') return invalid('code', 'is not right, or has been used', reason);
  return new AppError(code, 'the code is not right, or has been used', { reason });
}

/** One answer for a challenge that nobody has, and for one that was answered, is worn out or too old. */
function challengeOver(): AppError {
  return new AppError('unauthenticated', 'sign in again with your password', { reason: 'factor_challenge_over' });
}

function alreadyEnabled(): AppError {
  return new AppError('failed_precondition', 'there is a second factor already', { reason: 'factor_enabled' });
}

function notEnrolling(): AppError {
  return new AppError('failed_precondition', 'begin anew: there is no secret that waits for its first code', {
    reason: 'factor_not_enrolling',
  });
}

function notEnabled(): AppError {
  return new AppError('failed_precondition', 'there is no second factor', { reason: 'factor_not_enabled' });
}
