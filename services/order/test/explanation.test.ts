import { describe, expect, test } from 'vitest';
import { type AtEngine, type Explanation, explain, type Indication, indicate } from '../src/domain/explanation.ts';
import type { Market } from '../src/domain/market.ts';
import type { Order } from '../src/domain/order.ts';
import {
  closed,
  limit,
  listed,
  market,
  open,
  orderOf,
  quote,
  stop,
  stopLimit,
  trailing,
  units,
} from './domain-fixture.ts';

const said = (code: string, message: string, numbers: Record<string, bigint> = {}): Explanation => ({
  code,
  message,
  numbers,
});
const waits = said('in_queue', 'It waits for somebody to trade with.', { ahead: 0n, price: 0n });
const atTouch = { ...limit, limitPx: units(100.01) };
const trigger = (where: string, at: number, away: number) =>
  said('waiting_for_trigger', `It is triggered by a trade ${where} ${at}; the last price is 100, ${away} away.`, {
    stop: units(at),
    last: units(100),
    distance: units(away),
  });
const untold = (at: bigint, last: bigint) =>
  said('waiting_for_trigger', 'It waits for its trigger.', { stop: at, last, distance: 0n });
const auction = (message: string, [indicative_px, paired_qty, imbalance_qty]: [bigint, bigint, bigint]) =>
  said('waiting_for_auction', message, { indicative_px, paired_qty, imbalance_qty });

type Row = [
  what: string,
  order: Order,
  expected: Explanation[],
  more?: { on?: Market; atEngine?: AtEngine; indication?: Indication },
];
const rows: Row[] = [
  ['one that has ended says how', orderOf(limit, { status: 'filled' }), [said('ended', 'The order is filled.')]],
  [
    'and why',
    orderOf(limit, { status: 'canceled', reason: 'user_requested', pending: 'cancel' }),
    [said('ended', 'The order is canceled (user requested).')],
  ],
  [
    'on its way',
    orderOf(limit, { status: 'pending_new' }),
    [said('not_at_engine', 'The order is on its way; the engine has not confirmed it yet.', { since_us: 5n })],
  ],
  [
    'about to be canceled',
    orderOf(atTouch, { pending: 'cancel', awaitingSinceUs: 3n }),
    [said('cancel_pending', 'A cancel is under way.', { since_us: 3n }), waits],
  ],
  [
    'about to be replaced',
    orderOf(atTouch, { pending: 'replace', awaitingSinceUs: 3n }),
    [said('replace_pending', 'A replacement is under way.', { since_us: 3n }), waits],
  ],
  [
    'of a halted symbol',
    orderOf(atTouch),
    [said('symbol_halted', 'Trading in ACME is halted; orders wait until it resumes.', { since_us: 8n }), waits],
    { on: listed({ halted: true, haltedAtUs: 8n }) },
  ],
  [
    'outside of trading hours',
    orderOf(atTouch),
    [said('session_closed', 'The market is closed; orders match when it opens.', { opens_at_us: 77n }), waits],
    { on: closed },
  ],
  [
    'where nobody knows of hours or symbols',
    orderOf(atTouch),
    [waits],
    { on: { ...open, clock: undefined, instrument: undefined } },
  ],
  [
    'an exit that waits for its entry',
    orderOf(limit, { status: 'held' }),
    [said('waiting_for_entry', 'It waits for the order that opens the position to end.')],
  ],
  [
    'for the opening, with nobody across',
    orderOf({ ...limit, timeInForce: 'opg' }),
    [auction('It waits for the opening auction; nothing crosses yet.', [0n, 0n, 0n])],
  ],
  ...(
    [
      [units(2), 'more bought than sold'],
      [-units(2), 'more sold than bought'],
      [0n, 'balanced'],
    ] as const
  ).map(
    ([imbalanceQty, side]): Row => [
      `for the closing, ${side}`,
      orderOf({ ...limit, timeInForce: 'cls' }),
      [
        auction(`It waits for the closing auction: at 50, 3 shares would trade (${side}).`, [
          units(50),
          units(3),
          imbalanceQty,
        ]),
      ],
      { indication: { px: units(50), pairedQty: units(3), imbalanceQty } },
    ],
  ),
  ['a buy stop', orderOf(stop, { status: 'accepted' }), [trigger('at or above', 110, 10)]],
  [
    'a sell stop',
    orderOf({ ...stop, side: 'sell', stopPx: units(90) }, { status: 'accepted' }),
    [trigger('at or below', 90, 10)],
  ],
  ['a stop limit', orderOf(stopLimit, { status: 'accepted' }), [trigger('at or above', 110, 10)]],
  [
    'one that trails, by the engine’s word',
    orderOf(trailing, { status: 'accepted', stopPx: units(105) }),
    [trigger('at or above', 104, 4)],
    { atEngine: { aheadQty: 0n, stopPx: units(104) } },
  ],
  [
    'one that trails, where the engine says nothing of it',
    orderOf(trailing, { status: 'accepted', stopPx: units(105) }),
    [trigger('at or above', 105, 5)],
    { atEngine: { aheadQty: 0n, stopPx: 0n } },
  ],
  ['a stop that is not known yet', orderOf(trailing, { status: 'accepted' }), [untold(0n, units(100))]],
  [
    'a stop without a price',
    orderOf(stop, { status: 'accepted' }),
    [untold(units(110), 0n)],
    { on: { ...open, quote: undefined } },
  ],
  ['a limit order that is queued', orderOf(atTouch, { status: 'accepted' }), [waits]],
  ['a stop that has been triggered', orderOf(stop, { status: 'new' }), [waits]],
  [
    'a buy below the market',
    orderOf(limit),
    [
      said('away_from_touch', 'Its limit is 99; 100.01 is asked, 1.01 away.', {
        limit: units(99),
        touch: units(100.01),
        distance: units(1.01),
      }),
    ],
  ],
  [
    'a sale above it',
    orderOf({ ...limit, side: 'sell', limitPx: units(101) }),
    [
      said('away_from_touch', 'Its limit is 101; 99.99 is bid, 1.01 away.', {
        limit: units(101),
        touch: units(99.99),
        distance: units(1.01),
      }),
    ],
  ],
  ['a limit without a market', orderOf(limit), [waits], { on: { ...open, quote: undefined } }],
  ['at market', orderOf(market, { avgPx: 4n }), [{ ...waits, numbers: { ahead: 0n, price: 4n } }]],
  [
    'the next in its queue',
    orderOf(atTouch),
    [said('in_queue', 'It is the next at its price.', { ahead: 0n, price: units(100.01) })],
    { atEngine: { aheadQty: 0n, stopPx: 0n } },
  ],
  [
    'behind others',
    orderOf(atTouch),
    [said('in_queue', '7.5 shares are before it at its price.', { ahead: units(7.5), price: units(100.01) })],
    { atEngine: { aheadQty: units(7.5), stopPx: 0n } },
  ],
  [
    'one that only waits',
    orderOf({ ...atTouch, postOnly: true }),
    [said('post_only', 'It only ever waits for others to trade with it.')],
  ],
  [
    'while the engine is silent',
    orderOf(atTouch),
    [waits, said('engine_unavailable', 'The engine does not answer at the moment.')],
    { atEngine: 'unavailable' },
  ],
  [
    'partly filled',
    orderOf(atTouch, { status: 'partially_filled', cumQty: units(4) }),
    [waits, said('partly_filled', '4 of 10 is filled.', { filled: units(4), quantity: units(10) })],
  ],
];

describe('why an order is not filled', () => {
  test.each(rows)('%s', (_, order, expected, { on = open, atEngine, indication } = {}) => {
    expect(explain(order, on, atEngine, indication)).toEqual(expected);
  });

  test('a quote with one side says what is left of it', () => {
    const [away] = explain(orderOf(limit), { ...open, quote: { ...quote, ask: 0n } }, undefined, undefined);
    expect(away?.numbers).toMatchObject({ touch: units(100) });
  });
});

const at = (px: bigint, qty: bigint) => ({ px, qty });

describe('what an auction would do', () => {
  test.each<[what: string, bids: ReturnType<typeof at>[], asks: ReturnType<typeof at>[], Indication | undefined]>([
    ['nothing without orders', [], [], undefined],
    ['nothing with one side', [at(5n, 1n)], [], undefined],
    ['nothing that does not cross', [at(5n, 1n)], [at(6n, 1n)], undefined],
    ['all at one price', [at(5n, 2n)], [at(5n, 2n)], { px: 5n, pairedQty: 2n, imbalanceQty: 0n }],
    ['more bought', [at(5n, 3n)], [at(5n, 2n)], { px: 5n, pairedQty: 2n, imbalanceQty: 1n }],
    ['more sold', [at(5n, 2n)], [at(5n, 3n)], { px: 5n, pairedQty: 2n, imbalanceQty: -1n }],
    [
      'the price at which most trades',
      [at(9n, 1n), at(7n, 4n)],
      [at(5n, 2n), at(7n, 2n), at(8n, 9n)],
      { px: 7n, pairedQty: 4n, imbalanceQty: 1n },
    ],
    ['the first of two prices that do', [at(9n, 2n)], [at(5n, 2n)], { px: 9n, pairedQty: 2n, imbalanceQty: 0n }],
    ['a price of the other side', [at(9n, 2n), at(8n, 1n)], [at(7n, 3n)], { px: 8n, pairedQty: 3n, imbalanceQty: 0n }],
  ])('%s', (_, bids, asks, indication) => {
    expect(indicate(bids, asks)).toEqual(indication);
  });
});
