import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Account,
  type AccountAction,
  type AccountRefusal,
  type AccountStatus,
  accountNumber,
  isAccountNumber,
  refuseAction,
  refuseAsset,
  refuseCaller,
  refuseClosing,
  refuseCurrency,
  tradingAccounts,
} from '../../src/domain/account.ts';

const account: Account = { id: 'a', userId: 'ann', kind: 'investment', currency: 'USD', status: 'active' };

describe('may be done with an account', () => {
  const rows: [rule: string, account: Account, action: AccountAction, refusal: AccountRefusal | undefined][] = [
    ['an active one trades', account, 'trade', undefined],
    ['savings do not trade', { ...account, kind: 'savings' }, 'trade', 'account_kind_cannot_trade'],
    ['chequing does not trade', { ...account, kind: 'chequing' }, 'trade', 'account_kind_cannot_trade'],
    ['savings pay in and out', { ...account, kind: 'savings' }, 'withdraw', undefined],
    ['a restricted one takes money in', { ...account, status: 'restricted' }, 'deposit', undefined],
    ['a restricted one gives none out', { ...account, status: 'restricted' }, 'withdraw', 'account_restricted'],
    ['a restricted one sends none', { ...account, status: 'restricted' }, 'transfer_out', 'account_restricted'],
    ['a restricted one does not trade', { ...account, status: 'restricted' }, 'trade', 'account_restricted'],
    [
      'a restricted one is not closed to slip away',
      { ...account, status: 'restricted' },
      'close',
      'account_restricted',
    ],
    ['a restricted one is reinstated', { ...account, status: 'restricted' }, 'reinstate', undefined],
    ['a closed one takes nothing', { ...account, status: 'closed' }, 'deposit', 'account_closed'],
    ['a closed one is not closed again', { ...account, status: 'closed' }, 'close', 'account_closed'],
    [
      'a closed one says so before its kind',
      { ...account, kind: 'savings', status: 'closed' },
      'trade',
      'account_closed',
    ],
  ];
  test.each(rows)('%s', (_, which, action, refusal) => {
    expect(refuseAction(which, action)).toBe(refusal);
  });
});

describe('of all that can be done with an account', () => {
  const MAY: Record<AccountStatus, AccountAction[]> = {
    active: ['trade', 'deposit', 'withdraw', 'transfer_in', 'transfer_out', 'rename', 'restrict', 'close'],
    restricted: ['deposit', 'transfer_in', 'rename', 'reinstate'],
    closed: [],
  };
  const WHY: Record<AccountStatus, AccountRefusal> = {
    active: 'account_already_active',
    restricted: 'account_restricted',
    closed: 'account_closed',
  };
  const actions = [...MAY.active, 'reinstate'] as const;
  const rows = (['active', 'restricted', 'closed'] as const).flatMap((status) =>
    actions.map((action) => [status, action, MAY[status].includes(action) ? undefined : WHY[status]] as const),
  );
  test.each(rows)('to one that is %s: %s', (status, action, refusal) => {
    expect(refuseAction({ ...account, status }, action)).toBe(refusal);
  });

  test('only what is active and for investment trades', () => {
    expect(tradingAccounts()).toEqual({ statuses: ['active'], kinds: ['investment'] });
  });
});

describe('an account holds', () => {
  const rows: [rule: string, kind: Account['kind'], asset: string, refusal: AccountRefusal | undefined][] = [
    ['its own currency', 'savings', 'USD', undefined],
    ['no other', 'investment', 'CAD', 'wrong_currency'],
    ['shares where it trades', 'investment', 'AAPL', undefined],
    ['no shares where it saves', 'savings', 'AAPL', 'account_kind_cannot_trade'],
    ['no shares where it pays', 'chequing', 'AAPL', 'account_kind_cannot_trade'],
  ];
  test.each(rows)('%s', (_, kind, asset, refusal) => {
    expect(refuseAsset({ ...account, kind }, asset)).toBe(refusal);
  });
});

describe('an account is closed', () => {
  const nothing = { reserved: 0n, posted: 0n, fundingInFlight: false };
  const rows: [rule: string, contents: (typeof nothing)[], refusal: AccountRefusal | undefined][] = [
    ['when it is empty', [nothing, nothing], undefined],
    ['but not with money in it', [nothing, { ...nothing, posted: 1n }], 'account_not_empty'],
    ['but not with orders open', [{ ...nothing, reserved: 1n, posted: 1n }], 'account_has_open_orders'],
    ['but not with funding in flight', [{ ...nothing, fundingInFlight: true }], 'account_has_funding_in_flight'],
    [
      'but not with orders open in one of two currencies',
      [{ ...nothing, reserved: 1n }, nothing],
      'account_has_open_orders',
    ],
    [
      'nor with funding in flight in one',
      [nothing, { ...nothing, fundingInFlight: true }],
      'account_has_funding_in_flight',
    ],
  ];
  test.each(rows)('%s', (_, contents, refusal) => {
    expect(refuseClosing(account, contents)).toBe(refusal);
  });

  test('but not while it is restricted, empty or not', () => {
    expect(refuseClosing({ ...account, status: 'restricted' }, [nothing])).toBe('account_restricted');
  });
});

test("someone else's account looks like none at all", () => {
  expect(refuseCaller(account, 'bob')).toBe('account_not_found');
  expect(refuseCaller(undefined, 'bob')).toBe('account_not_found');
  expect(refuseCaller(account, 'ann')).toBeUndefined();
});

test('an account has one currency', () => {
  expect(refuseCurrency(account, 'CAD')).toBe('wrong_currency');
  expect(refuseCurrency(account, 'USD')).toBeUndefined();
});

describe('an account number', () => {
  test('is ten digits that check', () => {
    expect(accountNumber(1)).toBe('0000000018');
    expect(isAccountNumber(accountNumber(1))).toBe(true);
  });

  // Of ISO/IEC 7812 and of those that everybody checks their Luhn with.
  test.each(['79927398713', '4539578763621486', '0000000000'])('%s checks', (number) => {
    expect(isAccountNumber(number)).toBe(true);
  });

  test.each([
    ['is too short, though it checks', '000000018'],
    ['has something before it', ' 0000000018'],
    ['has something within it', '0000000000 0'],
    ['has another last digit', '0000000017'],
    ['is nothing', ''],
  ])('is none where it %s', (_, text) => {
    expect(isAccountNumber(text)).toBe(false);
  });

  test('shows a swap of neighbours, but for a nought and a nine', () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999 }), fc.nat({ max: 8 }), (n, place) => {
        const number = accountNumber(n);
        const [one = '', other = ''] = number.slice(place, place + 2);
        fc.pre(one !== other && !(one + other === '09' || one + other === '90'));
        expect(isAccountNumber(number.slice(0, place) + other + one + number.slice(place + 2))).toBe(false);
      }),
    );
  });

  test('shows a wrong digit', () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999 }), fc.nat({ max: 9 }), fc.integer({ min: 1, max: 9 }), (n, place, by) => {
        const number = accountNumber(n);
        const digit = (Number(number[place]) + by) % 10;
        expect(isAccountNumber(number.slice(0, place) + digit + number.slice(place + 1))).toBe(false);
      }),
    );
  });
});
