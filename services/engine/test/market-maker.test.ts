import { randomUUID } from 'node:crypto';
import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { Command, Side } from '@andvari/proto/engine/v1/commands';
import { Book, EngineServiceService, TradePrint } from '@andvari/proto/engine/v1/engine';
import { ExecType } from '@andvari/proto/engine/v1/reports';
import { executionReport, splitApplied } from '@andvari/proto/events';
import { MarketState, Quote } from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { start } from '../src/main.ts';
import { openInventories } from '../src/store/inventories.ts';
import { commandEvent, idOf, limit, opening, UNIT } from './commands.ts';

const HOUSE = { accountId: idOf('house account'), userId: idOf('house user') };
let engine: TestService<Awaited<ReturnType<typeof start>>>;

beforeAll(async () => {
  engine = await testService({
    readConfig,
    start,
    streams: ['COMMANDS', 'EXECUTIONS', 'PORTFOLIO', 'DEAD'],
    env: {
      REFERENCE_PRICES: 'market',
      HOUSE_ACCOUNT_ID: HOUSE.accountId,
      HOUSE_USER_ID: HOUSE.userId,
      LEASE_MS: '1500',
    },
  });
});
afterAll(() => engine.close());

/** The stock service's live quote, as it will send it. */
function tell(symbol: string, px: bigint): void {
  const nothing = { open: 0n, high: 0n, low: 0n, previousClose: 0n, volume: 0n, high52w: 0n, low52w: 0n };
  const quote = Quote.encode({
    ...nothing,
    symbol,
    last: px,
    bid: px,
    ask: px,
    bidSize: UNIT,
    askSize: UNIT,
    marketState: MarketState.MARKET_STATE_REGULAR,
    source: 'test',
    asOfUs: 0n,
    validUntilUs: 0n,
  }).finish();
  engine.nats.connection.publish(`md.quote.${symbol}`, quote);
}

async function bookOf(symbol: string): Promise<Book> {
  const { book } = await engine.client(EngineServiceService, {}).getBook({ symbol, depth: 10 });
  if (book === undefined) throw new Error('no book');
  return book;
}

/** A number once it has stayed the same for longer than the house waits between two ladders. */
async function settled(count: () => Promise<number>): Promise<number> {
  let last = { value: -1, since: 0 };
  return eventually(async () => {
    const value = await count();
    if (value !== last.value) last = { value, since: performance.now() };
    expect(performance.now() - last.since).toBeGreaterThan(1500);
    return value;
  });
}

/** What the ledger says once it has counted the house's shares anew. */
function splitOfHouse(symbol: string, shares: bigint) {
  const { accountId, userId } = HOUSE;
  const change = shares * UNIT;
  const applied = {
    accountId,
    userId,
    actionId: randomUUID(),
    symbol,
    qty: 2n * change,
    change,
    cash: 0n,
    journalId: '',
  };
  return newEvent(splitApplied, applied, { source: 'portfolio' });
}

const inventoryOf = async () => (await openInventories(engine.nats)).read(0);

async function quotesOf(symbol: string): Promise<number> {
  const { state } = await engine.nats.jsm.streams.info('COMMANDS', { subjects_filter: `cmd.0.${symbol}` });
  let quotes = 0;
  for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
    const message = await engine.nats.jsm.streams.getMessage('COMMANDS', { seq });
    if (message?.subject !== `cmd.0.${symbol}`) continue;
    if (Command.decode(message.data).body?.$case === 'quote') quotes += 1;
  }
  return quotes;
}

describe('the market maker', () => {
  test('rests a ladder around the market’s price, moves it, and leans against what it was sold', async () => {
    await engine.publish(...opening('MAKE'));
    await eventually(async () => {
      tell('MAKE', 100n * UNIT);
      const { bids, asks } = await bookOf('MAKE');
      expect([bids.length, asks.length]).toEqual([5, 5]);
    });
    const before = await bookOf('MAKE');
    expect(before.bids[0]?.px).toBeLessThan(100n * UNIT);
    expect(before.asks[0]?.px).toBeGreaterThan(100n * UNIT);

    // A client sells a lot to the house, through several of its levels.
    const qty = 1000n;
    await engine.publish(limit('MAKE', { order: 'dump', user: 'client', side: 'sell', qty, px: 99n }));
    await eventually(async () => {
      const fills = (await engine.published(executionReport)).filter(
        ({ accountId, execType }) => accountId === HOUSE.accountId && execType === ExecType.EXEC_TYPE_FILL,
      );
      expect(fills.reduce((sum, { lastQty }) => sum + lastQty, 0n)).toBe(qty * UNIT);
      expect(fills.length).toBeGreaterThan(1);
    });
    // The reference has not moved, the house has: it holds more and quotes lower.
    await eventually(async () => {
      const after = await bookOf('MAKE');
      expect(after.bids).toHaveLength(5);
      expect(after.bids[0]?.px).toBeLessThan(before.bids[0]?.px ?? 0n);
      expect(after.asks[0]?.px).toBeLessThan(before.asks[0]?.px ?? 0n);
    });
  });

  test('quotes a symbol at most once a second, and not at all when nothing moved', async () => {
    await engine.publish(...opening('RATE'));
    const startedAt = performance.now();
    let px = 50n * UNIT;
    await eventually(async () => {
      px += 10_000n;
      tell('RATE', px);
      expect(await quotesOf('RATE')).toBeGreaterThanOrEqual(3);
    });
    const seconds = (performance.now() - startedAt) / 1000;
    expect(await quotesOf('RATE')).toBeLessThanOrEqual(Math.ceil(seconds) + 1);

    const last = await settled(() => quotesOf('RATE'));
    const from = performance.now();
    await eventually(async () => {
      tell('RATE', px);
      expect(performance.now() - from).toBeGreaterThan(2500);
    });
    expect(await quotesOf('RATE')).toBe(last);
  });

  test('is there when trading goes on after a split, though the price has not moved since', async () => {
    await engine.publish(...opening('SPLT'));
    await eventually(async () => {
      tell('SPLT', 100n * UNIT);
      expect((await bookOf('SPLT')).bids).toHaveLength(5);
    });
    const value = { actionId: idOf('split'), ratioTo: 2n, ratioFrom: 1n };
    await engine.publish(commandEvent('SPLT', { $case: 'applySplit', value }));
    await eventually(async () => expect((await bookOf('SPLT')).bids).toEqual([]));
    // New prices are told while it lasts, for longer than the house waits between two ladders.
    const from = performance.now();
    await eventually(() => {
      tell('SPLT', 50n * UNIT);
      expect(performance.now() - from).toBeGreaterThan(2500);
    });
    await engine.publish(commandEvent('SPLT', { $case: 'setHalt', value: { halted: false, reason: '' } }));
    await eventually(async () => {
      tell('SPLT', 50n * UNIT);
      const { bids, asks } = await bookOf('SPLT');
      expect([bids.length, asks.length]).toEqual([5, 5]);
      expect(bids[0]?.px).toBeLessThan(50n * UNIT);
      expect(asks[0]?.px).toBeGreaterThan(50n * UNIT);
    });
  });

  test.each([
    ['LONG', 'sell', 1n, [99_950_000n, 100_010_000n], [99_930_000n, 99_990_000n]],
    ['SHRT', 'buy', -1n, [99_990_000n, 100_050_000n], [100_010_000n, 100_070_000n]],
  ] as const)(
    'counts what it holds of %s in new shares as the ledger does, whenever it was restarted',
    {
      timeout: 90_000,
    },
    async (symbol, side, sign, leaning, after) => {
      const quoted = async (expected: readonly bigint[]) => {
        tell(symbol, 100n * UNIT);
        const { bids, asks } = await bookOf(symbol);
        expect([bids[0]?.px, asks[0]?.px]).toEqual(expected);
      };
      await engine.publish(...opening(symbol));
      await eventually(() => quoted([99_970_000n, 100_030_000n]));
      await engine.publish(limit(symbol, { order: symbol, user: 'client', side, qty: 1000n, px: 100n - sign }));
      await eventually(() => quoted(leaning));
      await engine.publish(splitOfHouse(symbol, sign * 1000n));
      // It may have been heard or not, and what was heard may be kept or not.
      await engine.restart();
      await eventually(() => quoted(after));
      await eventually(async () => expect((await inventoryOf()).holdings[symbol]).toBe(Number(sign * 2000n * UNIT)));
      await engine.restart();
      await eventually(() => quoted(after));
    },
  );

  test('remembers over a restart what it holds', async () => {
    await eventually(async () => expect((await bookOf('MAKE')).bids).toHaveLength(5));
    const leaning = await bookOf('MAKE');
    await engine.restart();
    await eventually(async () => {
      tell('MAKE', 100n * UNIT);
      expect((await bookOf('MAKE')).bids[0]?.px).toBe(leaning.bids[0]?.px);
    });
  });
});

describe('live views', () => {
  test('show the book and the trade, several trades of a moment as one', async () => {
    const books: Book[] = [];
    const prints: TradePrint[] = [];
    engine.nats.connection.subscribe('md.book.SHOW', {
      callback: (_, message) => void books.push(Book.decode(message.data)),
    });
    engine.nats.connection.subscribe('md.trade.SHOW', {
      callback: (_, message) => void prints.push(TradePrint.decode(message.data)),
    });
    await engine.nats.connection.flush();
    const sells = [1, 2, 3].map((n) =>
      limit('SHOW', { order: `s-${n}`, user: 'maker', side: 'sell', qty: 2n, px: 100n + BigInt(n) }),
    );
    await engine.publish(...opening('SHOW'), ...sells);
    await engine.publish(limit('SHOW', { order: 's-buy', user: 'taker', qty: 5n, px: 105n }));
    await eventually(() => {
      expect(books.at(-1)).toMatchObject({ asks: [{ px: 103n * UNIT, qty: UNIT, orders: 1 }], lastPx: 103n * UNIT });
      expect(prints.reduce((sum, { qty }) => sum + qty, 0n)).toBe(5n * UNIT);
    });
    expect(prints.at(-1)).toMatchObject({ px: 103n * UNIT, aggressor: Side.SIDE_BUY });
  });
});
