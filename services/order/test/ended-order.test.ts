import { describe, expect, test } from 'vitest';
import { asPlaced, type EndedOrder, reportsOf } from '../src/domain/ended-order.ts';
import { newLife } from '../src/domain/new-order.ts';
import { limit, market, orderOf, reportOf, units } from './domain-fixture.ts';

/** An order of the past, as somebody else tells of it. */
const sold: EndedOrder = {
  id: 'o',
  accountId: 'a',
  userId: 'u',
  clientOrderId: 'c',
  symbol: 'ACME',
  side: 'sell',
  qty: units(10),
  limitPx: units(99),
  held: units(10),
  heldAsset: 'ACME',
  fillPx: units(100),
  execId: 'x',
  placedAtUs: 5n,
  endedAtUs: 9n,
  expired: false,
};

describe('as it was placed', () => {
  test.each([
    ['with a limit', sold, { ...limit, side: 'sell' } as const],
    ['at market', { ...sold, limitPx: 0n }, { ...market, side: 'sell' } as const],
  ])('%s', (_, ended, spec) => {
    const placed = { reserved: units(10), reservedAsset: 'ACME', life: newLife(units(10), 0n, 5n) };
    expect(asPlaced(ended)).toEqual({ ...orderOf(spec), ...placed });
  });
});

describe('what an engine would have said', () => {
  const told = { side: 'sell', qty: units(10) } as const;
  const acknowledged = reportOf('new', 'new', { ...told, execId: 'x-new', leavesQty: units(10), atUs: 5n });
  test('of one that traded: all of it at its price', () => {
    const fill = {
      lastQty: units(10),
      lastPx: units(100),
      cumQty: units(10),
      avgPx: units(100),
      leavesQty: 0n,
    } as const;
    expect(reportsOf(sold)).toEqual([
      acknowledged,
      reportOf('fill', 'filled', { ...told, ...fill, execId: 'x', tradeId: 'x', liquidity: 'taker' }),
    ]);
  });

  test('of one that did not: that it was cancelled', () => {
    expect(reportsOf({ ...sold, fillPx: 0n })).toEqual([
      acknowledged,
      reportOf('canceled', 'canceled', { ...told, execId: 'x', leavesQty: 0n }),
    ]);
  });

  test('of one whose day ended before: that it expired', () => {
    const expired = { ...told, execId: 'x', reason: 'day_end', leavesQty: 0n } as const;
    expect(reportsOf({ ...sold, fillPx: 0n, expired: true })).toEqual([
      acknowledged,
      reportOf('expired', 'expired', expired),
    ]);
  });
});
