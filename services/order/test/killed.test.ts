import { join } from 'node:path';
import { Secret } from '@andvari/kit/base/config';
import { isAppError } from '@andvari/kit/base/errors';
import { newEvent } from '@andvari/kit/events/event';
import { openMetrics } from '@andvari/kit/observe/metrics';
import type { Scope } from '@andvari/kit/process/scope';
import { connectRpc } from '@andvari/kit/rpc/client';
import { serveRpc } from '@andvari/kit/rpc/server';
import { eventually } from '@andvari/kit/testing/eventually';
import { type ServiceProcess, startServiceProcess } from '@andvari/kit/testing/service-process';
import { testScope } from '@andvari/kit/testing/test-scope';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { type Command, GroupType, Session, Side } from '@andvari/proto/engine/v1/commands';
import { EngineServiceService } from '@andvari/proto/engine/v1/engine';
import { OrderStatus } from '@andvari/proto/engine/v1/reports';
import { command } from '@andvari/proto/events';
import { OrderServiceService } from '@andvari/proto/order/v1/order';
import type { ReserveRequest } from '@andvari/proto/portfolio/v1/portfolio';
import { ownPort } from '@andvari/servers/own-port';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EngineProcess, startEngine } from '../../engine/test/engine-process.ts';
import { migrations } from '../src/main.ts';
import { type CrashPoint, crashPoints } from './crash-points.ts';
import { bracketLegs, limitBuy, micro, rights } from './order-fixture.ts';
import { reservationDesk } from './reservation-desk.ts';

const PROCESS = join(import.meta.dirname, 'crashing-order.ts');
const scope = testScope();
const held = new Map<string, ReserveRequest>();
let running: ServiceProcess;
let order: TestService<{ port: number }>;
let engine: EngineProcess;
let neighbours: Record<string, string>;

beforeAll(async () => {
  const enginePort = await ownPort();
  const { port } = await serveRpc(scope, {
    port: 0,
    services: [reservationDesk(held)],
    callerKey: key(),
    metrics: metrics(),
  });
  neighbours = { PORTFOLIO_ADDR: `127.0.0.1:${port}`, ENGINE_ADDR: `127.0.0.1:${enginePort}` };
  order = await testService({
    readConfig: (env) => env,
    start: startProcess,
    migrations,
    streams: ['ORDER', 'COMMANDS', 'EXECUTIONS', 'MARKET'],
  });
  engine = await startEngine(order.env['NATS_URL'] ?? '', { GRPC_PORT: `${enginePort}` });
  const lot = micro(1);
  await tell({ $case: 'defineInstrument', value: { tick: 10_000n, tickBelowOne: 100n, lot } });
  await tell({ $case: 'setSession', value: { session: Session.SESSION_OPEN } });
});
afterAll(async () => {
  await engine.kill();
  await order.close();
  await scope.close();
});

/** What is done around each point, and what has to have become of it once the service is there again. */
const scenarios: Record<string, (trader: Trader) => Promise<void>> = {
  async place(trader) {
    const placed = await persistently(() => trader.place('it'));
    await rests(trader, placed);
    const [rows] = await order.db`select count(*)::int as n from orders where account_id = ${trader.accountId}`;
    expect(rows?.['n']).toBe(1);
  },

  async group(trader) {
    const [entry = '', ...exits] = await persistently(() => trader.placeGroup('it'));
    await rests(trader, entry);
    for (const exit of exits) await ends(trader, exit, OrderStatus.ORDER_STATUS_HELD);
    const [rows] = await order.db`select count(*)::int as n from orders where account_id = ${trader.accountId}`;
    expect(rows?.['n']).toBe(3);
  },

  async cancel(trader) {
    const placed = await persistently(() => trader.place('it'));
    await rests(trader, placed);
    await arm();
    await persistently(() => trader.client.cancelOrder({ accountId: trader.accountId, orderId: placed }));
    await ends(trader, placed, OrderStatus.ORDER_STATUS_CANCELED);
  },

  async replace(trader) {
    const old = await persistently(() => trader.place('it'));
    await rests(trader, old);
    await arm();
    const next = await persistently(() => trader.replace(old, 'next'));
    await rests(trader, next);
    await ends(trader, old, OrderStatus.ORDER_STATUS_REPLACED);
  },

  async resubmit(trader) {
    const known = await persistently(() => trader.place('known'));
    await rests(trader, known);
    const lost = uuidv7();
    // As if the stream had lost the command after it had acknowledged it.
    await order.db`
      insert into orders (id, account_id, user_id, client_order_id, symbol, side, type, time_in_force, asked_qty, limit_px, status, qty,
        leaves_qty, placed_at_us, updated_at_us, awaiting_since_us)
      select ${lost}, account_id, user_id, 'lost', symbol, side, type, time_in_force, asked_qty, limit_px, 'pending_new', qty,
        qty, placed_at_us, updated_at_us, placed_at_us
      from orders where id = ${known}`;
    held.set(lost, held.get(known) as ReserveRequest);
    await rests(trader, lost);
  },

  async apply(trader) {
    const placed = await persistently(() => trader.place('it'));
    await rests(trader, placed);
    const events = await order.db`select kind from order_events where order_id = ${placed}`;
    expect(events).toEqual([{ kind: 'new' }]);
  },

  async fence(trader) {
    const { orderId } = await persistently(() => trader.reservedOnly('orphan'));
    const { exists } = await persistently(() => service().fenceOrder({ orderId }));
    expect(exists).toBe(false);
    const placed = persistently(() => trader.place('orphan'));
    await expect(placed).rejects.toMatchObject({ reason: 'order_fenced' });
  },

  async recover(trader) {
    const placed = await persistently(() => trader.place('it'));
    await rests(trader, placed);
    await order.db`delete from orders where id = ${placed}`;
    const { accountId, userId } = trader;
    await tell({ $case: 'cancelOrder', value: { orderId: placed, accountId, userId, byOperator: false } });
    await ends(trader, placed, OrderStatus.ORDER_STATUS_CANCELED);
  },
};

test.each(crashPoints)('killed at "%s", nothing is lost and nothing happens twice', async (point) => {
  const kind = point.slice(0, point.indexOf(':'));
  const run = scenarios[kind];
  if (run === undefined) throw new Error(`nothing is done around ${point}`);
  pending = point;
  if (kind !== 'cancel' && kind !== 'replace') await arm();
  await run(traderOf(uuidv7(), uuidv7()));
  // Its last answer may have come before its end did.
  await eventually(() => expect(killed).toBe(point));
  await sweepOrphans();
  await booksAgree();
});

// The process.

let pending: CrashPoint | undefined;
let killed: CrashPoint | undefined;

/** From now on the service ends itself at the point in question, once. */
async function arm(): Promise<void> {
  killed = undefined;
  await running.tell(pending ?? '');
}

async function startProcess(own: Scope, given: NodeJS.ProcessEnv): Promise<{ port: number }> {
  const started = await startServiceProcess(own, PROCESS, {
    ...given,
    ...neighbours,
    LOG_LEVEL: 'silent',
    RESUBMIT_AFTER_MS: '200',
    RESUBMIT_SWEEP_MS: '50',
    RECOVER_AFTER_MS: '50',
  });
  running = started;
  void started.exited.then(() => {
    if (own.signal.aborted) return;
    killed = pending;
    return order.restart();
  });
  return started;
}

/** Asks until there is an answer; a refusal is one. */
function persistently<T>(ask: () => Promise<T>): Promise<T> {
  return eventually(async () => {
    try {
      return { answer: await ask() };
    } catch (error) {
      if (!isAppError(error) || error.code === 'unavailable' || error.reason === 'instrument_not_found') throw error;
      return { refused: error };
    }
  }).then((said) => {
    if ('refused' in said) throw said.refused;
    return said.answer;
  });
}

// The people and the neighbours.

type Trader = ReturnType<typeof traderOf>;

function traderOf(userId: string, accountId: string) {
  const client = order.client(OrderServiceService, { userId, scopes: rights });
  return {
    userId,
    accountId,
    client,
    async place(clientOrderId: string): Promise<string> {
      const placed = await client.placeOrder({ accountId, clientOrderId, order: limitBuy() });
      return placed.order?.id ?? '';
    },
    async placeGroup(clientOrderId: string): Promise<string[]> {
      const type = GroupType.GROUP_TYPE_BRACKET;
      const { orders } = await client.placeGroup({ accountId, clientOrderId, type, legs: bracketLegs() });
      return orders.map(({ id }) => id);
    },
    async replace(orderId: string, clientOrderId: string): Promise<string> {
      const change = { qty: micro(12), limitPx: 0n, stopPx: 0n, trailAmount: 0n, trailPercent: 0n };
      const replaced = await client.replaceOrder({ accountId, orderId, clientOrderId, ...change });
      return replaced.order?.id ?? '';
    },
    /** A try that died between its reservation and its row. */
    async reservedOnly(clientOrderId: string): Promise<{ orderId: string }> {
      const { orderIdOf } = await import('../src/app/order-id.ts');
      const orderId = orderIdOf(accountId, clientOrderId);
      held.set(orderId, reservation(orderId, accountId));
      return { orderId };
    },
    async status(orderId: string): Promise<OrderStatus | undefined> {
      const found = await client.getOrder({ accountId, key: { $case: 'orderId', value: orderId } });
      return found.order?.status;
    },
  };
}

function reservation(orderId: string, accountId: string): ReserveRequest {
  const [amount, qty] = [micro(990), micro(10)];
  return { orderId, accountId, asset: 'USD', amount, symbol: 'ACME', side: Side.SIDE_BUY, qty };
}

async function rests(trader: Trader, orderId: string): Promise<void> {
  await eventually(async () => expect(await trader.status(orderId)).toBe(OrderStatus.ORDER_STATUS_NEW));
}

async function ends(trader: Trader, orderId: string, status: OrderStatus): Promise<void> {
  await eventually(async () => expect(await trader.status(orderId)).toBe(status));
}

const service = () => order.client(OrderServiceService, { service: 'portfolio' });

/** The ledger's sweeper: a reservation whose order the service denies after fencing it is given back. */
async function sweepOrphans(): Promise<void> {
  for (const orderId of held.keys()) {
    const { exists } = await persistently(() => service().fenceOrder({ orderId }));
    if (!exists) held.delete(orderId);
  }
}

/** Every order that is open rests in the engine and is held for; nothing else is. */
async function booksAgree(): Promise<void> {
  const atEngine = connectRpc(scope, EngineServiceService, {
    address: neighbours['ENGINE_ADDR'] ?? '',
    service: 'test',
    callerKey: key(),
    metrics: metrics(),
    idempotent: ['getOrder'],
  });
  const rows =
    await order.db`select id, status, pending, coalesce(group_leg, 0) as leg from orders where status <> 'fenced'`;
  for (const { id, status, pending: change, leg } of rows as unknown as {
    id: string;
    status: string;
    pending: string | null;
    leg: number;
  }[]) {
    const live = await atEngine.getOrder({ orderId: id }).then(
      () => true,
      (error: unknown) => !isAppError(error, 'not_found'),
    );
    expect([id, status, change, live]).toEqual([id, live ? resting(leg) : status, null, status === resting(leg)]);
    expect(held.has(id)).toBe(true);
  }
  expect([...held.keys()].filter((id) => !rows.some((row) => row['id'] === id))).toEqual([]);
}

/** An exit waits for its entry. */
const resting = (leg: number): string => (leg === 0 ? 'new' : 'held');

async function tell(body: NonNullable<Command['body']>): Promise<void> {
  await order.publish(newEvent(command, { symbol: 'ACME', body }, { source: 'test', subject: { partition: 0 } }));
}

function key(): Secret {
  return new Secret('a key that only tests use, 32 characters and more');
}

function metrics() {
  return openMetrics('test', { runtime: false });
}
