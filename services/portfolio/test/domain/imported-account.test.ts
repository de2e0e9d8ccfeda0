import { toMicros, toPrice, toQuantity } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import {
  type ImportedAccount,
  type ImportedOrder,
  ledgersOpened,
  ledgersShared,
  type Mark,
  type PastStep,
  stepsOf,
} from '../../src/domain/imported-account.ts';
import type { Ledger } from '../../src/domain/journal.ts';

const order = (orderId: string, endedAtUs: bigint, symbol = 'AAPL'): ImportedOrder => ({
  orderId,
  symbol,
  side: 'buy',
  qty: toQuantity(1n),
  limit: undefined,
  held: toMicros(1n),
  fill: toPrice(1n),
  execId: orderId,
  placedAtUs: 0n,
  endedAtUs,
});

const account = (id: string, openedAtUs: bigint, orders: ImportedOrder[] = []): ImportedAccount => ({
  id,
  userId: id,
  kind: 'investment',
  currency: 'USD',
  name: id,
  openedAtUs,
  depositId: id,
  deposit: toMicros(1n),
  orders,
});

const mark = (atUs: bigint): Mark => ({ atUs, prices: new Map([['AAPL', toPrice(1n)]]) });

describe('what happened to accounts that come with a past is gone through', () => {
  const rows: [rule: string, accounts: ImportedAccount[], marks: Mark[], steps: string[]][] = [
    ['not at all where there is nobody', [], [], []],
    [
      'in the order of time, whoever it happened to',
      [account('ann', 30n, [order('late', 70n), order('early', 50n)]), account('bob', 10n, [order('his', 60n)])],
      [mark(65n), mark(20n)],
      ['10 bob', '20 mark', '30 ann', '50 ann early', '60 bob his', '65 mark', '70 ann late'],
    ],
    [
      'of one moment the deposits first, then what was traded, and what it was worth last',
      [account('ann', 10n, [order('first', 10n), order('second', 10n)]), account('bob', 10n)],
      [mark(10n)],
      ['10 ann', '10 bob', '10 ann first', '10 ann second', '10 mark'],
    ],
  ];
  test.each(rows)('%s', (_, accounts, marks, steps) => {
    expect(stepsOf(accounts, marks).map(shown)).toEqual(steps);
  });

  test('with all that is to be known of it', () => {
    const [trade, worth] = [order('o', 20n), mark(30n)];
    const ann = account('ann', 10n, [trade]);
    expect(stepsOf([ann], [worth])).toEqual([
      { what: 'deposit', atUs: 10n, account: ann },
      { what: 'order', atUs: 20n, account: ann, order: trade },
      { what: 'mark', atUs: 30n, mark: worth },
    ]);
  });
});

const past = [account('ann-0a', 0n, [order('1', 0n), order('2', 0n, 'MSFT'), order('3', 0n)]), account('bob-0b', 0n)];

test('accounts with a past come to hold their currency and what they traded, each once, and no other currency', () => {
  const [ann] = past;
  const strange = account('eve-0e', 0n, [order('4', 0n, 'CAD'), order('5', 0n, 'USD')]);
  expect(ledgersOpened([...past, strange]).map(named)).toEqual([
    'ann-0a USD',
    'ann-0a AAPL',
    'ann-0a MSFT',
    'bob-0b USD',
    'eve-0e USD',
  ]);
  expect(ledgersOpened(ann === undefined ? [] : [ann])[0]).toEqual({
    of: 'account',
    accountId: 'ann-0a',
    asset: 'USD',
  });
});

test('what stands across from accounts with a past is the bank, the house and what clears between, each once', () => {
  expect(ledgersShared(past, 'house-0b').map(named)).toEqual([
    'bank/10 USD',
    'house-0b USD',
    'clearing/10 USD',
    'clearing/11 USD',
    'house-0b AAPL',
    'clearing/10 AAPL',
    'clearing/11 AAPL',
    'house-0b MSFT',
    'clearing/10 MSFT',
    'clearing/11 MSFT',
    'bank/11 USD',
  ]);
});

function shown(step: PastStep): string {
  if (step.what === 'mark') return `${step.atUs} mark`;
  return `${step.atUs} ${step.account.id}${step.what === 'order' ? ` ${step.order.orderId}` : ''}`;
}

function named(ledger: Ledger): string {
  return `${ledger.of === 'account' ? ledger.accountId : `${ledger.of}/${ledger.shard}`} ${ledger.asset}`;
}
