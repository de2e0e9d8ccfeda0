import { mulberry32 } from '@andvari/kit/base/mulberry32';
import { expect, test } from 'vitest';
import { refuseWrongSide } from '../src/domain/group-prices.ts';
import { type GroupType, groupTypes, type OrderSpec, type OrderType } from '../src/domain/order.ts';
import { limit, units } from './domain-fixture.ts';

interface Leg {
  readonly leg: number;
  readonly spec: OrderSpec;
}

const SEED = 7;
const ROUNDS = 20_000;

/**
 * The naive rule: write the prices of the legs on a line, from where a loss is taken to where a profit is. All of the stop's come
 * before all of the entry's, and these before the profit's.
 */
function liesInOrder(type: GroupType, legs: readonly Leg[]): boolean {
  const exitsSell = legs.every(({ leg, spec }) => (isEntry(type, leg) ? 'buy' : 'sell') === spec.side);
  const on = (part: (of: Leg) => boolean) =>
    legs
      .filter(part)
      .flatMap(({ leg, spec }) => written(spec, isEntry(type, leg)))
      .map((px) => (exitsSell ? Number(px) : -Number(px)));
  const [stops, entries, profits] = [
    on(({ leg, spec }) => !isEntry(type, leg) && spec.type !== 'limit'),
    on(({ leg }) => isEntry(type, leg)),
    on(({ leg, spec }) => !isEntry(type, leg) && spec.type === 'limit'),
  ];
  return isBefore(stops, entries) && isBefore(entries, profits) && isBefore(stops, profits);
}

const isBefore = (some: number[], others: number[]) => some.every((one) => others.every((other) => one < other));

const isEntry = (type: GroupType, leg: number): boolean => type !== 'oco' && leg === 0;

/** An exit goes by what sets it off, an entry by all that it says. */
function written(spec: OrderSpec, entry: boolean): bigint[] {
  if (spec.type === 'limit') return [spec.limitPx];
  if (spec.type === 'stop') return [spec.stopPx];
  if (spec.type === 'stop_limit') return entry ? [spec.stopPx, spec.limitPx] : [spec.stopPx];
  return [];
}

test('a group is refused where its prices do not lie in order, whichever leg came last, and only there', () => {
  const chance = mulberry32(SEED);
  const oneOf = <T>(all: readonly T[]): T => all[Math.floor(chance() * all.length)] as T;
  const seen = { refused: 0, taken: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const type = oneOf(groupTypes);
    const exit = oneOf(['buy', 'sell'] as const);
    const legOf = (leg: number, kind: OrderType): Leg => {
      const side = isEntry(type, leg) ? (exit === 'buy' ? 'sell' : 'buy') : exit;
      const [limitPx, stopPx] = [units(96 + Math.floor(chance() * 8)), units(96 + Math.floor(chance() * 8))];
      return { leg, spec: { ...limit, side, type: kind, limitPx, stopPx } };
    };
    const stopping = oneOf(['stop', 'stop_limit', 'trailing_stop'] as const);
    const entering = oneOf(['market', 'limit', 'stop', 'stop_limit'] as const);
    const legs =
      type === 'oco'
        ? [legOf(0, 'limit'), legOf(1, stopping)]
        : type === 'oto'
          ? [legOf(0, entering), legOf(1, oneOf(['limit', stopping]))]
          : [legOf(0, entering), legOf(1, 'limit'), legOf(2, stopping)];
    const found = legs.map((one) =>
      refuseWrongSide(
        type,
        one,
        legs.filter((other) => other !== one),
      ),
    );
    const told = `round ${round}: ${type} ${legs.map(({ spec }) => `${spec.side} ${spec.type} ${spec.limitPx} ${spec.stopPx}`).join(', ')}`;
    expect(
      found.every((each) => each === undefined),
      told,
    ).toBe(liesInOrder(type, legs));
    seen[liesInOrder(type, legs) ? 'taken' : 'refused'] += 1;
    for (const [at, each] of found.entries()) {
      if (each === undefined) continue;
      const [[, px], [, against]] = Object.entries(each.numbers) as [[string, bigint], [string, bigint]];
      const own = each.field === 'limit_px' ? legs[at]?.spec.limitPx : legs[at]?.spec.stopPx;
      expect(px, told).toBe(own);
      expect(
        legs.flatMap(({ spec }) => [spec.limitPx, spec.stopPx]),
        told,
      ).toContain(against);
    }
  }
  expect(Math.min(seen.refused, seen.taken)).toBeGreaterThan(ROUNDS / 10);
});
