import { toMicros, toQuantity } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import { type FeeSchedule, NO_FEES } from '../../src/domain/fee-schedule.ts';
import type { Grouped } from '../../src/domain/group.ts';
import {
  decideReplacement,
  heldBefore,
  type Replacement,
  type ReplacementFacts,
  type ReplacementRefusal,
} from '../../src/domain/replacement.ts';
import { openReservation, type Reservation } from '../../src/domain/reservation.ts';
import type { Held } from '../../src/domain/settlement-batch.ts';

const FEES: FeeSchedule = { ...NO_FEES, perOrder: toMicros(7n) };
const account = { userId: 'ann', status: 'active', kind: 'investment', currency: 'USD' } as const;

const asked: Replacement = {
  orderId: 'next',
  accountId: 'a',
  userId: 'ann',
  side: 'buy',
  symbol: 'AAPL',
  currency: 'USD',
  qty: toQuantity(10n),
  principal: toMicros(120n),
  limit: 12n,
  replaces: 'old',
};

function held(orderId: string, principal: bigint, more: Partial<Held> = {}, bend: Partial<Reservation> = {}): Held {
  const order = { orderId, side: 'buy', qty: toQuantity(10n), principal: toMicros(principal) } as const;
  return {
    reservation: { ...openReservation(order, NO_FEES), ...bend },
    schedule: NO_FEES,
    terms: { accountId: 'a', symbol: 'AAPL', qty: 10n, principal, limit: undefined },
    replaces: undefined,
    group: undefined,
    ...more,
  };
}

const old = held('old', 100n);
const facts: ReplacementFacts = { account, before: undefined, old, schedule: NO_FEES, available: toMicros(20n) };
const again = held('next', 120n, {
  terms: { accountId: 'a', symbol: 'AAPL', qty: 10n, principal: 120n, limit: 12n },
  replaces: 'old',
});
const closed = { state: 'closed' } as const;

describe('a replacement is refused', () => {
  const rows: [rule: string, asked: Partial<Replacement>, facts: Partial<ReplacementFacts>, why: ReplacementRefusal][] =
    [
      ['in an account that there is not', {}, { account: undefined }, 'account_not_found'],
      ['in an account of somebody else', { userId: 'bob' }, {}, 'account_not_found'],
      ['there before it is known to be a repeat', { userId: 'bob' }, { before: again }, 'account_not_found'],
      ['as what it was already', {}, { before: again }, 'repeated'],
      [
        'as that whatever has become of its account',
        {},
        { before: again, account: { ...account, status: 'closed' } },
        'repeated',
      ],
      ['as what has ended', {}, { before: { ...again, reservation: { ...again.reservation, ...closed } } }, 'closed'],
      ['as another under the same id', { qty: toQuantity(11n) }, { before: again }, 'mismatch'],
      ['in the house’s account', {}, { account: { ...account, kind: 'house' } }, 'account_refused'],
      ['in an account that does not trade', {}, { account: { ...account, kind: 'savings' } }, 'account_refused'],
      ['in a restricted account', {}, { account: { ...account, status: 'restricted' } }, 'account_refused'],
      ['in another currency', { currency: 'CAD' }, {}, 'wrong_currency'],
      ['of an order that there is not', {}, { old: undefined }, 'not_replaceable'],
      ['of an order of another account', { accountId: 'b' }, {}, 'not_replaceable'],
      ['of an order of another symbol', { symbol: 'MSFT' }, {}, 'not_replaceable'],
      ['of an order on the other side', { side: 'sell' }, {}, 'not_replaceable'],
      ['of an order that has ended', {}, { old: held('old', 100n, {}, closed) }, 'not_replaceable'],
      ['for what the order has filled', {}, { old: held('old', 100n, {}, { filled: asked.qty }) }, 'not_replaceable'],
    ];
  test.each(rows)('%s', (_, more, known, why) => {
    expect(decideReplacement({ ...asked, ...more }, { ...facts, ...known })).toBe(why);
  });

  test.each<[rule: string, facts: Partial<ReplacementFacts>, needed: bigint]>([
    ['for a micro-unit more than there is', { available: toMicros(19n) }, 20n],
    ['without such a balance', { available: undefined }, 20n],
    ['with its fees beyond what there is', { available: toMicros(26n), schedule: FEES }, 27n],
  ])('%s, with what it needs besides what is held', (_, known, needed) => {
    expect(decideReplacement(asked, { ...facts, ...known })).toEqual({ outcome: 'insufficient', needed });
  });
});

describe('a replacement', () => {
  const next = openReservation(asked, NO_FEES);

  test('holds what it needs beyond the order whose place it takes, and changes no other', () => {
    expect(decideReplacement(asked, facts)).toEqual({
      reservation: { ...next, remaining: 20n },
      siblings: [],
    });
  });

  test('of a cheaper order needs nothing, not even a balance above zero', () => {
    const cheaper = { ...asked, principal: toMicros(80n) };
    expect(decideReplacement(cheaper, { ...facts, available: toMicros(0n) })).toMatchObject({
      reservation: { remaining: 0n },
    });
  });

  test('asked for by the system is of whoever owns the account, in its currency', () => {
    const { userId: _, currency: __, ...system } = asked;
    expect(decideReplacement(system, facts)).toMatchObject({ reservation: { remaining: 20n } });
  });

  test('of an entry holds as one that stands alone', () => {
    const entry = held('old', 100n, { group: { id: 'g', type: 'bracket', leg: 0 } });
    expect(decideReplacement(asked, { ...facts, old: entry })).toEqual({
      reservation: { ...next, remaining: 20n },
      siblings: [],
    });
  });
});

const exit = (orderId: string, leg: number, principal: bigint, remaining: bigint): Held & Grouped => {
  const group = { id: 'g', type: 'oco', leg } as const;
  return { ...held(orderId, principal, {}, { remaining: toMicros(remaining) }), group };
};

describe('a replacement of an exit', () => {
  const [cheap, dear] = [exit('old', 0, 100n, 100n), exit('other', 1, 110n, 10n)];
  const group = [cheap, dear];
  const known = (more: Partial<ReplacementFacts> = {}) => ({ ...facts, old: cheap, group, ...more });

  test('holds what is beyond all that the exits hold', () => {
    expect(decideReplacement(asked, known({ available: toMicros(10n) }))).toEqual({
      reservation: { ...openReservation(asked, NO_FEES), remaining: 10n },
      siblings: [],
    });
  });

  test('that needs no more than they hold, holds nothing and needs nothing', () => {
    const same = { ...asked, principal: toMicros(110n) };
    const decided = decideReplacement(same, known({ available: toMicros(0n) }));
    expect(decided).toEqual({ reservation: { ...openReservation(same, NO_FEES), remaining: 0n }, siblings: [] });
  });

  test('says what the others hold from then on', () => {
    const off = [cheap, exit('other', 1, 110n, 25n)];
    expect(decideReplacement(asked, known({ group: off, available: toMicros(0n) }))).toEqual({
      reservation: { ...openReservation(asked, NO_FEES), remaining: 10n },
      siblings: [{ ...dear.reservation, remaining: 10n }],
    });
  });

  test.each([
    ['a micro-unit less than it needs', 9n],
    ['no such balance', undefined],
  ])('is refused with %s', (_, available) => {
    const there = available === undefined ? undefined : toMicros(available);
    expect(decideReplacement(asked, known({ available: there }))).toEqual({ outcome: 'insufficient', needed: 10n });
  });

  test('that needs less than the exits hold, in an account that owes something, needs nothing', () => {
    const less = known({ group: [cheap, exit('other', 1, 110n, 25n)], available: toMicros(-16n) });
    expect(decideReplacement(asked, less)).toEqual({ outcome: 'insufficient', needed: 0n });
  });

  test('whose group is not known has nothing to share', () => {
    const { group: _, ...alone } = known({ available: toMicros(0n) });
    expect(decideReplacement(asked, alone)).toMatchObject({ reservation: { remaining: 0n }, siblings: [] });
  });
});

test('what was held before is nothing where nothing was', () => {
  expect([heldBefore(undefined), heldBefore(old)]).toEqual([0n, 100n]);
});
