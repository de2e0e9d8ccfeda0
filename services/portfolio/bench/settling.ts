import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuOfProcesses } from '@andvari/bench/cpu';
import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import { accountPartitionOf } from '@andvari/kit/events/partition';
import { publishInOrder } from '@andvari/kit/nats/publish-in-order';
import { MICRO } from '@andvari/money';
import { Side } from '@andvari/proto/engine/v1/commands';
import { ExecType, ExecutionReport } from '@andvari/proto/engine/v1/reports';
import { executionReport } from '@andvari/proto/events';
import type { BenchWorld } from './bench-world.ts';

const HOUSE = '00000000-0000-7000-8000-00000000ac01';
export const PRICE = 10n * MICRO;
const TICK_MS = 10;

export type Order = readonly [orderId: string, accountId: string];
/** `serviceUs`: of the processor time, what the service took; the rest is its database’s. */
export type Settled = { readonly perSecond: number; readonly cpuUs: number; readonly serviceUs: number };

/** Each order is filled by the house: two reports, two legs. The clock runs from the first publication to the last commit. */
export function settleBacklog(world: BenchWorld, orders: readonly Order[]): Promise<Settled> {
  return settled(world, orders, async (events) => {
    for (let first = 0; first < events.length; first += 500) await publish(world, events.slice(first, first + 500));
  });
}

/** The same at so many legs a second, as a market brings them: nothing piles up, and every batch is small. */
export function settlePaced(world: BenchWorld, orders: readonly Order[], legsPerSecond: number): Promise<Settled> {
  return settled(world, orders, async (events) => {
    const startedAt = performance.now();
    for (let sent = 0; sent < events.length; ) {
      const due = Math.min(events.length, Math.ceil(((performance.now() - startedAt) * legsPerSecond) / 1000));
      if (due > sent) await publish(world, events.slice(sent, due));
      sent = Math.max(sent, due);
      await pause(TICK_MS);
    }
  });
}

async function settled(
  world: BenchWorld,
  orders: readonly Order[],
  send: (events: OutgoingEvent[]) => Promise<void>,
): Promise<Settled> {
  const events = orders.flatMap(legsOf);
  // By the consumer's place, which is one row: counting all that it has received was a tenth of what was measured.
  const settledNow = async (): Promise<number> => {
    const [row] = await world.db<{ at: bigint }[]>`
      select coalesce(min(stream_sequence), 0) as at from inbox_positions where consumer like 'portfolio-executions%'`;
    return Number(row?.at ?? 0n);
  };
  const last = (await settledNow()) + events.length;
  const [before, serviceBefore] = [cpuOfProcesses(world.pids), cpuOfProcesses([world.servicePid])];
  const startedAt = performance.now();
  const sending = send(events);
  while ((await settledNow()) < last) await pause(100);
  await sending;
  const perSecond = (events.length * 1000) / (performance.now() - startedAt);
  const cpuUs = (cpuOfProcesses(world.pids) - before) / events.length;
  return { perSecond, cpuUs, serviceUs: (cpuOfProcesses([world.servicePid]) - serviceBefore) / events.length };
}

function publish(world: BenchWorld, events: readonly OutgoingEvent[]): Promise<unknown> {
  return publishInOrder(world.nats, events, world.scope.signal, world.scope.log);
}

function legsOf([orderId, accountId]: Order): OutgoingEvent[] {
  const leg: ExecutionReport = {
    ...ExecutionReport.decode(new Uint8Array()),
    execId: randomUUID(),
    execType: ExecType.EXEC_TYPE_FILL,
    orderId,
    accountId,
    symbol: 'AAPL',
    side: Side.SIDE_BUY,
    qty: MICRO,
    lastQty: MICRO,
    lastPx: PRICE,
    cumQty: MICRO,
    tradeId: randomUUID(),
    transactTimeUs: BigInt(Date.now()) * 1000n,
  };
  const other = { ...leg, execId: randomUUID(), orderId: randomUUID(), accountId: HOUSE, side: Side.SIDE_SELL };
  return [leg, other].map((message) =>
    newEvent(executionReport, message, {
      source: 'bench',
      id: message.execId,
      subject: { account_partition: accountPartitionOf(message.accountId), type: 'fill' },
    }),
  );
}
