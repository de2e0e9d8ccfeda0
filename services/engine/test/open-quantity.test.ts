import { test } from 'vitest';
import { OrderType, TimeInForce } from '../src/domain/codes.ts';
import { MAX_QTY } from '../src/domain/command.ts';
import { type Answered, answers } from './answers.ts';
import { cancel, limit, quote, terms } from './flow.ts';
import { group, oco, profit, stopLoss } from './groups.ts';

const { fok } = TimeInForce;
/** Both exits come to rest at one price, the limit first. */
const level = [
  group(
    'oco',
    { ...profit, limitPrice: 95 },
    { ...stopLoss, type: OrderType.stop_limit, limitPrice: 95, collarOffset: 0 },
  ),
  quote([], [], 90),
];
const large = (kind: 'buy' | 'sell') => {
  const other = kind === 'buy' ? 'sell' : 'buy';
  const [near, far] = kind === 'buy' ? [110, 90] : [90, 110];
  const qty = MAX_QTY - 100;
  return group(
    'bracket',
    terms(51, kind, qty, { limitPrice: 100 }),
    terms(52, other, qty, { limitPrice: near }),
    terms(53, other, qty, { type: OrderType.stop, stopPrice: far, collarOffset: 10 }),
  );
};

const cases: Answered[] = [
  [
    'fill-or-kill takes exactly what is there',
    [limit(1, 'sell', 5, 100)],
    limit(2, 'buy', 5, 100, { timeInForce: fok }),
    ['NEW 2 new leaves 5', 'FILL 1 5@100 maker filled leaves 0', 'FILL 2 5@100 taker filled leaves 0'],
  ],
  [
    'it does not look behind the user’s own order',
    [limit(1, 'sell', 4, 100, { user: 8 }), limit(2, 'sell', 9, 101)],
    limit(3, 'buy', 5, 101, { timeInForce: fok, user: 8 }),
    ['NEW 3 new leaves 5', 'CANCELED 3 canceled leaves 0 fok_unfillable'],
  ],
  [
    'an exit whose stop waits counts whole',
    [oco],
    limit(1, 'buy', 10, 110, { timeInForce: fok }),
    [
      'NEW 1 new leaves 10',
      'FILL 52 10@110 maker filled leaves 0',
      'FILL 1 10@110 taker filled leaves 0',
      'CANCELED 53 canceled leaves 0 group',
    ],
  ],
  [
    'of two exits the nearer counts',
    [oco, quote([], [], 90)],
    limit(1, 'buy', 10, 100, { timeInForce: fok }),
    [
      'NEW 1 new leaves 10',
      'FILL 53 10@80 maker filled leaves 0',
      'FILL 1 10@80 taker filled leaves 0',
      'CANCELED 52 canceled leaves 0 group',
    ],
  ],
  [
    'at one price one of them',
    level,
    limit(1, 'buy', 10, 95, { timeInForce: fok }),
    [
      'NEW 1 new leaves 10',
      'FILL 52 10@95 maker filled leaves 0',
      'FILL 1 10@95 taker filled leaves 0',
      'CANCELED 53 canceled leaves 0 group',
    ],
  ],
  [
    'and not the other',
    level,
    limit(1, 'buy', 11, 95, { timeInForce: fok }),
    ['NEW 1 new leaves 11', 'CANCELED 1 canceled leaves 0 fok_unfillable'],
  ],
  [
    'what was traded is no longer open',
    [limit(1, 'sell', MAX_QTY, 1), limit(2, 'sell', MAX_QTY, 2), limit(3, 'buy', 10, 1)],
    limit(4, 'sell', 11, 3),
    ['NEW 4 new leaves 11'],
  ],
  [
    'nothing beyond that',
    [limit(1, 'sell', MAX_QTY, 1), limit(2, 'sell', MAX_QTY, 2), limit(3, 'buy', 10, 1)],
    limit(4, 'sell', 12, 3),
    ['REJECTED 4 rejected leaves 0 quantity_ceiling'],
  ],
  [
    'nor is what was cancelled',
    [limit(1, 'buy', MAX_QTY, 1), limit(2, 'buy', MAX_QTY, 1), cancel(1)],
    limit(4, 'buy', MAX_QTY, 1),
    ['NEW 4 new leaves 4503599627370495'],
  ],
  [
    'nor what the other exit no longer protects',
    [group('oco', { ...profit, qty: MAX_QTY }, { ...stopLoss, qty: MAX_QTY }), limit(1, 'buy', 10, 110)],
    limit(2, 'sell', 21, 200),
    ['NEW 2 new leaves 21'],
  ],
  [
    'one more is refused there too',
    [group('oco', { ...profit, qty: MAX_QTY }, { ...stopLoss, qty: MAX_QTY }), limit(1, 'buy', 10, 110)],
    limit(2, 'sell', 22, 200),
    ['REJECTED 2 rejected leaves 0 quantity_ceiling'],
  ],
  [
    'exits of an entry that came half-way hold what it bought, to sell',
    [large('buy'), limit(1, 'sell', 10, 100), cancel(51, 50), limit(2, 'sell', MAX_QTY, 200)],
    limit(3, 'sell', MAX_QTY - 19, 200),
    ['NEW 3 new leaves 4503599627370476'],
  ],
  [
    'and no more',
    [large('buy'), limit(1, 'sell', 10, 100), cancel(51, 50), limit(2, 'sell', MAX_QTY, 200)],
    limit(3, 'sell', MAX_QTY - 18, 200),
    ['REJECTED 3 rejected leaves 0 quantity_ceiling'],
  ],
  [
    'or to buy',
    [large('sell'), limit(1, 'buy', 10, 100), cancel(51, 50), limit(2, 'buy', MAX_QTY, 20)],
    limit(3, 'buy', MAX_QTY - 19, 20),
    ['NEW 3 new leaves 4503599627370476'],
  ],
  [
    'and no more of that',
    [large('sell'), limit(1, 'buy', 10, 100), cancel(51, 50), limit(2, 'buy', MAX_QTY, 20)],
    limit(3, 'buy', MAX_QTY - 18, 20),
    ['REJECTED 3 rejected leaves 0 quantity_ceiling'],
  ],
];

test.each(cases)('%s', answers);
