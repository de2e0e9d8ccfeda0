import { GroupKind, OrderType, TimeInForce } from '../src/domain/codes.ts';
import { type Command, MAX_QTY } from '../src/domain/command.ts';
import { type Body, cancel, instrument, limit, owner, phase, quote, stop, terms } from './flow.ts';

/**
 * Command sequences that once set the engine and the reference, or a replica and its original, apart, or broke a law of
 * the market; as small as they could be made. All property tests run them.
 */
export const regressions: [string, Body<Command>[]][] = [
  [
    'a quote whose quantity would leave the exact sums is refused whole',
    [instrument, phase('open'), limit(1, 'sell', MAX_QTY, 1), limit(2, 'sell', MAX_QTY, 1), quote([], [[5, 2]])],
  ],
  [
    'a house level in a reused row has no terms of the order before it',
    [instrument, phase('open'), stop(1, 'sell', 1, 1), cancel(1), quote([], [[5, 1]])],
  ],
  ['a market without any price yet triggers no stop when it opens', [instrument, stop(1, 'sell', 1, 1), phase('open')]],
  [
    'fill-or-kill meets both exits of a pair',
    [
      instrument,
      phase('open'),
      {
        kind: 'place_group',
        symbol: 'ACME',
        ...owner(1),
        group: GroupKind.oco,
        orders: [
          terms(1, 'sell', 1, { limitPrice: 3 }),
          terms(2, 'sell', 1, { type: OrderType.stop, stopPrice: 1, collarOffset: 1 }),
        ],
      },
      quote([], [[4, 1]], 1),
      limit(3, 'buy', 2, 3, { timeInForce: TimeInForce.fok }),
    ],
  ],
  [
    'a number that does not apply is no number at all',
    [instrument, phase('open'), limit(1, 'buy', 1, 1, { stopPrice: Number.NaN, trailPpm: 0.5 })],
  ],
  [
    'a group that is refused makes no pair of the orders whose names it bears',
    [
      instrument,
      phase('open'),
      {
        kind: 'place_group',
        symbol: 'ACME',
        ...owner(1),
        group: GroupKind.oto,
        orders: [terms(1, 'sell', 1, { limitPrice: 8 }), terms(2, 'buy', 1, { limitPrice: 1 })],
      },
      {
        kind: 'place_group',
        symbol: 'ACME',
        ...owner(1),
        group: GroupKind.oto,
        orders: [terms(1, 'buy', 1, { limitPrice: 1 }), terms(1, 'sell', 1, { limitPrice: 3 })],
      },
      quote([[8, 1]], []),
    ],
  ],
];
