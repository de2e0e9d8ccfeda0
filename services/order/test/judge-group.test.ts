import { describe, expect, test } from 'vitest';
import { judgeGroup } from '../src/domain/judge-group.ts';
import type { Market } from '../src/domain/market.ts';
import type { GroupType, OrderSpec } from '../src/domain/order.ts';
import { closed, collars, limit, market, open, stop, stopLimit, trailing, units } from './domain-fixture.ts';

/** To buy with, at a limit or from a stop on. */
const bought = (spec: OrderSpec, at: number): OrderSpec =>
  spec.type === 'limit' ? { ...spec, side: 'buy', limitPx: units(at) } : { ...spec, side: 'buy', stopPx: units(at) };

describe('groups', () => {
  const entry = limit;
  const profit: OrderSpec = { ...limit, side: 'sell', limitPx: units(120) };
  const loss: OrderSpec = { ...stop, side: 'sell', stopPx: units(90) };
  const sold: OrderSpec = { ...limit, side: 'sell', limitPx: units(101) };
  const cases: [string, GroupType, OrderSpec[], string | undefined, string?, Market?][] = [
    ['a bracket', 'bracket', [entry, profit, loss], undefined],
    ['a bracket that trails', 'bracket', [entry, profit, { ...trailing, side: 'sell' }], undefined],
    ['a pair of exits', 'oco', [profit, loss], undefined],
    ['an entry with one exit', 'oto', [entry, loss], undefined],
    ['a bracket without its stop', 'bracket', [entry, profit], 'group_invalid', 'legs'],
    ['another symbol', 'oto', [entry, { ...loss, symbol: 'OTHER' }], 'group_invalid', 'legs[1].symbol'],
    ['an exit on the side of its entry', 'oto', [entry, { ...loss, side: 'buy' }], 'group_invalid', 'legs[1].side'],
    ['an exit of another size', 'oto', [entry, { ...loss, qty: units(9) }], 'group_invalid', 'legs[1].qty'],
    [
      'an exit that does not wait',
      'oto',
      [entry, { ...profit, timeInForce: 'ioc' }],
      'group_invalid',
      'legs[1].time_in_force',
    ],
    ['an exit at market', 'oto', [entry, { ...market, side: 'sell' }], 'group_invalid', 'legs[1].type'],
    ['a post-only exit', 'oto', [entry, { ...profit, postOnly: true }], 'group_invalid', 'legs[1].post_only'],
    ['a pair of exits that buy', 'oco', [bought(limit, 80), bought(stop, 110)], undefined],
    ['a bracket of a sale', 'bracket', [sold, bought(limit, 80), bought(stop, 110)], undefined],
    ['a pair that trails', 'oco', [profit, { ...trailing, side: 'sell' }], undefined],
    ['a pair that trails and buys', 'oco', [bought(limit, 80), { ...trailing, side: 'buy' }], undefined],
    [
      'a pair whose first does not wait',
      'oco',
      [{ ...profit, timeInForce: 'ioc' }, loss],
      'group_invalid',
      'legs[0].time_in_force',
    ],
    ['a group of none', 'oco', [], 'group_invalid', 'legs'],
    [
      'an entry for money',
      'oto',
      [{ ...market, qty: 0n, notional: units(50) }, loss],
      'group_invalid',
      'legs[0].notional',
    ],
    ['an exit for money', 'oto', [entry, { ...loss, notional: 1n }], 'group_invalid', 'legs[1].notional'],
    ['two exits of two sides', 'oco', [profit, { ...loss, side: 'buy' }], 'group_invalid', 'legs[1].side'],
    ['a sale with an exit that sells', 'oto', [sold, loss], 'group_invalid', 'legs[1].side'],
    ['a profit at the stop', 'oco', [{ ...profit, limitPx: units(90) }, loss], 'exit_on_wrong_side', 'legs[1].stop_px'],
    [
      'a buying profit at the stop',
      'oco',
      [bought(limit, 110), bought(stop, 110)],
      'exit_on_wrong_side',
      'legs[1].stop_px',
    ],
    [
      'a buying profit above the stop',
      'oco',
      [bought(limit, 120), bought(stop, 110)],
      'exit_on_wrong_side',
      'legs[1].stop_px',
    ],
    [
      'a stop above what is bought',
      'bracket',
      [entry, profit, { ...loss, stopPx: units(110) }],
      'exit_on_wrong_side',
      'legs[2].stop_px',
    ],
    [
      'a profit below what is bought',
      'bracket',
      [entry, { ...profit, limitPx: units(95) }, loss],
      'exit_on_wrong_side',
      'legs[1].limit_px',
    ],
    [
      'a profit at what is sold',
      'bracket',
      [sold, bought(limit, 101), bought(stop, 110)],
      'exit_on_wrong_side',
      'legs[1].limit_px',
    ],
    [
      'a stop below what is sold',
      'bracket',
      [sold, bought(limit, 80), bought(stop, 100)],
      'exit_on_wrong_side',
      'legs[2].stop_px',
    ],
    [
      'a lone stop above what is bought',
      'oto',
      [entry, { ...loss, stopPx: units(99) }],
      'exit_on_wrong_side',
      'legs[1].stop_px',
    ],
    [
      'a profit between an entry’s stop and its limit',
      'bracket',
      [stopLimit, { ...profit, limitPx: units(110.5) }, loss],
      'exit_on_wrong_side',
      'legs[1].limit_px',
    ],
    [
      'an entry at market, which has no price',
      'bracket',
      [market, { ...profit, limitPx: units(80) }, { ...loss, stopPx: units(70) }],
      undefined,
    ],
    [
      'an entry without its price',
      'bracket',
      [{ ...entry, limitPx: 0n }, profit, loss],
      'price_missing',
      'legs[0].limit_px',
    ],
    [
      'a profit without its price',
      'bracket',
      [entry, { ...profit, limitPx: 0n }, loss],
      'price_missing',
      'legs[1].limit_px',
    ],
    [
      'a leg that the market refuses as a whole',
      'oto',
      [{ ...market, timeInForce: 'fok' }, loss],
      'market_closed',
      'legs[0]',
      closed,
    ],
    ['an exit, whatever the market does', 'oto', [entry, { ...profit, limitPx: units(500) }], undefined],
    [
      'an entry, by what the market does',
      'oto',
      [
        { ...entry, limitPx: units(20) },
        { ...loss, stopPx: units(10) },
      ],
      'price_outside_collar',
      'legs[0].limit_px',
    ],
    [
      'a pair, by what the market does',
      'oco',
      [{ ...profit, limitPx: units(500) }, loss],
      'price_outside_collar',
      'legs[0].limit_px',
    ],
    ['two limits', 'oco', [profit, profit], 'group_invalid', 'legs[1].type'],
    ['two stops', 'oco', [loss, loss], 'group_invalid', 'legs[0].type'],
    [
      'a profit below the stop',
      'oco',
      [{ ...profit, limitPx: units(80) }, loss],
      'exit_on_wrong_side',
      'legs[1].stop_px',
    ],
    [
      'a leg that is wrong by itself',
      'bracket',
      [entry, { ...profit, limitPx: 120_005_000n }, loss],
      'price_off_tick',
      'legs[1].limit_px',
    ],
  ];
  test.each(cases)('%s', (_, type, legs, reason, field, on = open) => {
    const judged = judgeGroup(type, legs, on, collars);
    if (reason === undefined) expect(judged).toHaveLength(legs.length);
    else expect(judged).toMatchObject({ refused: reason, field });
  });

  test('that has too few legs says how many it has', () => {
    for (const [type, legs] of Object.entries({ bracket: 3n, oco: 2n, oto: 2n })) {
      expect(judgeGroup(type as GroupType, [entry], open, collars)).toMatchObject({ field: 'legs', numbers: { legs } });
    }
  });
});
