import { add, toMicros, toQuantity, ZERO } from '@andvari/money';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Currency } from '../../src/domain/asset.ts';
import {
  across,
  adjustmentJournal,
  chainOf,
  depositJournal,
  dividendJournal,
  type Entry,
  feeJournal,
  fillJournal,
  imbalance,
  type Journal,
  type JournalKind,
  type Ledger,
  needsRoom,
  nextSystemAccount,
  SHARDS,
  splitJournal,
  transferJournal,
  withdrawalJournal,
} from '../../src/domain/journal.ts';
import type { Side } from '../../src/domain/reservation.ts';

const at = 1n;
const ANN = 'ann-0a';
const BOB = 'bob-0b';

function leg(side: Side, accountId: string, borneByHouse = 0n): Journal {
  return fillJournal({
    execId: `e-${side}`,
    accountId,
    symbol: 'AAPL',
    currency: 'USD',
    side,
    qty: toQuantity(10n),
    amount: toMicros(1000n),
    at,
    borneByHouse: toMicros(borneByHouse),
  });
}

const movement = { fundingId: 'f', accountId: ANN, currency: 'USD', amount: toMicros(7n), at } as const;
const charged = feeJournal({
  reference: 'e',
  accountId: ANN,
  currency: 'USD',
  amount: toMicros(7n),
  scheduleId: 's',
  at,
});
const gift = adjustmentJournal({
  id: 'j',
  accountId: ANN,
  asset: 'AAPL',
  amount: toMicros(-5n),
  reason: 'gift undone',
  at,
});
const counted = splitJournal({
  reference: 's/ann',
  accountId: ANN,
  symbol: 'AAPL',
  currency: 'USD',
  shares: toMicros(10n),
  cash: toMicros(3n),
  at,
});
const paid = dividendJournal({ reference: 'd/ann', accountId: ANN, currency: 'USD', amount: toMicros(7n), at });

describe('is booked', () => {
  const rows: [rule: string, journal: Journal, entries: string[]][] = [
    ['a buy', leg('buy', ANN), ['ann USD -1000', 'clearing/10 USD 1000', 'ann AAPL 10', 'clearing/10 AAPL -10']],
    ['a sale', leg('sell', BOB), ['bob USD 1000', 'clearing/11 USD -1000', 'bob AAPL -10', 'clearing/11 AAPL 10']],
    [
      'a buy whose rounding the house bears',
      leg('buy', ANN, 2n),
      ['ann USD -998', 'house USD -2', 'clearing/10 USD 1000', 'ann AAPL 10', 'clearing/10 AAPL -10'],
    ],
    ['a fee', charged, ['ann USD -7', 'fees USD 7']],
    ['a deposit', depositJournal(movement), ['bank USD -7', 'ann USD 7']],
    ['a withdrawal', withdrawalJournal(movement), ['ann USD -7', 'bank USD 7']],
    ['a transfer within a currency', transfer('USD', 7n, 'USD', 7n), ['ann USD -7', 'bob USD 7']],
    [
      'a transfer across currencies, through the fx accounts',
      transfer('USD', 7n, 'CAD', 9n),
      ['ann USD -7', 'fx USD 7', 'fx CAD -9', 'bob CAD 9'],
    ],
    ['an adjustment', gift, ['house AAPL 5', 'ann AAPL -5']],
    [
      'a split, with what is too little for a share paid out',
      counted,
      ['house AAPL -10', 'ann AAPL 10', 'house USD -3', 'ann USD 3'],
    ],
    ['a dividend', paid, ['house USD -7', 'ann USD 7']],
  ];
  test.each(rows)('%s', (_, journal, entries) => {
    expect(journal.entries.map(shown)).toEqual(entries);
    expect(imbalance(journal.entries).size).toBe(0);
  });

  const said: [kind: JournalKind, journal: Journal, reference: string, more: Partial<Journal>][] = [
    ['fill', leg('buy', ANN), 'e-buy', {}],
    ['fee', charged, 'e', { feeScheduleId: 's' }],
    ['deposit', depositJournal(movement), 'f', {}],
    ['withdrawal', withdrawalJournal(movement), 'f', {}],
    ['transfer', transfer('USD', 7n, 'USD', 7n), 't', {}],
    ['fx', transfer('USD', 7n, 'CAD', 9n), 't', { fxRateId: 'rate' }],
    ['adjustment', gift, 'j', { reason: 'gift undone' }],
    ['split', counted, 's/ann', {}],
    ['dividend', paid, 'd/ann', {}],
  ];
  test.each(said)('as a %s, with what it is of and when it was', (kind, journal, reference, more) => {
    const { entries: _, ...rest } = journal;
    expect(rest).toStrictEqual({ kind, reference, occurredAt: at, ...more });
  });
});

describe('what stands across from everybody', () => {
  const HALF = 2n ** 62n;
  test.each([
    [HALF, false],
    [HALF + 1n, true],
    [-HALF, false],
    [-HALF - 1n, true],
    [0n, false],
  ])('at %s is left as it is: %s', (posted, full) => {
    expect(needsRoom(posted)).toBe(full);
  });

  test('goes on in another of its kind, which no client has', () => {
    const first = across('clearing', 'ann-ff', 'USD');
    expect(first).toEqual({ of: 'clearing', asset: 'USD', shard: 15 });
    expect(nextSystemAccount(first)).toEqual({ of: 'clearing', asset: 'USD', shard: 15 + SHARDS });
    expect(SHARDS).toBe(16);
  });

  test('and the house’s trading in what stands across from it', () => {
    expect(chainOf({ of: 'account', accountId: ANN, asset: 'USD' })).toEqual({ of: 'house', asset: 'USD', shard: 10 });
    expect(chainOf(across('fees', ANN, 'USD'))).toEqual(across('fees', ANN, 'USD'));
  });
});

test('both legs of a trade leave clearing empty', () => {
  const clearing = [...leg('buy', ANN).entries, ...leg('sell', BOB).entries].filter(
    ({ ledger }) => ledger.of === 'clearing',
  );
  expect(imbalance(clearing).size).toBe(0);
});

test('every journal balances, whatever the amounts', () => {
  const amounts = fc.bigInt({ min: 0n, max: 10n ** 15n });
  fc.assert(
    fc.property(
      amounts,
      amounts,
      fc.constantFrom<Side>('buy', 'sell'),
      fc.nat({ max: 2 }),
      (money, shares, side, borne) => {
        const journal = fillJournal({
          execId: 'e',
          accountId: ANN,
          symbol: 'AAPL',
          currency: 'USD',
          side,
          qty: toQuantity(shares),
          amount: toMicros(money),
          at,
          borneByHouse: side === 'buy' ? toMicros(BigInt(borne)) : ZERO,
        });
        expect(imbalance(journal.entries).size).toBe(0);
        expect(imbalance(transfer('USD', money, 'EUR', shares).entries).size).toBe(0);
      },
    ),
  );
});

test('money that vanishes within a currency is a mistake of ours, and throws', () => {
  expect(() => transfer('USD', 7n, 'USD', 6n)).toThrow('out of balance by -1 micro-units of USD');
});

test('imbalance is per asset: dollars do not make up for shares', () => {
  const entries: Entry[] = [
    { ledger: across('house', ANN, 'USD'), amount: toMicros(5n) },
    { ledger: across('house', ANN, 'AAPL'), amount: toMicros(-5n) },
  ];
  expect([...imbalance(entries)]).toEqual([
    ['USD', 5n],
    ['AAPL', -5n],
  ]);
  expect(add(entries[0]?.amount ?? ZERO, entries[1]?.amount ?? ZERO)).toBe(0n);
});

function transfer(from: Currency, out: bigint, to: Currency, received: bigint): Journal {
  return transferJournal({
    id: 't',
    from: { accountId: ANN, currency: from, amount: toMicros(out) },
    to: { accountId: BOB, currency: to, amount: toMicros(received) },
    at,
    ...(from === to ? {} : { fxRateId: 'rate' }),
  });
}

function shown({ ledger, amount }: Entry): string {
  return `${owner(ledger)} ${ledger.asset} ${amount}`;
}

function owner(ledger: Ledger): string {
  if (ledger.of === 'account') return ledger.accountId.slice(0, 3);
  return ledger.of === 'clearing' ? `clearing/${ledger.shard}` : ledger.of;
}
