import { AppError, assert, isAppError } from '@andvari/kit/base/errors';
import type { Tx } from '@andvari/kit/db/types';
import type { OutgoingEvent } from '@andvari/kit/events/event';
import type { Client } from '../domain/client.ts';
import { isLocked } from '../domain/lockout.ts';
import { CHALLENGE_US } from '../domain/second-factor.ts';
import { decideRefresh, type Session } from '../domain/session.ts';
import { accountLockedEvent, loginFailedEvent, refreshReusedEvent, sessionRevokedEvents } from '../messages/events.ts';
import { sealer } from '../ports/sealed.ts';
import { newToken, tokenHash } from '../ports/secrets.ts';
import { hasFactor, insertChallenge } from '../store/factors.ts';
import { findWaitingHash } from '../store/registrations.ts';
import { insertRefreshToken, lockByRefreshToken, revokeSessions, rotateSession } from '../store/sessions.ts';
import { findUserByEmail, replaceHash, shareUser, type User } from '../store/users.ts';
import type { Deps } from './deps.ts';
import { type IssuedTokens, issueTokens } from './issue-tokens.ts';
import { type Counted, countedFor, countFailure, refuseLocked } from './lockout.ts';
import { openSession } from './open-session.ts';

/** Somebody is in, or has to show a second factor first. */
export type LoginOutcome =
  | { readonly type: 'signed_in'; readonly tokens: IssuedTokens }
  | { readonly type: 'factor_asked'; readonly challenge: { readonly token: string; readonly expiresAtUs: bigint } };

export function signingIn({ db, commit, now, passwords, signingKeys, policy, metrics }: Deps) {
  return {
    /** The same answer, after the same work, for an address that nobody has and for a wrong password. */
    async login(email: string, password: string, client: Client): Promise<LoginOutcome> {
      const [counted, user] = await Promise.all([countedFor(db, email, client, policy), findUserByEmail(db, email)]);
      await counting('locked', refuseLocked(db, counted, now()));
      const matches = await counting('queue_full', passwords.verify(user?.passwordHash, password, client.address));
      if (user === undefined || !matches) {
        if (await isWaitingForProof(email, password, client)) {
          await counting('locked', refuseLocked(db, counted, now()));
          metrics.logins.inc({ outcome: 'not_verified' });
          throw emailNotVerified();
        }
        await counting('locked', noteFailure(user, client, counted));
        metrics.logins.inc({ outcome: 'failed' });
        throw credentialsInvalid();
      }
      const outcome = await counting('locked', signIn(user, client, counted));
      if (outcome.type === 'signed_in') metrics.logins.inc({ outcome: 'succeeded' });
      else metrics.factorChecks.inc({ outcome: 'asked' });
      if (passwords.isOutdated(user.passwordHash)) await rehash(user, password, client);
      return outcome;
    },

    /** A new refresh token for an old one. What each is worth is decided in domain/session.ts. */
    async refresh(refreshToken: string, client: Client): Promise<IssuedTokens> {
      const hash = tokenHash(refreshToken);
      if (hash === undefined) throw refreshRefused('refresh_invalid');
      const key = await signingKeys.current();
      const child = newToken();
      const successor = sealer([refreshToken], 'refresh successor');
      const opened = (sealed: Buffer | undefined, sessionId: string): string => {
        const token = sealed === undefined ? undefined : successor.open(sealed, sessionId);
        assert(token, 'a successor was not sealed with the token before it');
        return token.toString();
      };
      const atUs = now();
      const outcome = await commit(async (tx, say) => {
        const presented = await lockByRefreshToken(tx, hash);
        if (presented === undefined) return { type: 'refused', reason: 'refresh_invalid' } as const;
        const { session, generation, rolesVersion } = presented;
        const decision = decideRefresh(session, generation, client, policy.sessions, atUs);
        switch (decision.type) {
          case 'rotated':
            await rotateSession(tx, decision.session, successor.seal(Buffer.from(child.token), session.sessionId));
            await insertRefreshToken(tx, decision.session, child.hash);
            return { ...decision, rolesVersion, token: child.token };
          case 'in_grace':
            return { ...decision, rolesVersion, token: opened(presented.sealedSuccessor, session.sessionId) };
          case 'reused':
            say(...(await endFamily(tx, session, client, atUs)));
            return decision;
          case 'refused':
            return decision;
        }
      });
      metrics.refreshes.inc({ outcome: outcome.type });
      switch (outcome.type) {
        case 'rotated':
        case 'in_grace':
          return issueTokens(key, { ...outcome, refreshToken: outcome.token }, atUs);
        case 'reused':
          metrics.revocations.inc({ reason: 'refresh_reused' });
          throw refreshRefused('refresh_reused');
        case 'refused':
          throw refreshRefused(outcome.reason);
      }
    },
  };

  /**
   * Whoever knows the password of an attempt to register is told that only the proof is missing. The same where somebody
   * else has the address: it would tell who has an account otherwise.
   */
  async function isWaitingForProof(email: string, password: string, { address }: Client): Promise<boolean> {
    const waiting = await findWaitingHash(db, email, now());
    return waiting !== undefined && counting('queue_full', passwords.verify(waiting, password, address));
  }

  /** A right password clears no failures where a second factor is still to come: its guesses would begin anew with each. */
  async function signIn(
    user: User,
    client: Client,
    counted: readonly [account: Counted, address: Counted],
  ): Promise<LoginOutcome> {
    const { userId } = user;
    const key = await signingKeys.current();
    const fresh = newToken();
    const atUs = now();
    const opened = await commit(async (tx, say) => {
      // Those who guess many at a time get no more guesses than those who guess one after the other.
      await refuseLocked(tx, counted, atUs);
      const current = await shareUser(tx, userId);
      // Changed or erased while the old one was checked.
      if (current?.passwordHash !== user.passwordHash) throw credentialsInvalid();
      if (await hasFactor(tx, userId)) {
        await insertChallenge(tx, { tokenHash: fresh.hash, userId, expiresAtUs: atUs + CHALLENGE_US });
        return undefined;
      }
      const toOpen = { userId, client, refreshTokenHash: fresh.hash, counted };
      const session = await openSession(tx, say, toOpen, policy.sessions, atUs);
      return { session, rolesVersion: current.rolesVersion };
    });
    if (opened === undefined) {
      return { type: 'factor_asked', challenge: { token: fresh.token, expiresAtUs: atUs + CHALLENGE_US } };
    }
    return { type: 'signed_in', tokens: await issueTokens(key, { ...opened, refreshToken: fresh.token }, atUs) };
  }

  async function noteFailure(user: User | undefined, client: Client, counted: readonly Counted[]): Promise<void> {
    const atUs = now();
    await commit(async (tx, say) => {
      const [account] = await countFailure(tx, counted, atUs);
      say(loginFailedEvent(user?.userId, client));
      if (user !== undefined && account !== undefined && isLocked(account, atUs)) {
        say(accountLockedEvent(user.userId, account.lockedUntilUs));
      }
    });
  }

  /** A full queue is no reason to turn somebody away who has proved who they are; the next sign-in does it. */
  async function rehash(user: User, password: string, { address }: Client): Promise<void> {
    try {
      await replaceHash(db, user.userId, user.passwordHash, await passwords.hash(password, address));
    } catch (error) {
      if (!isAppError(error, 'resource_exhausted')) throw error;
    }
  }

  async function counting<T>(outcome: 'locked' | 'queue_full', attempt: Promise<T>): Promise<T> {
    try {
      return await attempt;
    } catch (error) {
      if (isAppError(error, 'resource_exhausted')) metrics.logins.inc({ outcome });
      throw error;
    }
  }
}

/** Two hold copies of a token, and one of them stole it: out with both. */
async function endFamily(tx: Tx, session: Session, client: Client, atUs: bigint): Promise<OutgoingEvent[]> {
  const revoked = await revokeSessions(tx, session.userId, { only: session.sessionId }, 'refresh_reused', atUs);
  return [refreshReusedEvent(session, client), ...sessionRevokedEvents(session.userId, revoked, 'refresh_reused')];
}

function credentialsInvalid(): AppError {
  return new AppError('unauthenticated', 'wrong email or password', { reason: 'credentials_invalid' });
}

function emailNotVerified(): AppError {
  return new AppError('failed_precondition', 'open the link in your mail first', { reason: 'email_not_verified' });
}

function refreshRefused(
  reason: 'refresh_invalid' | 'refresh_reused' | 'session_revoked' | 'session_expired',
): AppError {
  return new AppError('unauthenticated', 'sign in again', { reason });
}
