import { describe, expect, test } from 'vitest';
import { type AskBars, type Bar, type BarFeed, createBarFeed, merged } from '../../src/features/instrument/bar-feed.ts';
import { marksOf, type OwnFill } from '../../src/features/instrument/own-fills.ts';
import { frameOf } from '../../src/features/instrument/timeframes.ts';

/** Bars of a minute each; the server has what is listed, and answers while it can. */
const bar = (minute: number, close = '10'): Bar => ({
  time: minute * 60,
  open: close,
  high: close,
  low: close,
  close,
  volume: '1',
});
const minutes = (feed: BarFeed): number[] => feed.bars.map(({ time }) => time / 60);

function world(known: Bar[], { frame = '1m', isDown = false } = {}) {
  const asked: { fromSeconds: number; first: number; after: string | null }[] = [];
  const again: (() => void)[] = [];
  const later: (() => void)[] = [];
  const server = { bars: known, isDown, page: 1000 };
  const ask: AskBars = async (wanted) => {
    asked.push(wanted);
    if (server.isDown) return undefined;
    const end = wanted.after === null ? Number.POSITIVE_INFINITY : Number(wanted.after);
    const fit = server.bars.filter(({ time }) => time >= wanted.fromSeconds && time < end);
    const bars = fit.slice(-Math.min(wanted.first, server.page));
    return { bars, cursor: bars.length < fit.length ? String(bars[0]?.time) : null };
  };
  const feed = createBarFeed({
    frame: frameOf(frame),
    ask,
    keepTrying: (work) => {
      again.push(work);
      return () => void again.splice(again.indexOf(work), 1);
    },
    nowSeconds: () => 1_000_000_000,
    later: (work) => void later.push(work),
  });
  feed.open();
  return { asked, again, later, server, feed };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const NOW = 1_000_000_000 / 60;
const first = Math.floor(NOW) - 10;

describe('the bars of a chart', () => {
  test('that could not be read are tried until they are, and then no longer', async () => {
    const { feed, server, again } = world([bar(first)], { isDown: true });
    await settled();
    expect([feed.state, again.length]).toEqual(['failed', 1]);
    again[0]?.();
    await settled();
    expect([feed.state, again.length]).toEqual(['failed', 1]);
    server.isDown = false;
    again[0]?.();
    await settled();
    expect([feed.state, again.length, minutes(feed)]).toEqual(['ready', 0, [first]]);
  });

  test('that were missed in a gap are read after it, all of them, and the last known one anew', async () => {
    const { feed, server } = world([bar(first), bar(first + 1, '10')]);
    await settled();
    server.bars = [bar(first), bar(first + 1, '11'), ...[2, 3, 4, 5].map((at) => bar(first + at))];
    // Less than the gap fits one page.
    server.page = 2;
    feed.readNewest();
    await settled();
    expect(minutes(feed)).toEqual([0, 1, 2, 3, 4, 5].map((at) => first + at));
    expect(feed.bars[1]?.close).toBe('11');
  });

  test('that a gap cannot bring yet stay as they are, and the gap is tried again', async () => {
    const { feed, server, again } = world([bar(first)]);
    await settled();
    server.isDown = true;
    feed.readNewest();
    await settled();
    expect([feed.state, minutes(feed), again.length]).toEqual(['ready', [first], 1]);
    server.isDown = false;
    server.bars.push(bar(first + 1));
    again[0]?.();
    await settled();
    expect([minutes(feed), again.length]).toEqual([[first, first + 1], 0]);
  });

  test('move with the price; a new minute begins the next, and the one before is read once it is whole', async () => {
    const { feed, server, later, asked } = world([bar(first, '10')]);
    await settled();
    feed.tick('10.000001', first * 60 + 30);
    feed.tick('9.5', first * 60 + 40);
    expect(feed.bars.at(-1)).toMatchObject({ open: '10', high: '10.000001', low: '9.5', close: '9.5' });
    feed.tick('9.6', (first + 1) * 60);
    expect(feed.bars.at(-1)).toEqual({ ...bar(first + 1, '9.6'), volume: '0' });
    server.bars = [{ ...bar(first, '9.5'), volume: '700' }, bar(first + 1, '9.6')];
    later[0]?.();
    await settled();
    expect(asked.at(-1)?.fromSeconds).toBe(first * 60);
    expect(feed.bars[0]?.volume).toBe('700');
  });

  test('begin with the first price where there are none', async () => {
    const { feed } = world([]);
    await settled();
    expect(feed.state).toBe('empty');
    feed.tick('10', first * 60 + 5);
    expect([feed.state, feed.bars]).toEqual(['ready', [{ ...bar(first), volume: '0' }]]);
  });

  test('of months go back to where time begins, and not before', async () => {
    const { asked } = world([], { frame: '1M' });
    await settled();
    expect(asked[0]?.fromSeconds).toBe(0);
  });

  test('before the first are read on request, once at a time', async () => {
    const known = Array.from({ length: 500 }, (_, at) => bar(first - 500 + at));
    const { feed, asked } = world(known);
    await settled();
    expect(feed.bars).toHaveLength(400);
    feed.readOlder();
    feed.readOlder();
    await settled();
    expect([feed.bars.length, asked.length]).toEqual([500, 2]);
    feed.readOlder();
    await settled();
    expect(asked).toHaveLength(2);
  });

  test('are each of one moment, the newer word counting', () => {
    expect(merged([bar(1, '1'), bar(3, '3')], [bar(2, '2'), bar(1, '4')]).map(({ close }) => close)).toEqual([
      '4',
      '2',
      '3',
    ]);
  });

  test('that no price has moved are not told of: most quotes move the bid or the ask alone', async () => {
    const { feed } = world([bar(first)]);
    await settled();
    const told: string[] = [];
    feed.subscribe((change) => told.push(change));
    feed.tick('10', first * 60 + 1);
    expect(told).toEqual([]);
    feed.tick('11', first * 60 + 2);
    feed.tick('11', first * 60 + 3);
    expect(told).toEqual(['last']);
    expect(feed.bars.at(-1)).toMatchObject({ open: '10', high: '11', low: '10', close: '11' });
  });
});

describe('the marks of one’s fills', () => {
  const fill = (minute: number, side: 'BUY' | 'SELL', quantity: string) =>
    ({ executedAt: new Date(minute * 60_000 + 30_000).toISOString(), side, quantity, price: '10', id: 'x' }) as OwnFill;
  test.each<[what: string, fills: OwnFill[], marks: string[]]>([
    ['stand in the bar of their time', [fill(2, 'BUY', '3')], ['2 BUY 3']],
    ['are one for each side of a bar, exact', [fill(2, 'BUY', '0.1'), fill(2, 'BUY', '0.2')], ['2 BUY 0.3']],
    ['keep the sides apart', [fill(1, 'SELL', '1'), fill(1, 'BUY', '1')], ['1 SELL 1', '1 BUY 1']],
    ['in a gap belong to the bar before it', [fill(4, 'BUY', '1')], ['3 BUY 1']],
    ['from before the first bar are not there', [fill(0, 'BUY', '1')], []],
  ])('%s', (_, fills, marks) => {
    const found = marksOf(fills, [bar(1), bar(2), bar(3), bar(5)]);
    expect(found.map(({ time, side, quantity }) => `${time / 60} ${side} ${quantity}`)).toEqual(marks);
  });
});
