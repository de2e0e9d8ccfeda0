import { OrderType, Phase, Side, TimeInForce } from '../src/domain/codes.ts';
import type { Cancel, Place, Replace } from '../src/domain/command.ts';
import { apply } from '../src/domain/engine.ts';
import { createState, type EngineState } from '../src/domain/state.ts';
import { type Flow, Kind } from './flow.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Words = Mutable<{ a: number; b: number; c: number; d: number }>;

export interface Driven {
  state: EngineState;
  reports: number;
  sequence: number;
}

/** An engine with one open symbol, sized for a live market so that growing is not what is measured. */
export function openEngine(orders: number): Driven {
  const state = createState({ partition: 0, orders });
  apply(state, {
    kind: 'define_instrument',
    sequence: 1,
    at: 1,
    symbol: 'ACME',
    tick: 10_000,
    tickBelowOne: 100,
    lot: 1,
  });
  apply(state, { kind: 'set_phase', sequence: 2, at: 2, symbol: 'ACME', phase: Phase.open });
  return { state, reports: 0, sequence: 2 };
}

/** Log times as they are in production, too large for a small integer. */
const START_US = 1_790_000_000_000_000;

const ids = { order: words(), next: words(), account: words(), user: words() };
const cancel: Mutable<Cancel> = {
  kind: 'cancel',
  sequence: 0,
  at: 0,
  symbol: 'ACME',
  accountId: ids.account,
  userId: ids.user,
  orderId: ids.order,
};
const place: Mutable<Place> = {
  ...cancel,
  kind: 'place',
  side: Side.buy,
  type: OrderType.limit,
  timeInForce: TimeInForce.gtc,
  postOnly: false,
  qty: 0.5,
  limitPrice: 0.5,
  stopPrice: 0,
  trailAmount: 0,
  trailPpm: 0,
  collarOffset: 0,
};
const replace: Mutable<Replace> = {
  ...cancel,
  kind: 'replace',
  newOrderId: ids.next,
  qty: 0.5,
  limitPrice: 0.5,
  stopPrice: 0,
  trailAmount: 0,
  trailPpm: 0,
};

/**
 * Applies messages [from, to) of the flow through one reused command object per kind, which stands for the service's
 * decoder. `epoch` makes the ids of a repeated flow new. Every report is built; their number is counted.
 */
export function drive(driven: Driven, flow: Flow, from: number, to: number, epoch: number): void {
  const { state } = driven;
  let { sequence, reports } = driven;
  for (let i = from; i < to; i++) {
    sequence++;
    const kind = flow.kind[i]!;
    name(ids.order, flow.order[i]!, epoch);
    // A few thousand accounts; an order's account follows from the number it was first placed under.
    const owner = Math.imul(flow.first[i]!, 0x9e3779b1) & 0xfff;
    ids.account.d = owner;
    ids.user.d = owner;
    if (kind === Kind.cancel) {
      cancel.sequence = sequence;
      cancel.at = START_US + sequence;
      reports += apply(state, cancel).count;
    } else if (kind <= Kind.ioc) {
      place.sequence = sequence;
      place.at = START_US + sequence;
      place.side = flow.side[i] as Side;
      place.timeInForce = kind === Kind.ioc ? TimeInForce.ioc : TimeInForce.gtc;
      place.limitPrice = flow.price[i]!;
      place.qty = flow.qty[i]!;
      reports += apply(state, place).count;
    } else {
      replace.sequence = sequence;
      replace.at = START_US + sequence;
      name(ids.next, flow.next[i]!, epoch);
      replace.limitPrice = flow.price[i]!;
      replace.qty = flow.qty[i]!;
      reports += apply(state, replace).count;
    }
  }
  driven.sequence = sequence;
  driven.reports = reports;
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
