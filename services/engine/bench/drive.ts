import { OrderType, Phase, Side, TimeInForce } from '../src/domain/codes.ts';
import { type Cancel, type Command, inOneShape, type PlaceOrder, type Replace } from '../src/domain/command.ts';
import { apply } from '../src/domain/engine.ts';
import { createState, type EngineState } from '../src/domain/state.ts';
import { type Flow, Kind } from './flow.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Words = Mutable<{ a: number; b: number; c: number; d: number }>;

export interface Driven {
  state: EngineState;
  reports: number;
  sequence: number;
  /** CPU time of this process while the engine had the commands; making them is outside. */
  cpuSeconds: number;
}

/** An engine with one open symbol, sized for a live market so that growing is not what is measured. */
export function openEngine(orders: number): Driven {
  const state = createState({ partition: 0, orders });
  const define = { kind: 'define_instrument', symbol: 'ACME', tick: 10_000, tickBelowOne: 100, lot: 1 } as const;
  apply(state, inOneShape({ ...define, sequence: 1, at: 1 }));
  apply(state, inOneShape({ kind: 'set_phase', sequence: 2, at: 2, symbol: 'ACME', phase: Phase.open }));
  return { state, reports: 0, sequence: 2, cpuSeconds: 0 };
}

/** Log times as they are in production, too large for a small integer. */
const START_US = 1_790_000_000_000_000;

interface Ids {
  order: Words;
  next: Words;
  account: Words;
  user: Words;
}

/** A command of each batch is made anew in the same object, which stands for the service's decoder. */
type Prepared = Mutable<Omit<PlaceOrder, 'kind'> & Omit<Cancel, 'kind'> & Omit<Replace, 'kind'>> & {
  kind: Command['kind'];
};

const BATCH = 512;
const ids = Array.from(
  { length: BATCH },
  (): Ids => ({ order: words(), next: words(), account: words(), user: words() }),
);
const batch = ids.map(({ order, next, account, user }): Prepared => {
  const owned = { sequence: 0, at: 0, symbol: 'ACME', accountId: account, userId: user, orderId: order };
  const terms = { qty: 0, limitPrice: 0, stopPrice: 0, trailAmount: 0, trailPpm: 0 };
  const placed = {
    side: Side.buy,
    type: OrderType.limit,
    timeInForce: TimeInForce.gtc,
    postOnly: false,
    collarOffset: 0,
  };
  return inOneShape({
    kind: 'replace',
    ...owned,
    ...terms,
    ...placed,
    newOrderId: next,
  }) as Command as Prepared;
});

/**
 * Applies messages [from, to) of the flow. `epoch` makes the ids of a repeated flow new. Every report is built; their
 * number is counted.
 */
export function drive(driven: Driven, flow: Flow, from: number, to: number, epoch: number): void {
  for (let first = from; first < to; first += BATCH) {
    const count = prepare(driven, flow, first, Math.min(to, first + BATCH), epoch);
    const start = cpuSeconds();
    driven.reports += applyPrepared(driven.state, count);
    driven.cpuSeconds += cpuSeconds() - start;
  }
}

/** The same, with a reading of the clock around every message; returns microseconds. */
export function driveTimed(driven: Driven, flow: Flow, from: number, to: number, epoch: number): Float64Array {
  const micros = new Float64Array(to - from);
  for (let first = from; first < to; first += BATCH) {
    const count = prepare(driven, flow, first, Math.min(to, first + BATCH), epoch);
    for (let i = 0; i < count; i++) {
      const start = performance.now();
      driven.reports += apply(driven.state, batch[i] as Command).count;
      micros[first - from + i] = (performance.now() - start) * 1000;
    }
  }
  return micros;
}

export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function applyPrepared(state: EngineState, count: number): number {
  let reports = 0;
  for (let i = 0; i < count; i++) reports += apply(state, batch[i] as Command).count;
  return reports;
}

function prepare(driven: Driven, flow: Flow, from: number, to: number, epoch: number): number {
  for (let i = from; i < to; i++) {
    const command = batch[i - from]!;
    const { order, next, account, user } = ids[i - from]!;
    const sequence = ++driven.sequence;
    const kind = flow.kind[i]!;
    command.kind = kind === Kind.cancel ? 'cancel' : kind <= Kind.ioc ? 'place' : 'replace';
    command.sequence = sequence;
    command.at = START_US + sequence;
    command.side = flow.side[i] as Side;
    command.timeInForce = kind === Kind.ioc ? TimeInForce.ioc : TimeInForce.gtc;
    command.limitPrice = flow.price[i]!;
    command.qty = flow.qty[i]!;
    name(order, flow.order[i]!, epoch);
    name(next, flow.next[i]!, epoch);
    // A few thousand accounts; an order's account follows from the number it was first placed under.
    const owner = Math.imul(flow.first[i]!, 0x9e3779b1) & 0xfff;
    account.d = owner;
    user.d = owner;
  }
  return to - from;
}

/** Ids that look like the random ones of production to the hash tables, without a table of their own to read. */
function name(id: Words, order: number, epoch: number): void {
  id.a = Math.imul(order, 0x85ebca6b) | 0;
  id.b = Math.imul(order ^ 0x5bd1e995, 0xc2b2ae35) | 0;
  id.c = epoch;
  id.d = order;
}

function words(): Words {
  return { a: 0, b: 0, c: 0, d: 0 };
}
