import type { Tx } from '@andvari/kit/db/types';
import { v7 as uuidv7 } from 'uuid';
import { mailOf } from '../domain/mail.ts';
import { apiKeyRevokedEvents, sessionRevokedEvents, userErasedEvent } from '../messages/events.ts';
import { revokeApiKeys } from '../store/api-keys.ts';
import {
  type DevelopmentMail,
  deleteDevelopmentMails,
  insertDevelopmentMail,
  listDevelopmentMails,
} from '../store/development-mails.ts';
import { deleteRegistrations } from '../store/registrations.ts';
import { revokeSessions } from '../store/sessions.ts';
import { sweep } from '../store/sweep.ts';
import { deleteThrottles } from '../store/throttles.ts';
import { deleteUser, lockUser, raiseRolesVersion } from '../store/users.ts';
import type { Deps } from './deps.ts';
import { accountKey, passwordChangeKey } from './lockout.ts';

/** What auth does because of what happened elsewhere, in the transaction that notes the news as received. */
export function reactions({ db, now, append, metrics, mailTokens, publicUrl }: Deps) {
  return {
    raiseRolesVersion,

    /**
     * Auth's part in the end of an account. Asked again, it answers again: whoever waits for the answer may have missed it.
     */
    async eraseUser(tx: Tx, userId: string): Promise<void> {
      const user = await lockUser(tx, userId);
      const sessionIds = await revokeSessions(tx, userId, 'all', 'user_deleted', now());
      const keyIds = await revokeApiKeys(tx, userId, undefined, now());
      if (user !== undefined) {
        await deleteRegistrations(tx, user.email);
        await deleteDevelopmentMails(tx, user.email);
        await deleteThrottles(tx, [accountKey(user.email), passwordChangeKey(userId)]);
        await deleteUser(tx, userId);
      }
      await append(tx, [
        ...sessionRevokedEvents(userId, sessionIds, 'user_deleted'),
        ...apiKeyRevokedEvents(userId, keyIds),
        userErasedEvent(userId),
      ]);
      metrics.revocations.inc({ reason: 'user_deleted' }, sessionIds.length);
    },

    /** Deletes a batch of what is over, and says how much. */
    sweep: () => sweep(db, now()),

    async keepDevelopmentMail(
      tx: Tx,
      mail: { to: string; template: string; sealedToken: string; createdAtUs: bigint },
    ): Promise<void> {
      const { to, template, sealedToken, createdAtUs } = mail;
      const token = mailTokens.open(sealedToken, { to, template }) ?? '';
      await insertDevelopmentMail(tx, { ...mailOf(template, token, publicUrl), id: uuidv7(), to, createdAtUs });
    },

    listDevelopmentMails(to: string, limit: number): Promise<DevelopmentMail[]> {
      return listDevelopmentMails(db, to, limit);
    },
  };
}
