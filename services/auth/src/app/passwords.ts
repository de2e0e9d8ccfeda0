import { AppError, invalid, notFound } from '@andvari/kit/base/errors';
import type { Client } from '../domain/client.ts';
import {
  apiKeyRevokedEvents,
  mailRequestedEvent,
  passwordChangedEvent,
  passwordResetRequestedEvent,
  sessionRevokedEvents,
} from '../messages/events.ts';
import { signAccessToken } from '../ports/access-tokens.ts';
import { lookupKey, newToken, tokenHash } from '../ports/secrets.ts';
import { countApiKeys, revokeApiKeys } from '../store/api-keys.ts';
import { deleteChallenges } from '../store/factors.ts';
import {
  countPasswordResets,
  deletePasswordResets,
  findPasswordReset,
  insertPasswordReset,
  takePasswordReset,
} from '../store/password-resets.ts';
import { authenticateSession, revokeSessions } from '../store/sessions.ts';
import { deleteThrottles } from '../store/throttles.ts';
import { findUser, findUserByEmail, lockUser, setPassword, shareUser, type User } from '../store/users.ts';
import type { Deps } from './deps.ts';
import { accountKey, atHomeKey, type Counted, countFailure, passwordChangeKey, refuseLocked } from './lockout.ts';
import { requireFitPassword } from './new-password.ts';
import { MAX_MAILS, tokenInvalid } from './registration.ts';

const MINUTE_US = 60_000_000n;
const RESET_US = 30n * MINUTE_US;

export function changingPasswords({ db, commit, now, passwords, policy, metrics, mailTokens, signingKeys }: Deps) {
  return {
    /** All other sessions end: whoever else is signed in with the old password is out. API keys end too when asked for. */
    async changePassword(
      userId: string,
      change: {
        sessionId: string;
        currentPassword: string;
        newPassword: string;
        revokeApiKeys: boolean;
        client: Client;
      },
    ): Promise<{ revokedApiKeys: number; remainingApiKeys: number }> {
      const { currentPassword, newPassword, client } = change;
      const user = await findUser(db, userId);
      if (user === undefined) throw notFound('user', userId);
      requireFitPassword('new_password', newPassword, user.email);
      const counted = await verified(user, currentPassword, client, 'current_password');
      const passwordHash = await passwords.hash(newPassword, client.address);
      const atUs = now();
      const { revoked, ...keys } = await commit(async (tx, say) => {
        await refuseLocked(tx, counted, atUs);
        const current = await lockUser(tx, userId);
        if (current?.passwordHash !== user.passwordHash) throw changedMeanwhile();
        await setPassword(tx, userId, passwordHash, atUs);
        await deletePasswordResets(tx, userId);
        await deleteChallenges(tx, userId);
        await deleteThrottles(tx, [passwordChangeKey(userId)]);
        const ended = await revokeSessions(tx, userId, { except: change.sessionId }, 'password_changed', atUs);
        const revokedKeys = change.revokeApiKeys ? await revokeApiKeys(tx, userId, undefined, atUs) : [];
        const remainingApiKeys = await countApiKeys(tx, userId);
        say(
          passwordChangedEvent(userId, 'changed'),
          ...sessionRevokedEvents(userId, ended, 'password_changed'),
          ...apiKeyRevokedEvents(userId, revokedKeys),
        );
        return { revoked: ended, revokedApiKeys: revokedKeys.length, remainingApiKeys };
      });
      metrics.revocations.inc({ reason: 'password_changed' }, revoked.length);
      return keys;
    },

    /** The session goes on as one whose user has just shown who they are. Guesses count like those at a change. */
    async confirmPassword(
      userId: string,
      { sessionId, password, client }: { sessionId: string; password: string; client: Client },
    ): Promise<{ accessToken: string; accessExpiresAtUs: bigint }> {
      const user = await findUser(db, userId);
      if (user === undefined) throw notFound('user', userId);
      const counted = await verified(user, password, client, 'password');
      const key = await signingKeys.current();
      const atUs = now();
      const { session, rolesVersion } = await commit(async (tx) => {
        await refuseLocked(tx, counted, atUs);
        const current = await shareUser(tx, userId);
        if (current?.passwordHash !== user.passwordHash) throw changedMeanwhile();
        const confirmed = await authenticateSession(tx, userId, sessionId, atUs);
        if (confirmed === undefined) throw notFound('session', sessionId);
        await deleteThrottles(tx, [passwordChangeKey(userId)]);
        return { session: confirmed, rolesVersion: current.rolesVersion };
      });
      const { token, expiresAtUs } = await signAccessToken(key, session, rolesVersion, atUs);
      return { accessToken: token, accessExpiresAtUs: expiresAtUs };
    },

    /** Answers nothing, whether the address is known or not: both cost a row and an event. */
    async requestPasswordReset(email: string): Promise<void> {
      const { token, hash } = newToken();
      const emailKey = lookupKey('reset', email);
      const atUs = now();
      await commit(async (tx, say) => {
        const mails = await countPasswordResets(tx, emailKey, atUs - 60n * MINUTE_US);
        const user = await findUserByEmail(tx, email);
        await insertPasswordReset(tx, {
          tokenHash: hash,
          userId: user?.userId,
          emailKey,
          createdAtUs: atUs,
          expiresAtUs: atUs + RESET_US,
        });
        say(passwordResetRequestedEvent(user?.userId));
        if (user !== undefined && mails < MAX_MAILS) {
          const template = 'reset_password';
          const sealed_token = mailTokens.seal(token, { to: email, template });
          say(mailRequestedEvent(user.userId, email, template, { sealed_token }));
        }
      });
    },

    /**
     * The token works once. Every session and API key ends: who has to reset has lost control. The owner is not kept out by those who
     * guessed. A second factor stays, and so does its lock: whoever reads somebody's letters is not in with that alone.
     */
    async resetPassword(token: string, newPassword: string, client: Client): Promise<void> {
      const hash = tokenHash(token);
      const userId = hash && (await findPasswordReset(db, hash, now()));
      const user = userId === undefined ? undefined : await findUser(db, userId);
      if (hash === undefined || user === undefined) throw tokenInvalid();
      requireFitPassword('new_password', newPassword, user.email);
      const passwordHash = await passwords.hash(newPassword, client.address);
      const atUs = now();
      const revoked = await commit(async (tx, say) => {
        const locked = await lockUser(tx, user.userId);
        if (locked === undefined || !(await takePasswordReset(tx, hash, atUs))) throw tokenInvalid();
        await setPassword(tx, user.userId, passwordHash, atUs);
        await deletePasswordResets(tx, user.userId);
        await deleteChallenges(tx, user.userId);
        await deleteThrottles(tx, [accountKey(user.email), atHomeKey(user.email, client)]);
        const ended = await revokeSessions(tx, user.userId, 'all', 'password_changed', atUs);
        say(
          passwordChangedEvent(user.userId, 'reset'),
          ...sessionRevokedEvents(user.userId, ended, 'password_changed'),
          ...apiKeyRevokedEvents(user.userId, await revokeApiKeys(tx, user.userId, undefined, atUs)),
        );
        return ended;
      });
      metrics.revocations.inc({ reason: 'password_changed' }, revoked.length);
    },
  };

  /** Checks the password of somebody who is signed in, and answers what its failures are counted under. */
  async function verified(user: User, password: string, client: Client, field: string): Promise<Counted[]> {
    const counted = [{ key: passwordChangeKey(user.userId), schedule: policy.accountLockout }];
    await refuseLocked(db, counted, now());
    if (await passwords.verify(user.passwordHash, password, client.address)) return counted;
    await commit((tx) => countFailure(tx, counted, now()));
    throw invalid(field, 'is not your password', 'password_wrong');
  }
}

function changedMeanwhile(): AppError {
  return new AppError('failed_precondition', 'the password has been changed meanwhile', {
    reason: 'password_changed_meanwhile',
  });
}
