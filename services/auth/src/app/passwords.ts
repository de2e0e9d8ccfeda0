import { AppError, invalid, notFound } from '@andvari/kit/base/errors';
import type { Client } from '../domain/client.ts';
import { passwordProblem } from '../domain/password-policy.ts';
import {
  mailRequestedEvent,
  passwordChangedEvent,
  passwordResetRequestedEvent,
  sessionRevokedEvents,
} from '../messages/events.ts';
import { lookupKey, newToken, tokenHash } from '../ports/secrets.ts';
import {
  countPasswordResets,
  deletePasswordResets,
  findPasswordReset,
  insertPasswordReset,
  takePasswordReset,
} from '../store/password-resets.ts';
import { revokeSessions } from '../store/sessions.ts';
import { deleteThrottles } from '../store/throttles.ts';
import { findUser, findUserByEmail, lockUser, setPassword } from '../store/users.ts';
import { type Deps, record } from './deps.ts';
import { accountKey, atHomeKey, countFailure, passwordChangeKey, refuseLocked } from './lockout.ts';
import { MAX_LETTERS, tokenInvalid } from './registration.ts';

const MINUTE_US = 60_000_000n;
const RESET_US = 30n * MINUTE_US;

export function changingPasswords(deps: Deps) {
  const { db, now, passwords, policy, metrics } = deps;
  return {
    /** All other sessions end: whoever else is signed in with the old password is out. */
    async changePassword(
      userId: string,
      change: { sessionId: string; currentPassword: string; newPassword: string; client: Client },
    ): Promise<void> {
      const { currentPassword, newPassword, client } = change;
      const user = await findUser(db, userId);
      if (user === undefined) throw notFound('user', userId);
      const problem = passwordProblem(newPassword, user.email);
      if (problem !== undefined) throw invalid('new_password', problem, 'password_unfit');
      const counted = [{ key: passwordChangeKey(userId), schedule: policy.accountLockout }];
      await refuseLocked(db, counted, now());
      if (!(await passwords.verify(user.passwordHash, currentPassword, client.address))) {
        await record(deps, (tx) => countFailure(tx, counted, now()));
        throw invalid('current_password', 'is not your password', 'password_wrong');
      }
      const passwordHash = await passwords.hash(newPassword, client.address);
      const atUs = now();
      const revoked = await record(deps, async (tx, say) => {
        await refuseLocked(tx, counted, atUs);
        const current = await lockUser(tx, userId);
        if (current?.passwordHash !== user.passwordHash) throw changedMeanwhile();
        await setPassword(tx, userId, passwordHash, atUs);
        await deletePasswordResets(tx, userId);
        await deleteThrottles(tx, [passwordChangeKey(userId)]);
        const ended = await revokeSessions(tx, userId, { except: change.sessionId }, 'password_changed', atUs);
        say(passwordChangedEvent(userId, 'changed'), ...sessionRevokedEvents(userId, ended, 'password_changed'));
        return ended;
      });
      metrics.revocations.inc({ reason: 'password_changed' }, revoked.length);
    },

    /** Answers nothing, whether the address is known or not: both cost a row and an event. */
    async requestPasswordReset(email: string): Promise<void> {
      const { token, hash } = newToken();
      const emailKey = lookupKey('reset', email);
      const atUs = now();
      await record(deps, async (tx, say) => {
        const letters = await countPasswordResets(tx, emailKey, atUs - 60n * MINUTE_US);
        const user = await findUserByEmail(tx, email);
        await insertPasswordReset(tx, {
          tokenHash: hash,
          userId: user?.userId,
          emailKey,
          createdAtUs: atUs,
          expiresAtUs: atUs + RESET_US,
        });
        say(passwordResetRequestedEvent(user?.userId));
        if (user !== undefined && letters < MAX_LETTERS) {
          say(mailRequestedEvent(user.userId, email, 'reset_password', { token }));
        }
      });
    },

    /** The token works once. Every session ends, and the owner is not kept out by those who guessed. */
    async resetPassword(token: string, newPassword: string, client: Client): Promise<void> {
      const hash = tokenHash(token);
      const userId = hash && (await findPasswordReset(db, hash, now()));
      const user = userId === undefined ? undefined : await findUser(db, userId);
      if (hash === undefined || user === undefined) throw tokenInvalid();
      const problem = passwordProblem(newPassword, user.email);
      if (problem !== undefined) throw invalid('new_password', problem, 'password_unfit');
      const passwordHash = await passwords.hash(newPassword, client.address);
      const atUs = now();
      const revoked = await record(deps, async (tx, say) => {
        const locked = await lockUser(tx, user.userId);
        if (locked === undefined || !(await takePasswordReset(tx, hash, atUs))) throw tokenInvalid();
        await setPassword(tx, user.userId, passwordHash, atUs);
        await deletePasswordResets(tx, user.userId);
        await deleteThrottles(tx, [accountKey(user.email), atHomeKey(user.email, client)]);
        const ended = await revokeSessions(tx, user.userId, 'all', 'password_changed', atUs);
        say(
          passwordChangedEvent(user.userId, 'reset'),
          ...sessionRevokedEvents(user.userId, ended, 'password_changed'),
        );
        return ended;
      });
      metrics.revocations.inc({ reason: 'password_changed' }, revoked.length);
    },
  };
}

function changedMeanwhile(): AppError {
  return new AppError('failed_precondition', 'the password has been changed meanwhile', {
    reason: 'password_changed_meanwhile',
  });
}
