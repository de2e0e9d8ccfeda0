import { randomUUID } from 'node:crypto';
import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import { ensureStreams } from '@andvari/kit/nats/streams';
import { openLog } from '@andvari/kit/observe/log';
import { Scope } from '@andvari/kit/process/scope';
import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO } from '@andvari/money';
import {
  type Command,
  GroupType,
  OrderType,
  type PlaceOrder,
  Session,
  TimeInForce,
} from '@andvari/proto/engine/v1/commands';
import { ExecType, ExecutionReport } from '@andvari/proto/engine/v1/reports';
import { command } from '@andvari/proto/events';
import type { ReserveRequest } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../../engine/src/config.ts';
import { start as startEngine } from '../../../engine/src/main.ts';
import {
  balance,
  buyOf,
  caughtUp,
  expectClean,
  giveShares,
  type Opened,
  opened,
  openPortfolio,
  operator,
  orders,
  type Portfolio,
  sellOf,
} from './portfolio-fixture.ts';

/** The engine itself, its log and its reports, and the ledger that settles them. */
let portfolio: Portfolio;
let engine: Scope;
let ann: Opened;
let bob: Opened;

beforeAll(async () => {
  portfolio = await openPortfolio();
  await ensureStreams(portfolio.nats, ['COMMANDS', 'EXECUTIONS']);
  engine = await started();
  ann = await opened(portfolio, { cash: 100_000n * MICRO });
  bob = await opened(portfolio, { cash: 100_000n * MICRO });
  await giveShares(portfolio, bob, 100n);
  await openMarket();
});
afterAll(async () => {
  await engine.close();
  await portfolio.close();
});

async function started(): Promise<Scope> {
  const scope = new Scope(openLog('engine', 'silent'));
  await startEngine(scope, readConfig({ ...portfolio.env, MARKET_MAKER: 'false', LEASE_MS: '300' }));
  return scope;
}

const openMarket = (): Promise<void> =>
  tell(
    { $case: 'defineInstrument', value: { tick: 10_000n, tickBelowOne: 100n, lot: 1n } },
    { $case: 'setSession', value: { session: Session.SESSION_OPEN } },
  );

const tell = (...bodies: NonNullable<Command['body']>[]): Promise<void> =>
  portfolio.publish(
    ...bodies.map((body) => newEvent(command, { symbol: 'AAPL', body }, { source: 'test', subject: { partition: 0 } })),
  );

function termsOf(order: ReserveRequest, owner: Opened, px: bigint, more: Partial<PlaceOrder> = {}): PlaceOrder {
  return {
    orderId: order.orderId,
    accountId: owner.id,
    userId: owner.userId,
    side: order.side,
    type: OrderType.ORDER_TYPE_LIMIT,
    timeInForce: TimeInForce.TIME_IN_FORCE_GTC,
    qty: order.qty,
    limitPx: px * MICRO,
    stopPx: 0n,
    trailAmount: 0n,
    trailPercent: 0n,
    postOnly: false,
    collarPx: 0n,
    collarOffset: 0n,
    ...more,
  };
}

async function place(order: ReserveRequest, owner: Opened, px: bigint, more?: Partial<PlaceOrder>): Promise<void> {
  await orders(portfolio).reserve(order);
  await tell({ $case: 'placeOrder', value: termsOf(order, owner, px, more) });
}

const cancelOf = ({ orderId }: { orderId: string }, { id: accountId, userId }: Opened) =>
  ({ $case: 'cancelOrder', value: { orderId, accountId, userId, byOperator: false } }) as const;

const replaceOf = (orderId: string, newOrderId: string, { id: accountId, userId }: Opened, qty: bigint) => {
  const value = { orderId, newOrderId, accountId, userId, qty, limitPx: 10n * MICRO, stopPx: 0n };
  return { $case: 'replaceOrder', value: { ...value, trailAmount: 0n, trailPercent: 0n } } as const;
};

/** A buy of Ann's that Bob fills in part, that is replaced and then cancelled. */
async function tradeAndChange(): Promise<void> {
  const [buy, sale] = [buyOf(ann, 10n, 10n), sellOf(bob, 4n)];
  await place(buy, ann, 10n);
  await place(sale, bob, 10n);
  const next = { ...buy, orderId: randomUUID(), qty: 8n * MICRO, amount: 80n * MICRO, replaces: buy.orderId };
  await caughtUp(portfolio);
  await orders(portfolio).reserve(next);
  await tell(replaceOf(buy.orderId, next.orderId, ann, 8n * MICRO), cancelOf(next, ann), cancelOf(next, ann));
  await tell(replaceOf(randomUUID(), randomUUID(), ann, MICRO));
}

/** A day order that expires, one off the tick, a stop that a trade triggers, and a pair of exits of which one is filled in part. */
async function everythingElse(): Promise<void> {
  await place(buyOf(ann, 1n, 5n), ann, 5n, { timeInForce: TimeInForce.TIME_IN_FORCE_DAY });
  await tell({ $case: 'expireDayOrders', value: {} });
  await place(buyOf(ann, 1n, 6n), ann, 5n, { limitPx: 5_000_001n });
  const stop = { type: OrderType.ORDER_TYPE_STOP_LIMIT, stopPx: 12n * MICRO };
  await place(buyOf(ann, 1n, 12n), ann, 12n, stop);
  await place(sellOf(bob, 1n), bob, 12n);
  await place(buyOf(ann, 1n, 12n), ann, 12n);
  await place(sellOf(bob, 1n), bob, 12n);
  const legs = [sellOf(bob, 3n), sellOf(bob, 3n)] as const;
  const groupId = randomUUID();
  await orders(portfolio).reserveGroup({
    groupId,
    type: GroupType.GROUP_TYPE_OCO,
    accountId: bob.id,
    symbol: 'AAPL',
    legs: legs.map(({ orderId, side, asset, amount, qty }) => ({ orderId, side, asset, amount, qty })),
  });
  const [profit, loss] = [
    termsOf(legs[0], bob, 13n),
    termsOf(legs[1], bob, 8n, { type: OrderType.ORDER_TYPE_STOP_LIMIT, stopPx: 9n * MICRO }),
  ];
  await tell({ $case: 'placeGroup', value: { groupId, type: GroupType.GROUP_TYPE_OCO, legs: [profit, loss] } });
  await place(buyOf(ann, 1n, 13n), ann, 13n);
  await tell(cancelOf(legs[0], bob));
}

type Stored = { readonly event: OutgoingEvent; readonly report: ExecutionReport };

/** All that the stream has of the engine, in its order. */
async function said(): Promise<Stored[]> {
  const { state } = await portfolio.nats.jsm.streams.info('EXECUTIONS');
  const found: Stored[] = [];
  for (let seq = 1; seq <= state.last_seq; seq += 1) {
    const message = await portfolio.nats.jsm.streams.getMessage('EXECUTIONS', { seq });
    if (message === null) continue;
    const [id, type] = ['ce-id', 'ce-type'].map((name) => message.header.get(name));
    if (id === undefined || !id.startsWith('0-')) continue;
    found.push({
      event: {
        id,
        subject: message.subject,
        headers: {
          'ce-id': id,
          'ce-type': type ?? '',
          'ce-source': 'engine',
          'ce-time': message.header.get('ce-time'),
        },
        payload: message.data,
      },
      report: ExecutionReport.decode(message.data),
    });
  }
  return found;
}

/** As messages of their own, as when the stream has forgotten that it had them. */
const again = (...messages: Stored[]): Promise<void> =>
  portfolio.publish(...messages.map(({ event }) => ({ ...event, id: randomUUID() })));

const changed = ({ event, report }: Stored): Stored => {
  const other = { ...report, reason: `${report.reason} or another`, cumQty: report.cumQty + 1n };
  return { report: other, event: { ...event, payload: ExecutionReport.encode(other).finish() } };
};

/** Of its log, whichever that is. */
const numbered = ({ report }: Stored): string => report.execId.split('-').slice(-2).join('-');

const reasons = async (): Promise<string[]> => {
  const { letters } = await operator(portfolio).listDeadLetters({ consumer: 'portfolio-executions', page: undefined });
  return letters.map(({ error }) => /\((\w+)\)/.exec(error)?.[1] ?? error);
};

const books = async () => {
  await caughtUp(portfolio);
  const both = [ann, bob].flatMap(({ id }) => [balance(portfolio, id), balance(portfolio, id, 'AAPL')]);
  return Promise.all(both);
};

const everyKind = Object.values(ExecType).filter((kind) => typeof kind === 'number' && kind > 0);

test('every kind of report is known by what it said', { timeout: 120_000 }, async () => {
  await tradeAndChange();
  await everythingElse();
  const before = await eventually(async () => {
    const quiet = await books();
    expect(quiet.map(({ reserved }) => reserved)).toEqual([0n, 0n, 0n, 0n]);
    return quiet;
  });
  const all = await said();
  const kinds = new Set(all.map(({ report }) => report.execType));
  expect(everyKind.filter((kind) => !kinds.has(kind))).toEqual([]);
  expect(await reasons()).toEqual([]);

  // With no leader for two minutes the last reports are stored twice.
  await again(...all);
  expect(await books()).toEqual(before);
  expect(await reasons()).toEqual([]);

  await again(...all.map(changed));
  expect(await books()).toEqual(before);
  expect(await reasons()).toEqual(all.map(() => 'contents_differ'));
  await expectClean(portfolio);
});

test('what a log that was made anew tells is settled, though its numbers were used before', {
  timeout: 120_000,
}, async () => {
  const before = await said();
  const [held] = await books();
  const letters = await reasons();
  await engine.close();
  for (const stream of ['COMMANDS', 'KV_engine-leases', 'OBJ_engine-snapshots'])
    await portfolio.nats.jsm.streams.delete(stream);
  await ensureStreams(portfolio.nats, ['COMMANDS']);
  engine = await started();
  await openMarket();
  await place(buyOf(ann, 10n, 10n), ann, 10n);
  await place(sellOf(bob, 4n), bob, 10n);
  const after = await eventually(async () => {
    const messages = (await said()).slice(before.length);
    expect(messages.filter(({ report }) => report.execType === ExecType.EXEC_TYPE_FILL)).toHaveLength(2);
    return messages;
  });
  const used = new Set(before.map(numbered));
  expect(after.filter((message) => used.has(numbered(message)))).not.toEqual([]);
  const [now] = await books();
  expect(now).toEqual({ posted: (held?.posted ?? 0n) - 40n * MICRO, reserved: 60n * MICRO });
  expect(await reasons()).toEqual(letters);
  await expectClean(portfolio);
});
