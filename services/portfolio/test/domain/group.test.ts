import { toMicros, toQuantity } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import {
  type Grouped,
  type GroupType,
  isExit,
  isWhole,
  openEntry,
  openQuantity,
  shareHold,
  withChanged,
} from '../../src/domain/group.ts';
import type { Reservation, Side } from '../../src/domain/reservation.ts';

type Leg = Partial<Omit<Reservation, 'principal' | 'qty' | 'filled' | 'carried'>> & {
  readonly qty?: bigint;
  readonly filled?: bigint;
  readonly carried?: bigint;
  readonly principal?: bigint;
  readonly replaces?: string;
};

/** Legs by their places; one that takes another's place is that leg as well. */
function group(type: GroupType, ...legs: readonly [place: number, side: Side, leg?: Leg][]): Grouped[] {
  return legs.map(([leg, side, more = {}], index) => {
    const { replaces, qty = 10n, filled = 0n, carried = 0n, principal = side === 'sell' ? qty : 100n, ...rest } = more;
    const reservation: Reservation = {
      orderId: `${index}`,
      side,
      state: 'open',
      qty: toQuantity(qty),
      filled: toQuantity(filled),
      carried: toQuantity(carried),
      principal: toMicros(principal),
      feeCap: toMicros(0n),
      feePaid: toMicros(0n),
      remaining: toMicros(0n),
      traded: toMicros(0n),
      ...rest,
    };
    return { reservation, replaces, group: { id: 'g', type, leg } };
  });
}

const bracket = (entry: Leg, profit: Leg = {}, stop: Leg = {}, exit: Side = 'sell') =>
  group('bracket', [0, exit === 'sell' ? 'buy' : 'sell', entry], [1, exit, profit], [2, exit, stop]);

test.each<[GroupType, leg: number, exit: boolean]>([
  ['bracket', 0, false],
  ['bracket', 1, true],
  ['bracket', 2, true],
  ['oto', 0, false],
  ['oto', 1, true],
  ['oco', 0, true],
  ['oco', 1, true],
])('of a %s the leg %i is an exit: %s', (type, leg, exit) => {
  expect(isExit({ type, leg })).toBe(exit);
});

describe('the exits of a group may still trade', () => {
  const rows: [rule: string, members: Grouped[], open: bigint][] = [
    ['nothing before their entry has bought', bracket({}), 0n],
    ['what their entry has bought', bracket({ filled: 4n }), 4n],
    ['less what the one has sold', bracket({ filled: 4n }, { filled: 1n }), 3n],
    ['and less what the other has', bracket({ filled: 4n }, { filled: 1n }, { filled: 2n }), 1n],
    ['and never less than nothing', bracket({ filled: 4n }, { filled: 5n }), 0n],
    ['all that was asked for, where they buy it back and the entry goes on', bracket({}, {}, {}, 'buy'), 10n],
    ['what was sold, where the entry is over', bracket({ filled: 4n, state: 'closed' }, {}, {}, 'buy'), 4n],
    ['all that was asked for, where they are alone', group('oco', [0, 'sell', { filled: 3n }], [1, 'sell']), 7n],
    [
      'what was asked for at first, whatever took a place since',
      group('oco', [0, 'sell', { replaces: 'x', qty: 20n }], [1, 'sell', { qty: 10n }]),
      10n,
    ],
    [
      'what they traded themselves, not what came over from the order before',
      group('oco', [0, 'sell', { filled: 3n }], [1, 'sell'], [0, 'sell', { replaces: '0', filled: 5n, carried: 3n }]),
      5n,
    ],
    [
      'what the entry’s successor has, which has what the entry had',
      group('oto', [0, 'buy', { filled: 4n, state: 'closed' }], [1, 'sell'], [0, 'buy', { replaces: '0', filled: 6n }]),
      6n,
    ],
    [
      'what the entry has, before its successor comes',
      group('oto', [0, 'buy', { filled: 4n }], [1, 'sell'], [0, 'buy', { replaces: '0' }]),
      4n,
    ],
    [
      'all, where they buy and one of two entries goes on',
      group(
        'oto',
        [0, 'sell', { filled: 4n, state: 'closed' }],
        [1, 'buy'],
        [0, 'sell', { replaces: '0', filled: 4n }],
      ),
      10n,
    ],
    ['nothing where there are none', group('bracket', [0, 'buy', { filled: 4n }]), 0n],
    ['nothing where all of them came later', group('oto', [1, 'sell', { replaces: 'x' }]), 0n],
  ];
  test.each(rows)('%s', (_, members, open) => {
    expect(openQuantity(members)).toBe(open);
  });
});

describe('the entry that may still trade', () => {
  const rows: [rule: string, members: Grouped[], entry: string | undefined][] = [
    ['is the first leg while it is open', bracket({}), '0'],
    ['is none once it is over', bracket({ state: 'closed' }), undefined],
    [
      'is what took its place',
      group('oto', [0, 'buy', { state: 'closed' }], [1, 'sell'], [0, 'buy', { replaces: '0' }]),
      '2',
    ],
    ['is none where all are exits', group('oco', [0, 'sell'], [1, 'sell']), undefined],
  ];
  test.each(rows)('%s', (_, members, entry) => {
    expect(openEntry(members)).toBe(entry);
  });
});

const fees = (feeCap: bigint, feePaid = 0n): Leg => ({ feeCap: toMicros(feeCap), feePaid: toMicros(feePaid) });

const held = (remaining: bigint, more: Leg = {}): Leg => ({ remaining: toMicros(remaining), ...more });

/** What each holds afterwards, by its id. */
const holds = (members: readonly Grouped[]) => {
  const { changed, freed } = shareHold(members);
  return [changed.map(({ orderId, remaining }) => `${orderId}: ${remaining}`), freed] as const;
};

describe('of what exits hold between them', () => {
  const rows: [rule: string, members: Grouped[], changed: string[], freed: bigint][] = [
    ['nothing changes that is right', bracket(held(77n, { filled: 4n }), held(4n)), [], 0n],
    ['the first holds all, the second what it needs beyond', bracket({ filled: 4n }), ['1: 4'], -4n],
    ['an entry’s own hold is not theirs', bracket(held(77n)), [], 0n],
    [
      'the dearer of two that buy adds what it is dearer by',
      group('oco', [0, 'buy', { principal: 100n }], [1, 'buy', { principal: 120n }]),
      ['0: 100', '1: 20'],
      -120n,
    ],
    [
      'the cheaper adds nothing, and one after it what is beyond the dearest',
      group(
        'oco',
        [0, 'buy', { principal: 120n }],
        [1, 'buy', { principal: 100n }],
        [1, 'buy', { principal: 130n, replaces: '1' }],
      ),
      ['0: 120', '2: 10'],
      -130n,
    ],
    [
      'each keeps its own fees, less those that it has paid',
      group('oco', [0, 'buy', fees(9n, 2n)], [1, 'buy', fees(5n)]),
      ['0: 107', '1: 5'],
      -112n,
    ],
    ['fees are never less than nothing', group('oco', [0, 'buy', fees(2n, 9n)]), ['0: 100'], -100n],
    [
      'what may not trade any more needs nothing',
      group('oco', [0, 'buy', held(100n, { ...fees(9n), state: 'closed' })], [1, 'buy', held(7n)]),
      ['0: 0', '1: 100'],
      7n,
    ],
    [
      'where nothing is open, nothing is held, fees neither',
      group('oco', [0, 'sell', held(3n, { filled: 10n })], [1, 'sell', held(5n, fees(5n))]),
      ['0: 0', '1: 0'],
      8n,
    ],
    [
      'the part that is open is held of the principal',
      group('oco', [0, 'buy', held(100n, { filled: 5n })], [1, 'buy', held(20n, { principal: 120n })]),
      ['0: 50', '1: 10'],
      60n,
    ],
  ];
  test.each(rows)('%s', (_, members, changed, freed) => {
    expect(holds(members)).toEqual([changed, freed]);
  });

  test('all else stays as it was', () => {
    const [member] = group('oco', [0, 'buy']);
    if (member === undefined) throw new Error('no member');
    expect(shareHold([member]).changed).toEqual([{ ...member.reservation, remaining: 100n }]);
  });
});

test('members with one changed are the others as they were, and that one as it is', () => {
  const members = bracket({});
  const [entry, profit, stop] = members;
  if (profit === undefined) throw new Error('no exit');
  const reservation = { ...profit.reservation, remaining: toMicros(5n) };
  expect(withChanged(members, [reservation])).toEqual([entry, { ...profit, reservation }, stop]);
});

const leg = (side: Side, qty = 10n) => ({ side, qty: toQuantity(qty) });

describe('legs make a group', () => {
  const [buy, sell] = [leg('buy'), leg('sell')];
  const rows: [rule: string, type: GroupType, legs: { side: Side; qty: Reservation['qty'] }[], whole: boolean][] = [
    ['an entry and two exits on the other side', 'bracket', [buy, sell, sell], true],
    ['the other way round as well', 'bracket', [sell, buy, buy], true],
    ['no bracket with an exit on the entry’s side', 'bracket', [buy, sell, buy], false],
    ['no bracket of two', 'bracket', [buy, sell], false],
    ['no bracket of four', 'bracket', [buy, sell, sell, sell], false],
    ['no bracket with another quantity', 'bracket', [buy, sell, leg('sell', 9n)], false],
    ['an entry and one exit', 'oto', [buy, sell], true],
    ['no oto on one side', 'oto', [buy, buy], false],
    ['no oto of three', 'oto', [buy, sell, sell], false],
    ['two exits on one side', 'oco', [sell, sell], true],
    ['no oco on two', 'oco', [sell, buy], false],
    ['no oco with another quantity', 'oco', [sell, leg('sell', 9n)], false],
    ['no oco of one', 'oco', [sell], false],
    ['none of nothing', 'oco', [], false],
  ];
  test.each(rows)('%s', (_, type, legs, whole) => {
    expect(isWhole(type, legs)).toBe(whole);
  });
});
