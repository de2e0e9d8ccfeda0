import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { testService } from '@andvari/kit/testing/test-service';
import { Side } from '@andvari/proto/engine/v1/commands';
import { ExecType, ExecutionReport, OrderStatus } from '@andvari/proto/engine/v1/reports';
import * as events from '@andvari/proto/events';
import { Funding, type FundingState, FundingType } from '@andvari/proto/portfolio/v1/portfolio';
import { UserServiceService } from '@andvari/proto/user/v1/user';
import { v7 as uuidv7 } from 'uuid';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';

const scopes = [
  'profile:read:own',
  'preferences:read:own',
  'preferences:update:own',
  'notification:read:own',
  'notification:update:own',
];

export type InboxWorld = Awaited<ReturnType<typeof inboxWorld>>;

/** The service with every stream that it makes news of. */
export async function inboxWorld() {
  const user = await testService({
    readConfig,
    start,
    migrations,
    streams: ['USER', 'AUTH', 'PORTFOLIO', 'EXECUTIONS'],
    env: { POSTGRES_CONNECTIONS: '8' },
  });
  const as = (userId: string) => user.client(UserServiceService, { userId, scopes });
  return {
    user,
    as,
    inbox: async (userId: string, unreadOnly = false) =>
      (await as(userId).listNotifications({ userId, unreadOnly, page: undefined, ids: [] })).notifications,
    unread: async (userId: string) => (await as(userId).countUnreadNotifications({ userId })).count,
    registered: async (): Promise<string> => {
      const userId = uuidv7();
      const message = { userId, email: `${userId}@example.com`, givenName: 'Ada', familyName: 'L', locale: 'en' };
      await user.publish(newEvent(events.userRegistered, message, { source: 'auth' }));
      await eventually(() => as(userId).getProfile({ userId }));
      return userId;
    },
  };
}

export function report(userId: string, fields: Partial<ExecutionReport>): OutgoingEvent {
  const empty = ExecutionReport.decode(new Uint8Array());
  const message = {
    ...empty,
    userId,
    orderId: uuidv7(),
    accountId: uuidv7(),
    symbol: 'AAPL',
    side: Side.SIDE_BUY,
    ...fields,
  };
  const type = message.execType === ExecType.EXEC_TYPE_FILL ? 'fill' : 'rejected';
  return newEvent(events.executionReport, message, { source: 'engine', subject: { account_partition: 0, type } });
}
export const filled = (userId: string, fields: Partial<ExecutionReport> = {}) =>
  report(userId, {
    execType: ExecType.EXEC_TYPE_FILL,
    ordStatus: OrderStatus.ORDER_STATUS_FILLED,
    cumQty: 10_000_000n,
    avgPx: 187_250_000n,
    ...fields,
  });

export function deposit(userId: string, state: FundingState): OutgoingEvent {
  const funding = {
    ...Funding.decode(new Uint8Array()),
    id: uuidv7(),
    type: FundingType.FUNDING_TYPE_DEPOSIT,
    currency: 'CAD',
    amount: 1_500_500_000n,
    state,
  };
  return newEvent(events.fundingChanged, { userId, accountId: uuidv7(), funding }, { source: 'portfolio' });
}

export function login(userId: string, newDevice: boolean): OutgoingEvent {
  const message = { userId, sessionId: uuidv7(), address: '203.0.113.7', userAgent: 'Netscape', newDevice };
  return newEvent(events.loginSucceeded, message, { source: 'auth' });
}
