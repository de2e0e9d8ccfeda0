import { eventually } from '@andvari/kit/testing/eventually';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { EngineServiceService } from '@andvari/proto/engine/v1/engine';
import { MarketState, Quote } from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { start } from '../src/main.ts';
import { commandEvent, opening, UNIT } from './commands.ts';

let engine: TestService<Awaited<ReturnType<typeof start>>>;

beforeAll(async () => {
  engine = await testService({
    readConfig,
    start,
    streams: ['COMMANDS', 'EXECUTIONS', 'PORTFOLIO', 'DEAD'],
    env: { REFERENCE_PRICES: 'market', REFERENCE_STALE_MS: '1500', LEASE_MS: '1500' },
  });
});
afterAll(() => engine.close());

function tell(symbol: string, last: bigint): void {
  const nothing = { open: 0n, high: 0n, low: 0n, previousClose: 0n, volume: 0n, high52w: 0n, low52w: 0n };
  const sides = { bid: 0n, ask: 0n, bidSize: 0n, askSize: 0n, marketState: MarketState.MARKET_STATE_REGULAR };
  const quote = { ...nothing, ...sides, symbol, last, source: 'test', asOfUs: 0n, validUntilUs: 0n };
  engine.nats.connection.publish(`md.quote.${symbol}`, Quote.encode(quote).finish());
}

async function levelsOf(symbol: string) {
  const { book } = await engine.client(EngineServiceService, {}).getBook({ symbol, depth: 10 });
  return { bids: book?.bids ?? [], asks: book?.asks ?? [] };
}

async function quotedAround(symbol: string, px: bigint) {
  return eventually(async () => {
    tell(symbol, px);
    const { bids, asks } = await levelsOf(symbol);
    expect([bids.length, asks.length]).toEqual([5, 5]);
    expect(bids[0]?.px).toBeLessThan(px);
    expect(asks[0]?.px).toBeGreaterThan(px);
    return { bids, asks };
  });
}

async function withdrawn(symbol: string): Promise<void> {
  await eventually(async () => expect(await levelsOf(symbol)).toEqual({ bids: [], asks: [] }));
}

test('ladders are taken back when the source falls silent, and come again with it', async () => {
  await engine.publish(...opening('HUSH'));
  await quotedAround('HUSH', 100n * UNIT);
  await withdrawn('HUSH');
  await quotedAround('HUSH', 100n * UNIT);
});

test('a symbol that does not move keeps its ladder while the source speaks of others', async () => {
  await engine.publish(...opening('CALM'), ...opening('BUSY'));
  const before = await quotedAround('CALM', 100n * UNIT);
  const from = performance.now();
  await eventually(async () => {
    tell('BUSY', 50n * UNIT);
    expect(await levelsOf('CALM')).toEqual(before);
    expect(performance.now() - from).toBeGreaterThan(3000);
  });
});

test('a ladder that a leader before left is taken back as well', async () => {
  await engine.publish(...opening('HEIR'));
  await quotedAround('HEIR', 100n * UNIT);
  await engine.restart();
  await withdrawn('HEIR');
});

test('the house goes on through a halt, so that trading resumes around the price of the moment', async () => {
  await engine.publish(...opening('STOP'));
  await quotedAround('STOP', 100n * UNIT);
  await engine.publish(commandEvent('STOP', { $case: 'setHalt', value: { halted: true, reason: 'news' } }));
  await quotedAround('STOP', 80n * UNIT);
});

test.each([
  ['far below one unit of currency it quotes on the finer grid', 'PENNY', 5_000n],
  ['where its ladder straddles one unit, on the coarser', 'DIME', 999_900n],
])('%s', async (_, symbol, px) => {
  await engine.publish(...opening(symbol));
  await quotedAround(symbol, px);
});
