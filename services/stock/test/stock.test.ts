import { eventually } from '@andvari/kit/testing/eventually';
import { command, instrumentChanged, sessionChanged } from '@andvari/proto/events';
import { MarketState, Quote } from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stockWorld, type World } from './stock-world.ts';

let world: World;
const quotes = new Map<string, Quote>();

beforeAll(async () => {
  world = await stockWorld();
  world.service.nats.connection.subscribe('md.quote.*', {
    callback: (_, message) => {
      const quote = Quote.decode(message.data);
      quotes.set(message.subject, quote);
    },
  });
});
afterAll(() => world.close());

test('the first start lists the file and makes every symbol known to the engine, open', async () => {
  const commands = await eventually(async () => {
    const found = await world.service.published(command);
    expect(found.filter(({ body }) => body?.$case === 'setSession').length).toBeGreaterThan(100);
    return found;
  });
  const listed = await world.service.published(instrumentChanged);
  expect(listed.length).toBeGreaterThan(110);
  const ofApple = commands.filter(({ symbol }) => symbol === 'AAPL').map(({ body }) => body?.$case);
  expect(ofApple).toContain('defineInstrument');
  expect((await world.service.published(sessionChanged)).map(({ state }) => state)).toEqual([
    MarketState.MARKET_STATE_REGULAR,
  ]);
});

test('quotes move on core NATS and say how long they are good for', async () => {
  const quote = await eventually(() => {
    const found = quotes.get('md.quote.AAPL');
    expect(found).toBeDefined();
    return found;
  });
  expect(quote).toMatchObject({ symbol: 'AAPL', source: 'simulated', marketState: MarketState.MARKET_STATE_REGULAR });
  expect(quote?.validUntilUs).toBe((quote?.asOfUs ?? 0n) + 30_000_000n);
  expect((quote?.bid ?? 0n) < (quote?.ask ?? 0n)).toBe(true);
});
