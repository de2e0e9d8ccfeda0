import { notFound } from '@andvari/kit/base/errors';
import type { Page } from '@andvari/kit/handler/page';
import type { RevokeReason, Session } from '../domain/session.ts';
import { sessionRevokedEvents } from '../messages/events.ts';
import { countSessions, listSessions, revokeSessions, type Which } from '../store/sessions.ts';
import type { Deps } from './deps.ts';

export function endingSessions({ db, commit, now, metrics }: Deps) {
  const revoke = async (userId: string, which: Which, reason: RevokeReason): Promise<string[]> => {
    const revoked = await commit(async (tx, say) => {
      const ended = await revokeSessions(tx, userId, which, reason, now());
      say(...sessionRevokedEvents(userId, ended, reason));
      return ended;
    });
    metrics.revocations.inc({ reason }, revoked.length);
    return revoked;
  };

  return {
    /** A session that is over already is as it should be. */
    async logout(userId: string, sessionId: string): Promise<void> {
      await revoke(userId, { only: sessionId }, 'logout');
    },

    logoutAll(userId: string, exceptSessionId: string | undefined): Promise<string[]> {
      return revoke(userId, exceptSessionId === undefined ? 'all' : { except: exceptSessionId }, 'logout_all');
    },

    async revokeSession(userId: string, sessionId: string): Promise<void> {
      if ((await revoke(userId, { only: sessionId }, 'revoked')).length === 0) throw notFound('session', sessionId);
    },

    countSessions(): Promise<number> {
      return countSessions(db, now());
    },

    /** One more than the page holds, where there is more. */
    listSessions(userId: string, page: Page): Promise<Session[]> {
      return listSessions(db, userId, page, now());
    },
  };
}
