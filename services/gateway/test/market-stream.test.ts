import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@andvari/kit/testing/eventually';
import { testScope } from '@andvari/kit/testing/test-scope';
import { Book, TradePrint } from '@andvari/proto/engine/v1/engine';
import { Quote } from '@andvari/proto/stock/v1/stock';
import type { OperationDefinitionNode } from 'graphql';
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSharedResults, jsonOf } from '../src/graphql/shared-results.ts';
import { type MarketChange, type MarketInterest, readMarket } from '../src/live/market-reader.ts';
import { openBooks, openQuotes, openTrades } from '../src/live/quotes.ts';
import { tellWatched } from '../src/live/tell-watched.ts';
import { openEventStream } from './event-stream.ts';
import { bookOf, quoteOf } from './fake-market.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

/** The market as readers get it: conflated for each, and made once for all who are told the same. */
const MICRO = 1_000_000n;
const scope = testScope();
const leaving = new AbortController();

let rig: GatewayRig;
let boards: ReturnType<typeof openBoards>;

beforeAll(async () => {
  rig = await gatewayRig();
  boards = openBoards();
  await rig.nats.connection.flush();
});
afterAll(async () => {
  leaving.abort();
  await scope.close();
  await rig.close();
});

function openBoards() {
  const { nats } = rig;
  const watching = tellWatched(scope, nats);
  return {
    quotes: openQuotes(scope, nats, watching),
    books: openBooks(scope, nats, watching),
    trades: openTrades(scope, nats, watching),
  };
}

const read = (interest: MarketInterest) => readMarket(boards, interest, leaving.signal);
type Reader = ReturnType<typeof read>;

async function next(reader: Reader): Promise<MarketChange> {
  const { value } = await reader.next();
  if (value === undefined) throw new Error('the reader has ended');
  return value;
}

let clockUs = BigInt(Date.now()) * 1000n;
/** Newer than any before it. */
function quote(symbol: string, last: bigint): Quote {
  clockUs += 1n;
  return { ...quoteOf(symbol, last), asOfUs: clockUs, validUntilUs: clockUs + 60n * MICRO };
}

async function tell(...quotes: Quote[]): Promise<void> {
  for (const one of quotes) rig.nats.connection.publish(`md.quote.${one.symbol}`, Quote.encode(one).finish());
  const last = quotes.at(-1);
  await eventually(() => expect(boards.quotes.latest(last?.symbol ?? '')?.last).toBe(last?.last));
}

function trade(symbol: string, px: bigint): TradePrint {
  return { ...TradePrint.decode(new Uint8Array()), symbol, px, qty: MICRO, tradedAtUs: (clockUs += 1n) };
}

async function tradeAt(px: bigint): Promise<void> {
  rig.nats.connection.publish('md.trade.TAPE', TradePrint.encode(trade('TAPE', px)).finish());
  await eventually(() => expect(boards.trades.latest('TAPE')?.px).toBe(px));
}

const operation = (text: string) => parse(text).definitions[0] as OperationDefinitionNode;
const lasts = (change: MarketChange): Record<string, bigint> => {
  if (change.kind !== 'quotes') throw new Error(`${change.kind} instead of quotes`);
  return Object.fromEntries(change.quotes.map(({ symbol, last }) => [symbol, last]));
};

test('whoever sends prices is told that somebody watches, as long as somebody does', async () => {
  let told = 0;
  const listening = rig.nats.connection.subscribe('md.watched', { callback: () => void (told += 1) });
  await rig.nats.connection.flush();
  const own = testScope();
  const watching = tellWatched(own, rig.nats);
  const [leave, leaveToo] = [watching.join(), watching.join()];
  await eventually(() => expect(told).toBe(1));
  leave();
  await eventually(() => expect(told).toBe(2));
  leaveToo();
  listening.unsubscribe();
  await own.close();
});

describe('one reader', () => {
  test('begins with what is known, then gets each symbol once a list with its newest price, five lists a second', async () => {
    await tell(quote('LIST-A', 1n), quote('LIST-B', 2n));
    const reader = read({ quotes: ['LIST-A', 'LIST-B', 'LIST-C'] });
    expect(lasts(await next(reader))).toEqual({ 'LIST-A': 1n, 'LIST-B': 2n });
    const beganAt = performance.now();
    let lists = 0;
    for (let price = 10n; price < 60n; price += 1n) {
      await tell(quote('LIST-A', price), quote('LIST-C', price));
      await pause(5);
    }
    for (let seen: Record<string, bigint> = {}; seen['LIST-A'] !== 59n || seen['LIST-C'] !== 59n; lists += 1) {
      seen = { ...seen, ...lasts(await next(reader)) };
      expect(seen).not.toHaveProperty('LIST-B');
    }
    expect(lists).toBeLessThanOrEqual((performance.now() - beganAt) / 200 + 2);
    await reader.return(undefined);
  });

  test('who does not come back for long gets one list of the newest, not all that was', async () => {
    const reader = read({ quotes: ['SLOW-A', 'SLOW-B'] });
    const first = reader.next();
    await tell(quote('SLOW-A', 1n));
    expect(lasts((await first).value as MarketChange)).toEqual({ 'SLOW-A': 1n });
    for (let price = 2n; price <= 200n; price += 1n) await tell(quote('SLOW-A', price), quote('SLOW-B', price));
    const rest: Record<string, bigint>[] = [];
    for (let seen: Record<string, bigint> = {}; seen['SLOW-B'] !== 200n; ) {
      seen = lasts(await next(reader));
      rest.push(seen);
    }
    expect(rest.length).toBeLessThanOrEqual(2);
    await reader.return(undefined);
  });

  test('the last forty trades come, the oldest first, and how many were dropped before them', async () => {
    const reader = read({ trades: ['TAPE'] });
    const first = reader.next();
    await tradeAt(1n);
    expect((await first).value).toMatchObject({ kind: 'trades', missed: 0, trades: [{ px: 1n }] });
    for (let px = 2n; px <= 101n; px += 1n) await tradeAt(px);
    const told = await next(reader);
    if (told.kind !== 'trades') throw new Error(told.kind);
    expect(told.trades.map(({ px }) => px)).toEqual(Array.from({ length: 40 }, (_, at) => BigInt(at + 62)));
    expect(told.missed).toBe(60);
    await reader.return(undefined);
  });
});

describe('many readers', () => {
  test('who are told the same get the same object, so that it is made once', async () => {
    await tell(quote('SAME-A', 1n), quote('SAME-B', 1n));
    const readers = Array.from({ length: 5 }, () =>
      read({ quotes: ['SAME-A', 'SAME-B'], books: ['SAME-A'], levels: 3 }),
    );
    expect(new Set(await Promise.all(readers.map(next))).size).toBe(1);
    await tell(quote('SAME-A', 2n));
    const second = await Promise.all(readers.map(next));
    expect(new Set(second).size).toBe(1);
    expect(second[0]).toMatchObject({ kind: 'quotes', isForAll: true });
    rig.nats.connection.publish('md.book.SAME-A', Book.encode(bookOf('SAME-A')).finish());
    expect(new Set(await Promise.all(readers.map(next))).size).toBe(1);
    for (const reader of readers) await reader.return(undefined);
  });

  test('a list is made anew once anything of it has changed', async () => {
    await tell(quote('ANEW', 1n));
    const [before, same] = [boards.quotes.several(['ANEW']), boards.quotes.several(['ANEW'])];
    expect(same).toBe(before);
    await tell(quote('ANEW', 2n));
    expect(boards.quotes.several(['ANEW'])).not.toBe(before);
    expect(boards.quotes.several(['ANEW'])[0]?.last).toBe(2n);
  });

  test('the same operation with the same variables is executed once and written once; another is not', async () => {
    const shared = createSharedResults();
    const [one, other] = [operation('subscription { a }'), operation('subscription { b }')];
    let executed = 0;
    const resultOf = async () => ({ data: { count: ++executed } });
    const event = {};
    const asked = [one, one, one].map((each) => shared.readerOf(each, { symbols: ['A'] })(event, resultOf));
    const [first, second] = await Promise.all(asked);
    expect(second).toBe(first);
    expect(executed).toBe(1);
    expect(jsonOf(first ?? {})).toBe('{"data":{"count":1}}');
    expect(jsonOf(first ?? {})).toBe('{"data":{"count":1}}');
    await shared.readerOf(one, { symbols: ['B'] })(event, resultOf);
    await shared.readerOf(other, { symbols: ['A'] })(event, resultOf);
    await shared.readerOf(one, { symbols: ['A'] })({}, resultOf);
    expect(executed).toBe(4);
  });
});

async function openMarket(user: string, fields: string) {
  return openEventStream(
    `${rig.url}/graphql`,
    { query: `subscription { market(quotes: ["WORDS"]) { ... on QuotesMoved { quotes { ${fields} } } } }` },
    { authorization: `Bearer ${await rig.tokens.sign({ sub: userIdOf(user) })}` },
  );
}

test('over an event stream two people with the same question get the same words, with another another', async () => {
  await tell(quote('WORDS', 5n * MICRO));
  const [ada, bob, eve] = [
    await openMarket('ada', 'symbol last'),
    await openMarket('bob', 'symbol last'),
    await openMarket('eve', 'bid'),
  ];
  await eventually(() => {
    for (const stream of [ada, bob, eve]) expect(stream.received.length).toBeGreaterThan(0);
  });
  await tell(quote('WORDS', 7n * MICRO));
  await eventually(() => {
    const told = { data: { market: { quotes: [{ symbol: 'WORDS', last: '7' }] } } };
    expect(ada.received.at(-1)).toEqual(told);
    expect(bob.received.at(-1)).toEqual(told);
    expect(eve.received.at(-1)).toEqual({ data: { market: { quotes: [{ bid: '6.99' }] } } });
  });
  for (const stream of [ada, bob, eve]) stream.close();
});

test('what is older than it is good for is asked for; where nobody knows anything newer it comes and says so', async () => {
  const token = await rig.tokens.sign({ sub: userIdOf('ada') });
  const asked = async () =>
    (await rig.ask({ query: '{ quote(symbol: "STALE") { last isStale } }', token })).data as Record<string, unknown>;
  const old = { ...quoteOf('STALE', 3n * MICRO), asOfUs: 1n, validUntilUs: 2n };
  await tell(old);
  const answer = rig.stock.answers['getQuotes'];
  Object.assign(rig.stock.answers, {
    getQuotes: () => ({ quotes: [old], unknownSymbols: [], unavailableSymbols: [] }),
  });
  rig.stock.calls.length = 0;
  expect(await asked()).toEqual({ quote: { last: '3', isStale: true } });
  expect(rig.stock.callsOf('getQuotes')).toHaveLength(1);
  Object.assign(rig.stock.answers, {
    getQuotes: () => ({ quotes: [quote('STALE', 4n * MICRO)], unknownSymbols: [], unavailableSymbols: [] }),
  });
  await eventually(async () => expect(await asked()).toEqual({ quote: { last: '4', isStale: false } }));
  // From memory now, whoever asks.
  rig.stock.calls.length = 0;
  expect(await asked()).toEqual({ quote: { last: '4', isStale: false } });
  expect(rig.stock.calls).toEqual([]);
  Object.assign(rig.stock.answers, { getQuotes: answer });
});
