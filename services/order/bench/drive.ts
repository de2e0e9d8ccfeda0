import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Samples } from '@andvari/bench/samples';
import type { Nats } from '@andvari/kit/nats/nats';
import type { BenchAccount, BenchWorld } from './bench-world.ts';
import { type Answer, ask } from './graphql-client.ts';

export interface Trade {
  readonly askedAt: number;
  acked: boolean;
  settled: boolean;
}

export interface Driven {
  placed: number;
  refused: number;
  fills: number;
  durationMs: number;
  perSecond: number;
  placeMs: Samples;
  ackMs: Samples;
  ledgerMs: Samples;
}

/** What the streams tell of orders: when the engine had them, and when the ledger. */
export function watchTrades(nats: Nats) {
  const known = new Map<string, Trade>();
  const early = new Map<string, { ackedAt?: number; settledAt?: number }>();
  let into: Driven | undefined;
  let fills = 0;
  let settlements = 0;
  const note = (orderId: string, what: 'acked' | 'settled', at: number): void => {
    const trade = known.get(orderId);
    if (trade === undefined) {
      early.set(orderId, { ...early.get(orderId), [`${what}At`]: at });
      return;
    }
    if (trade[what]) return;
    trade[what] = true;
    (what === 'acked' ? into?.ackMs : into?.ledgerMs)?.record(at - trade.askedAt);
  };
  nats.connection.subscribe('exec.>', {
    callback: (_, message) => {
      const [, , accountId, type] = message.subject.split('.');
      if (accountId?.endsWith('ac01') === true) return;
      if (type === 'fill') fills += 1;
      note(orderIdIn(message.data), 'acked', performance.now());
    },
  });
  nats.connection.subscribe('portfolio.fill.settled.>', {
    callback: (_, message) => {
      settlements += 1;
      note(orderIdIn(message.data), 'settled', performance.now());
    },
  });
  return {
    known,
    /** An order was answered: whatever was told of it before its answer came counts from when it was asked for. */
    placed(orderId: string, askedAt: number): void {
      known.set(orderId, { askedAt, acked: false, settled: false });
      const told = early.get(orderId);
      if (told === undefined) return;
      early.delete(orderId);
      if (told.ackedAt !== undefined) note(orderId, 'acked', told.ackedAt);
      if (told.settledAt !== undefined) note(orderId, 'settled', told.settledAt);
    },
    measure(driven: Driven): void {
      into = driven;
    },
    fills: () => fills,
    unsettled: () => fills - settlements,
  };
}

/** Whose order an event is of: of reports and settlements the third field. The load shares its processors with what it measures, and reads no more. */
function orderIdIn(payload: Uint8Array): string {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  let at = 0;
  // What comes before is a short text or a small number.
  while (bytes[at] !== THIRD_TEXT) at += (bytes.readUInt8(at) & 7) === TEXT ? 2 + bytes.readUInt8(at + 1) : 2;
  return bytes.toString('latin1', at + 2, at + 2 + bytes.readUInt8(at + 1));
}
const TEXT = 2;
const THIRD_TEXT = (3 << 3) | TEXT;

type Trades = ReturnType<typeof watchTrades>;

export async function driveClosed(
  world: BenchWorld,
  trades: Trades,
  limits: { inFlight: number; durationMs: number },
): Promise<Driven> {
  const driven = begin(trades);
  const startedAt = performance.now();
  const fills = trades.fills();
  const client = async (): Promise<void> => {
    while (performance.now() - startedAt < limits.durationMs) await tradeOnce(world, trades, driven);
  };
  await Promise.all(Array.from({ length: limits.inFlight }, client));
  return finish(driven, startedAt, trades.fills() - fills);
}

/** At a steady rate, whoever is still waiting; but no more than a few thousand at once, as a real crowd is bounded too. */
export async function driveOpen(
  world: BenchWorld,
  trades: Trades,
  limits: { perSecond: number; durationMs: number },
): Promise<Driven> {
  const driven = begin(trades);
  const startedAt = performance.now();
  const fills = trades.fills();
  const open = new Set<Promise<void>>();
  // A trade is one order and, in three of ten, a second request after it.
  const total = Math.round((limits.perSecond * limits.durationMs) / 1000);
  for (let next = 0; next < total; ) {
    while (next < total && startedAt + (next * 1000) / limits.perSecond <= performance.now()) {
      next += 1;
      if (open.size >= MAX_OPEN) {
        driven.refused += 1;
        continue;
      }
      const one = tradeOnce(world, trades, driven).finally(() => open.delete(one));
      open.add(one);
    }
    await pause(1);
  }
  await Promise.all(open);
  return finish(driven, startedAt, trades.fills() - fills);
}

const MAX_OPEN = 2000;

/** Nothing can be bought at market before the engine has its ladders. */
export async function untilPriced(world: BenchWorld, trades: Trades): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const { placed } = await driveClosed(world, trades, { inFlight: 1, durationMs: 50 });
    if (placed > 0) return;
    await pause(100);
  }
  throw new Error('no order was taken within twenty seconds');
}

/** How long it took until all that was placed had come to its end, or rested. */
export async function settled(world: BenchWorld, trades: Trades): Promise<number> {
  const startedAt = performance.now();
  for (let quiet = 0; quiet < 3; ) {
    const [open] = await world.orders<{ n: number }[]>`
      select count(*)::int as n from orders where awaiting_since_us > 0`;
    quiet = open?.n === 0 && trades.unsettled() === 0 ? quiet + 1 : 0;
    if (performance.now() - startedAt > 60_000)
      throw new Error(`still open after a minute: ${open?.n} orders, ${trades.unsettled()} fills`);
    await pause(50);
  }
  return performance.now() - startedAt - 150;
}

function begin(trades: Trades): Driven {
  const driven: Driven = {
    placed: 0,
    refused: 0,
    fills: 0,
    durationMs: 0,
    perSecond: 0,
    placeMs: new Samples(),
    ackMs: new Samples(),
    ledgerMs: new Samples(),
  };
  trades.measure(driven);
  return driven;
}

function finish(driven: Driven, startedAt: number, fills: number): Driven {
  driven.durationMs = performance.now() - startedAt;
  driven.perSecond = driven.placed / (driven.durationMs / 1000);
  driven.fills = fills;
  return driven;
}

const PLACE = `mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename ... on Order { id status } ... on Refusal { message } } }`;
const CANCEL = `mutation($id: ID!) { cancelOrder(orderId: $id) { __typename ... on Order { id } } }`;
const REPLACE = `mutation($input: ReplaceOrderInput!) { replaceOrder(input: $input) { __typename ... on Order { id } } }`;

let turn = 0;

async function tradeOnce(world: BenchWorld, trades: Trades, driven: Driven): Promise<void> {
  turn += 1;
  const account = world.accounts[turn % world.accounts.length] as BenchAccount;
  const kind = turn % 10;
  const side = (turn >> 4) % 2 === 0 ? 'BUY' : 'SELL';
  const rests = kind >= 7;
  // A resting order lies 20 % away: nobody comes there within the run.
  const spec = rests
    ? {
        symbol: account.symbol,
        side,
        type: 'LIMIT',
        quantity: '1',
        limitPrice: restingPrice(world, account.symbol, side),
      }
    : { symbol: account.symbol, side, type: 'MARKET', quantity: '1' };
  const orderId = await place(world, trades, driven, account, spec);
  if (orderId === undefined || !rests) return;
  const { gatewayPort: port } = world;
  if (kind === 9) {
    const input = { orderId, clientOrderId: randomUUID(), quantity: '2' };
    const answer = await asked(ask(port, account.token, REPLACE, { input }));
    const next = idIn(answer, 'replaceOrder');
    if (next !== undefined) await asked(ask(port, account.token, CANCEL, { id: next }));
  } else {
    await asked(ask(port, account.token, CANCEL, { id: orderId }));
  }
}

async function place(
  { gatewayPort }: BenchWorld,
  trades: Trades,
  driven: Driven,
  { id: accountId, token }: BenchAccount,
  order: object,
): Promise<string | undefined> {
  const askedAt = performance.now();
  const input = { accountId, clientOrderId: randomUUID(), order };
  const answer = await asked(ask(gatewayPort, token, PLACE, { input }));
  const orderId = answer && idIn(answer, 'placeOrder');
  if (orderId === undefined) {
    driven.refused += 1;
    complain(answer);
    return undefined;
  }
  driven.placed += 1;
  driven.placeMs.record(performance.now() - askedAt);
  trades.placed(uuidIn(orderId), askedAt);
  return orderId;
}

/** A connection that is turned away is an answer too. */
function asked(answer: Promise<Answer>): Promise<Answer | undefined> {
  return answer.catch(() => undefined);
}

function idIn(answer: Answer | undefined, field: string): string | undefined {
  const found = answer?.body.data?.[field] as { id?: string } | null | undefined;
  return found?.id;
}

/** The gateway's ids name their type as well. */
function uuidIn(id: string): string {
  return Buffer.from(id, 'base64').toString('utf8').split(':')[1] ?? id;
}

let complaints = 0;

/** The first few refusals are shown: a load of which all is refused measures nothing. */
function complain(answer: Answer | undefined): void {
  complaints += 1;
  if (complaints <= 3) console.error(`refused: ${answer?.status} ${JSON.stringify(answer?.body).slice(0, 300)}`);
}

function restingPrice({ prices }: BenchWorld, symbol: string, side: string): string {
  const price = prices.get(symbol) ?? 100;
  return (side === 'BUY' ? price * 0.8 : price * 1.2).toFixed(2);
}
