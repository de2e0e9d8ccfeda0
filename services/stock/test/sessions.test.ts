import { eventually } from '@andvari/kit/testing/eventually';
import { Session } from '@andvari/proto/engine/v1/commands';
import { command, sessionChanged } from '@andvari/proto/events';
import { MarketState } from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StockWorldOptions, stockWorld, type World } from './stock-world.ts';

const { MARKET_STATE_CLOSED, MARKET_STATE_PRE, MARKET_STATE_REGULAR, MARKET_STATE_AFTER } = MarketState;
const at = (text: string) => Date.parse(`${text}:00Z`);

const names: Record<number, string> = {
  [Session.SESSION_CLOSED]: 'closed',
  [Session.SESSION_PRE_OPEN]: 'pre_open',
  [Session.SESSION_OPEN]: 'open',
};

/** What the engine was told of a symbol's sessions, in order. */
async function toldOf(world: World, symbol: string): Promise<string[]> {
  return (await world.service.published(command))
    .filter((one) => one.symbol === symbol)
    .flatMap(({ body }) => {
      if (body?.$case === 'setSession') return [names[body.value.session] ?? '?'];
      return body?.$case === 'expireDayOrders' ? ['expire'] : [];
    });
}

async function worldFor(options: StockWorldOptions): Promise<World> {
  return stockWorld({ ...options, env: { MARKET_HOURS: 'nyse', TICK_EVERY_MS: '60000', ...options.env } });
}

describe('by the exchange’s calendar', () => {
  let world: World;
  beforeAll(async () => {
    // The Wednesday before Thanksgiving, before anything opens.
    world = await worldFor({ nowMs: at('2026-11-25T08:00') });
  });
  afterAll(() => world.close());

  /** In order: each goes on from the one before. */
  const day: [string, string, string[], MarketState][] = [
    ['the night before', '2026-11-25T08:30', ['closed'], MARKET_STATE_CLOSED],
    ['before the open orders gather', '2026-11-25T09:00', ['closed', 'pre_open'], MARKET_STATE_PRE],
    ['at half past nine it opens', '2026-11-25T14:30', ['closed', 'pre_open', 'open'], MARKET_STATE_REGULAR],
    [
      'at four it closes and day orders end',
      '2026-11-25T21:00',
      ['closed', 'pre_open', 'open', 'closed', 'expire'],
      MARKET_STATE_AFTER,
    ],
    [
      'in the evening the engine hears nothing new',
      '2026-11-26T01:00',
      ['closed', 'pre_open', 'open', 'closed', 'expire'],
      MARKET_STATE_CLOSED,
    ],
    ['nor on the holiday', '2026-11-26T18:00', ['closed', 'pre_open', 'open', 'closed', 'expire'], MARKET_STATE_CLOSED],
    [
      'the day after closes at one',
      '2026-11-27T18:00',
      ['closed', 'pre_open', 'open', 'closed', 'expire', 'pre_open', 'open', 'closed', 'expire'],
      MARKET_STATE_AFTER,
    ],
  ];
  test.each(day)('%s', async (_, time, expected, state) => {
    world.moveTo(at(time));
    await eventually(async () => {
      expect(await toldOf(world, 'AAPL')).toEqual(expected);
      expect(await toldOf(world, 'ASML-AS')).toEqual(expected);
    });
    expect(await world.stock.getClock({})).toMatchObject({ state, alwaysOpen: false });
    await eventually(async () => expect((await world.service.published(sessionChanged)).at(-1)?.state).toBe(state));
  });

  test('every change was news once, with the next open and close', async () => {
    const news = await world.service.published(sessionChanged);
    expect(news.map(({ state }) => state)).toEqual([
      MARKET_STATE_CLOSED,
      MARKET_STATE_PRE,
      MARKET_STATE_REGULAR,
      MARKET_STATE_AFTER,
      MARKET_STATE_CLOSED,
      MARKET_STATE_PRE,
      MARKET_STATE_REGULAR,
      MARKET_STATE_AFTER,
    ]);
    const opened = news[2];
    expect(opened?.atUs).toBe(BigInt(at('2026-11-25T14:30')) * 1000n);
    expect(opened?.nextOpenUs).toBe(BigInt(at('2026-11-27T14:30')) * 1000n);
    expect(opened?.nextCloseUs).toBe(BigInt(at('2026-11-25T21:00')) * 1000n);
  });

  test('a market that has closed keeps its last price', async () => {
    const before = await world.stock.getQuotes({ symbols: ['AAPL'], allowUnknown: false });
    world.moveTo(at('2026-11-29T12:00'));
    const after = await world.stock.getQuotes({ symbols: ['AAPL'], allowUnknown: false });
    expect(after.quotes[0]?.last).toBe(before.quotes[0]?.last);
    expect(after.quotes[0]?.asOfUs).not.toBe(before.quotes[0]?.asOfUs);
  });

  test('the calendar tells sessions, early closes and holidays by name', async () => {
    const { days, holidays } = await world.stock.getCalendar({ fromDate: '2026-11-23', toDate: '2026-11-29' });
    expect(days.map(({ date, earlyClose }) => `${date}${earlyClose ? ' early' : ''}`)).toEqual([
      '2026-11-23',
      '2026-11-24',
      '2026-11-25',
      '2026-11-27 early',
    ]);
    expect(holidays).toEqual([{ date: '2026-11-26', name: 'Thanksgiving Day' }]);
  });
});

test('what was missed in an outage is caught up, in order and once', async () => {
  const world = await worldFor({ nowMs: at('2026-06-10T15:00') });
  await eventually(async () => expect(await toldOf(world, 'AAPL')).toEqual(['open']));
  await world.restartAt(at('2026-06-12T15:00'));
  const missed = ['closed', 'expire', 'pre_open', 'open', 'closed', 'expire', 'pre_open', 'open'];
  await eventually(async () => expect(await toldOf(world, 'AAPL')).toEqual(['open', ...missed]));
  await world.service.restart();
  await expectStill(world, ['open', ...missed]);
  await world.close();
});

test('two replicas that come back from it at once catch up once, in order', async () => {
  const world = await worldFor({ nowMs: at('2026-06-10T15:00') });
  await eventually(async () => expect(await toldOf(world, 'AAPL')).toEqual(['open']));
  const [other] = await Promise.all([world.startAnother(), world.restartAt(at('2026-06-12T15:00'))]);
  const missed = ['closed', 'expire', 'pre_open', 'open', 'closed', 'expire', 'pre_open', 'open'];
  await eventually(async () => expect(await toldOf(world, 'AAPL')).toEqual(['open', ...missed]));
  await expectStill(world, ['open', ...missed]);
  await other.close();
  await world.close();
});

test('a clock that was set back by days begins anew, one that is a little behind says nothing again', async () => {
  const world = await worldFor({ nowMs: at('2026-06-12T14:00') });
  await eventually(async () => expect(await toldOf(world, 'AAPL')).toEqual(['open']));
  world.moveTo(at('2026-06-12T13:10'));
  await expectStill(world, ['open']);
  await world.restartAt(at('2026-06-10T12:00'));
  await eventually(async () => expect(await toldOf(world, 'AAPL')).toEqual(['open', 'pre_open']));
  world.moveTo(at('2026-06-10T13:31'));
  await eventually(async () => expect(await toldOf(world, 'AAPL')).toEqual(['open', 'pre_open', 'open']));
  await world.close();
});

test('days that are played pass one upon the other, and each ends its orders', async () => {
  const played = { MARKET_SPEED: '3600', MARKET_SPEED_SINCE: String(Date.now()), MARKET_HOURS: 'nyse' };
  const world = await stockWorld({ env: { ...played, TICK_EVERY_MS: '60000' }, ownClock: true });
  // A day takes seven seconds.
  await eventually(async () => {
    const told = await toldOf(world, 'AAPL');
    expect(told.filter((step) => step === 'expire').length).toBeGreaterThanOrEqual(2);
    expect(told.slice(told.indexOf('closed'), told.indexOf('closed') + 4)).toEqual([
      'closed',
      'expire',
      'pre_open',
      'open',
    ]);
  });
  const { nowUs } = await world.stock.getClock({});
  expect(nowUs).toBeGreaterThan(BigInt(Date.now()) * 1000n);
  await world.close();
});

test('a log made anew is told everything again', async () => {
  const world = await worldFor({ nowMs: at('2026-06-10T15:00') });
  await eventually(async () => expect(await toldOf(world, 'AAPL')).toEqual(['open']));
  await world.stock.haltSymbol({ symbol: 'KO', reason: 'news pending' });
  await eventually(async () => {
    const told = (await world.service.published(command)).filter(({ symbol }) => symbol === 'KO');
    expect(told.at(-1)?.body?.$case).toBe('setHalt');
  });
  await world.service.nats.jsm.streams.delete('COMMANDS');
  await world.service.restart();
  await eventually(async () => {
    const told = await world.service.published(command);
    const toldOfSymbol = (name: string) => told.filter(({ symbol }) => symbol === name).map(({ body }) => body?.$case);
    expect(toldOfSymbol('AAPL')).toEqual(['defineInstrument', 'setSession']);
    expect(toldOfSymbol('KO')).toEqual(['defineInstrument', 'setSession', 'setHalt']);
  });
  await world.close();
});

test('of two replicas one tells the engine', async () => {
  const world = await worldFor({ nowMs: at('2026-06-10T12:00') });
  const other = await world.startAnother();
  await eventually(async () => expect(await toldOf(world, 'AAPL')).toEqual(['pre_open']));
  world.moveTo(at('2026-06-10T20:30'));
  await eventually(async () => expect(await toldOf(world, 'AAPL')).toEqual(['pre_open', 'open', 'closed', 'expire']));
  await expectStill(world, ['pre_open', 'open', 'closed', 'expire']);
  await other.close();
  await world.close();
});

test('a market that never closes ends its day at midnight all the same', async () => {
  const world = await stockWorld({ nowMs: at('2026-06-13T23:59'), env: { TICK_EVERY_MS: '60000' } });
  await eventually(async () => expect(await toldOf(world, 'AAPL')).toEqual(['open']));
  world.moveTo(at('2026-06-14T00:00'));
  await eventually(async () => expect(await toldOf(world, 'AAPL')).toEqual(['open', 'closed', 'expire', 'open']));
  expect(await world.stock.getClock({})).toMatchObject({
    state: MARKET_STATE_REGULAR,
    alwaysOpen: true,
    nextOpenUs: 0n,
  });
  expect(await world.service.published(sessionChanged)).toHaveLength(1);
  await world.close();
});

/** Rounds of the clock pass, and nothing more is said. */
async function expectStill(world: World, expected: string[]): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await world.stock.getClock({});
    await world.advance();
  }
  expect(await toldOf(world, 'AAPL')).toEqual(expected);
}
