import { mulberry32 } from '@andvari/kit/base/mulberry32';
/**
 * An adverse order flow, generated before anything is timed: a geometric Brownian mid around a path that swings, limit
 * orders at power-law distances with a hump at eight ticks, nearly all of them cancelled again, a fifth modified, 15 %
 * immediate-or-cancel, and 2 % of cancels and modifies for orders that are long gone.
 */
export const Kind = { limit: 0, ioc: 1, cancel: 2, reprice: 3, shrink: 4 } as const;

/** One message per row. An order is a number; `next` is the number a modified order goes by afterwards. */
export interface Flow {
  name: string;
  length: number;
  orders: number;
  kind: Uint8Array;
  side: Uint8Array;
  order: Int32Array;
  next: Int32Array;
  /** The number the order was first placed under: engines that keep an order's id on modify know it by this. */
  first: Int32Array;
  price: Float64Array;
  qty: Float64Array;
}

export interface Scenario {
  name: string;
  swing: number;
  crash: boolean;
}

export const scenarios: Scenario[] = [
  { name: 'static', swing: 0, crash: false },
  { name: 'swing_2', swing: 0.02, crash: false },
  { name: 'swing_25', swing: 0.25, crash: false },
  { name: 'swing_40', swing: 0.4, crash: false },
  { name: 'flash_crash', swing: 0.6, crash: true },
];

export const TICK = 10_000;
const BASE_TICKS = 10_000;
const OPEN_ORDERS = 10_000;

interface Live {
  order: number;
  first: number;
  side: number;
  price: number;
  qty: number;
}

/** Exactly `length` messages; the last of them cancel whatever is still out, so flows can follow each other. */
export function generateFlow({ name, swing, crash }: Scenario, length: number, seed: number): Flow {
  const random = mulberry32(seed);
  const flow = emptyFlow(name, length);
  const live: Live[] = [];
  const gone: Live[] = [];
  let noise = 0;
  const add = (kind: number, row: Live, next: number) => {
    const at = flow.length++;
    flow.kind[at] = kind;
    flow.side[at] = row.side;
    flow.order[at] = row.order;
    flow.first[at] = row.first;
    flow.next[at] = next;
    flow.price[at] = row.price * TICK;
    flow.qty[at] = row.qty * 1_000_000;
  };
  const takeLive = (): Live => {
    const at = Math.floor(random() * live.length);
    const row = live[at]!;
    live[at] = live[live.length - 1]!;
    live.pop();
    return row;
  };
  while (flow.length + live.length < length) {
    noise += gaussian(random) * (swing === 0 ? 0 : 0.00002);
    const mid = BASE_TICKS * pathAt(flow.length / length, swing, crash) * Math.exp(noise);
    const roll = random();
    const stale = random() < 0.02 && gone.length > 0;
    if (live.length < OPEN_ORDERS / 20 || roll < (live.length < OPEN_ORDERS ? 0.55 : 0.45)) {
      const order = flow.orders++;
      const side = random() < 0.5 ? 0 : 1;
      const ioc = random() < 0.15;
      const away = ioc ? -1 - Math.floor(random() * 3) : distance(random);
      const price = Math.max(1, Math.round(side === 0 ? mid - away : mid + away));
      const row = { order, first: order, side, price, qty: 1 + Math.floor(random() * 100) };
      add(ioc ? Kind.ioc : Kind.limit, row, order);
      if (!ioc && random() < 0.95) live.push(row);
    } else if (roll > 0.9) {
      const row = stale ? gone[Math.floor(random() * gone.length)]! : takeLive();
      const next = flow.orders++;
      const reprices = random() < 0.5;
      const away = distance(random);
      const price = reprices ? Math.max(1, Math.round(row.side === 0 ? mid - away : mid + away)) : row.price;
      const changed = { ...row, price, qty: reprices ? row.qty : Math.max(1, row.qty - 1) };
      add(reprices ? Kind.reprice : Kind.shrink, changed, next);
      if (!stale) live.push({ ...changed, order: next });
    } else {
      const row = stale ? gone[Math.floor(random() * gone.length)]! : takeLive();
      add(Kind.cancel, row, row.order);
      if (!stale && gone.length < 5_000) gone.push(row);
    }
  }
  for (const row of live) add(Kind.cancel, row, row.order);
  return flow;
}

/** 100,000 orders on one level; then cancels out of its middle, each followed by an order at its end. */
export function generateDeepBook(depth: number, length: number, seed: number): Flow {
  const random = mulberry32(seed);
  const flow = emptyFlow('deep_book', depth + length);
  const live: number[] = [];
  const add = (kind: number, order: number) => {
    const at = flow.length++;
    flow.kind[at] = kind;
    flow.order[at] = order;
    flow.first[at] = order;
    flow.next[at] = order;
    flow.price[at] = BASE_TICKS * TICK;
    flow.qty[at] = 1_000_000;
  };
  for (let i = 0; i < depth; i++) {
    live.push(flow.orders);
    add(Kind.limit, flow.orders++);
  }
  while (flow.length < depth + length) {
    const at = Math.floor(random() * live.length);
    add(Kind.cancel, live[at]!);
    const order = flow.orders++;
    live[at] = order;
    add(Kind.limit, order);
  }
  return flow;
}

function emptyFlow(name: string, length: number): Flow {
  const ints = () => new Int32Array(length);
  return {
    name,
    length: 0,
    orders: 0,
    kind: new Uint8Array(length),
    side: new Uint8Array(length),
    order: ints(),
    next: ints(),
    first: ints(),
    price: new Float64Array(length),
    qty: new Float64Array(length),
  };
}

/** Where the mid is, relative to its start, at a part of the flow: two full swings, or one fall and half a recovery. */
function pathAt(part: number, swing: number, crash: boolean): number {
  if (!crash) return 1 + (swing / 2) * Math.sin(part * 4 * Math.PI);
  if (part < 0.5) return 1;
  if (part < 0.55) return 1 - swing * ((part - 0.5) / 0.05);
  return 1 - swing + (swing / 2) * ((part - 0.55) / 0.45);
}

/** Ticks from the mid: a power law with exponent 2.23, a third of the orders around eight ticks. */
function distance(random: () => number): number {
  if (random() < 0.33) return Math.max(1, Math.round(8 + gaussian(random) * 2));
  return Math.min(2_000, Math.max(1, Math.floor((1 - random()) ** (-1 / 1.23))));
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
