import { toMicros } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import { type Balances, ledgerKey, ledgerOwner } from '../../src/domain/balances.ts';
import { across, type Entry, type Journal, type JournalKind, type Ledger } from '../../src/domain/journal.ts';
import { ANN, BOB, balancesOf, own, standing } from '../ledger-rows.ts';

const bank = across('bank', ANN, 'USD');
const clearing = across('clearing', ANN, 'USD');

function journal(entries: [Ledger, bigint][], more: Partial<Journal> = {}): Journal {
  return {
    kind: 'fill',
    reference: 'e',
    occurredAt: 7n,
    entries: entries.map(([ledger, amount]): Entry => ({ ledger, amount: toMicros(amount) })),
    ...more,
  };
}

const written = (balances: Balances) =>
  balances.entries.map(({ journalId, ledgerAccountId, amount, balanceAfter, version, reference }) => [
    journalId,
    ledgerAccountId,
    amount,
    balanceAfter,
    version,
    reference,
  ]);

describe('what an account may still spend', () => {
  test('is what is posted and not reserved', () => {
    expect(balancesOf([own(ANN), 10n, 3n]).available(own(ANN))).toBe(7n);
  });

  test('is nothing of what it never had', () => {
    expect(balancesOf([own(ANN), 10n]).available(own(ANN, 'CAD'))).toBe(0n);
    expect(balancesOf([own(ANN), 10n]).find(own(ANN, 'CAD'))).toBeUndefined();
  });
});

describe('a journal can be afforded', () => {
  const rows: [rule: string, entries: [Ledger, bigint][], posted: bigint, reserved: bigint, can: boolean][] = [
    ['with all that there is', [[own(ANN), -10n]], 10n, 0n, true],
    ['but not with a micro-unit more', [[own(ANN), -11n]], 10n, 0n, false],
    ['with all that is not reserved', [[own(ANN), -7n]], 10n, 3n, true],
    ['but not with what is', [[own(ANN), -8n]], 10n, 3n, false],
    [
      'where its entries come to what there is',
      [
        [own(ANN), -15n],
        [own(ANN), 5n],
      ],
      10n,
      0n,
      true,
    ],
    [
      'but not where they come to more',
      [
        [own(ANN), -6n],
        [own(ANN), -5n],
      ],
      10n,
      0n,
      false,
    ],
    ['by one that only receives, whatever it lacks', [[own(ANN), 1n]], -10n, 0n, true],
    ['by one that nothing comes to, whatever it lacks', [[own(ANN), 0n]], -10n, 0n, true],
    ['by what may go below zero', [[bank, -99n]], 0n, 0n, true],
    [
      'but not where one of two cannot',
      [
        [bank, -99n],
        [own(ANN), -11n],
      ],
      10n,
      0n,
      false,
    ],
    ['but not where there is no such balance', [[own(BOB), 1n]], 10n, 0n, false],
  ];
  test.each(rows)('%s', (_, entries, posted, reserved, can) => {
    expect(balancesOf([own(ANN), posted, reserved], [bank]).affords(journal(entries))).toBe(can);
  });
});

test('a journal is booked entry by entry, each with what the balance is after it', () => {
  const balances = balancesOf([own(ANN), 10n], [bank]);
  const deposit = journal([
    [bank, -5n],
    [own(ANN), 5n],
  ]);
  expect([balances.post(deposit), balances.post(deposit)]).toEqual(['journal 1', 'journal 2']);
  expect(written(balances)).toEqual([
    ['journal 1', 2n, -5n, -5n, 1n, null],
    ['journal 1', 1n, 5n, 15n, 1n, null],
    ['journal 2', 2n, -5n, -10n, 2n, null],
    ['journal 2', 1n, 5n, 20n, 2n, null],
  ]);
  expect(balances.journals).toEqual([
    { id: 'journal 1', journal: deposit },
    { id: 'journal 2', journal: deposit },
  ]);
  expect([...balances.changed].map(({ id }) => id)).toEqual([2n, 1n]);
  expect([standing(balances, own(ANN)), standing(balances, bank)]).toEqual([
    [20n, 0n],
    [-10n, 0n],
  ]);
});

const shared = (kind: JournalKind, id: string, more: Partial<Journal> = {}) => ({
  id,
  journal: { kind, reference: `batch/${id}`, occurredAt: 7n, entries: [], ...more },
});

const leg = (accountId: string, amount: bigint, reference: string, more: Partial<Journal> = {}) =>
  journal(
    [
      [own(accountId), amount],
      [clearing, -amount],
    ],
    { reference, ...more },
  );

describe('journals that share one', () => {
  test('enter what is the clients’ one by one, and what stands across in sum, at the end', () => {
    const balances = balancesOf([own(ANN), 10n], [own(BOB), 20n], [clearing]);
    expect(balances.postShared(leg(ANN, -3n, 'e1'))).toBe('journal 1');
    expect(balances.postShared(leg(BOB, -4n, 'e2', { occurredAt: 8n }))).toBe('journal 1');
    expect([balances.journals, standing(balances, clearing)]).toEqual([[], [0n, 0n]]);
    balances.close();
    expect(written(balances)).toEqual([
      ['journal 1', 1n, -3n, 7n, 1n, 'e1'],
      ['journal 1', 2n, -4n, 16n, 1n, 'e2'],
      ['journal 1', 3n, 7n, 7n, 1n, null],
    ]);
    expect(balances.journals).toStrictEqual([shared('fill', 'journal 1')]);
  });

  test('that come to nothing enter nothing', () => {
    const balances = balancesOf([own(ANN), 10n], [own(BOB), 20n], [clearing]);
    balances.postShared(leg(ANN, -3n, 'e1'));
    balances.postShared(leg(BOB, 3n, 'e2'));
    balances.close();
    expect(balances.entries.map(({ reference }) => reference)).toEqual(['e1', 'e2']);
    expect([...balances.changed].map(({ id }) => id)).toEqual([1n, 2n]);
  });

  test('are of one kind and one schedule of fees', () => {
    const balances = balancesOf([own(ANN), 10n], [clearing]);
    const fee = (feeScheduleId: string) => balances.postShared(leg(ANN, -1n, 'e', { kind: 'fee', feeScheduleId }));
    expect([balances.postShared(leg(ANN, -1n, 'e')), fee('one'), fee('other'), fee('one')]).toEqual([
      'journal 1',
      'journal 2',
      'journal 3',
      'journal 2',
    ]);
    balances.close();
    expect(balances.journals).toEqual([
      shared('fill', 'journal 1'),
      shared('fee', 'journal 2', { feeScheduleId: 'one' }),
      shared('fee', 'journal 3', { feeScheduleId: 'other' }),
    ]);
  });

  test('are others once they have been entered', () => {
    const balances = balancesOf([own(ANN), 10n], [clearing]);
    balances.postShared(leg(ANN, -1n, 'e1'));
    balances.close();
    expect(balances.postShared(leg(ANN, -1n, 'e2'))).toBe('journal 2');
    balances.close();
    expect(balances.journals.map(({ id }) => id)).toEqual(['journal 1', 'journal 2']);
    expect(standing(balances, clearing)).toEqual([2n, 0n]);
  });
});

test('a balance that comes to be with its owner begins at nothing, covered like any other, and is to be written', () => {
  const balances = balancesOf([bank]);
  const ledger = { of: 'account', accountId: ANN, asset: 'USD' } as const;
  balances.open(ledger, 7n);
  expect([...balances.opened]).toEqual([
    [{ id: 7n, posted: 0n, reserved: 0n, version: 0n, mayGoNegative: false }, ledger],
  ]);
  balances.post(
    journal([
      [bank, -5n],
      [own(ANN), 5n],
    ]),
  );
  expect(standing(balances, own(ANN))).toEqual([5n, 0n]);
  expect([...balances.opened.keys()].map(({ posted }) => posted)).toEqual([5n]);
});

describe('what is held back', () => {
  test('is added to what was, and taken off it', () => {
    const balances = balancesOf([own(ANN), 10n, 3n]);
    balances.reserve(own(ANN), toMicros(4n));
    expect(standing(balances, own(ANN))).toEqual([10n, 7n]);
    balances.reserve(own(ANN), toMicros(-7n));
    expect(standing(balances, own(ANN))).toEqual([10n, 0n]);
    expect([...balances.changed].map(({ id, version }) => [id, version])).toEqual([[1n, 0n]]);
  });

  test('changes nothing where it is nothing, and needs no balance then', () => {
    const balances = balancesOf([own(ANN), 10n]);
    balances.reserve(own(ANN), toMicros(0n));
    balances.reserve(own(BOB), toMicros(0n));
    expect(balances.changed.size).toBe(0);
  });

  test('of what is not locked is a mistake of ours, and throws', () => {
    expect(() => balancesOf([own(ANN)]).reserve(own(BOB), toMicros(1n))).toThrow(
      `no ledger account is locked for ${BOB}/USD`,
    );
  });
});

test.each<[of: Ledger, owner: string]>([
  [own(ANN), ANN],
  [{ of: 'clearing', asset: 'USD', shard: 1 }, '00000000-0000-0000-0001-000000000001'],
  [{ of: 'fees', asset: 'USD', shard: 15 }, '00000000-0000-0000-0002-00000000000f'],
  [{ of: 'bank', asset: 'USD', shard: 16 }, '00000000-0000-0000-0003-000000000010'],
  [{ of: 'fx', asset: 'USD', shard: 0 }, '00000000-0000-0000-0004-000000000000'],
  [{ of: 'house', asset: 'USD', shard: 255 }, '00000000-0000-0000-0005-0000000000ff'],
])('the rows of %o are kept under %s', (ledger, owner) => {
  expect([ledgerOwner(ledger), ledgerKey(ledger)]).toEqual([owner, `${owner}/USD`]);
});
