import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { testService } from '@andvari/kit/testing/test-service';
import * as events from '@andvari/proto/events';
import { type QueryAuditRequest, SecurityServiceService } from '@andvari/proto/security/v1/security';
import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';

export const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
export const from = { source: 'auth', traceparent: TRACE };

export function login(userId: string): OutgoingEvent {
  const message = { userId, sessionId: uuidv7(), address: '203.0.113.7', userAgent: 'Netscape', newDevice: true };
  return newEvent(events.loginSucceeded, message, from);
}

export type AuditWorld = Awaited<ReturnType<typeof auditWorld>>;

/** The service with every stream that its trail is made of, and somebody who may read it. */
export async function auditWorld() {
  const security = await testService({
    readConfig,
    start,
    migrations,
    streams: ['AUTH', 'USER', 'ORDER', 'PORTFOLIO', 'SECURITY', 'MARKET', 'EXECUTIONS'],
    env: {
      POSTGRES_CONNECTIONS: '1',
      AUDIT_CHECKPOINT_ROWS: '7',
      AUDIT_CHECKPOINT_MS: '100',
      AUDIT_EXECUTIONS: 'true',
    },
  });
  const auditor = () => security.client(SecurityServiceService, { userId: uuidv7(), scopes: ['audit:read'] });
  const query = (narrowed: Partial<QueryAuditRequest>) =>
    auditor().queryAudit({ actor: '', action: '', entity: '', fromUs: 0n, toUs: 0n, page: undefined, ...narrowed });
  return {
    security,
    auditor,
    verify: () => auditor().verifyAudit({ fromSequence: 0n, limit: 0n }),
    query,
    recorded: (entity: string, count: number) =>
      eventually(async () => {
        const { entries } = await query({ entity });
        expect(entries).toHaveLength(count);
        return entries;
      }),
    loggedIn: async (userId = uuidv7()): Promise<string> => {
      await security.publish(login(userId));
      await eventually(async () => expect((await query({ actor: userId })).entries.length).toBeGreaterThan(0));
      return userId;
    },
  };
}
