import { toMicros, toQuantity } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import { type FeeSchedule, NO_FEES } from '../../src/domain/fee-schedule.ts';
import { openReservation, type Reservation, type Side } from '../../src/domain/reservation.ts';
import {
  decideGroup,
  type GroupFacts,
  type GroupLeg,
  type GroupRefusal,
  type GroupRequest,
} from '../../src/domain/reserve-group.ts';
import type { Held } from '../../src/domain/settlement-batch.ts';

const FEES: FeeSchedule = { ...NO_FEES, perOrder: toMicros(7n) };
const account = { userId: 'ann', status: 'active', kind: 'investment', currency: 'USD' } as const;

const leg = (orderId: string, side: Side, principal: bigint): GroupLeg => ({
  orderId,
  side,
  asset: side === 'buy' ? 'USD' : 'AAPL',
  qty: toQuantity(10n),
  principal: toMicros(principal),
});

const bracket: GroupRequest = {
  groupId: 'g',
  type: 'bracket',
  accountId: 'a',
  userId: 'ann',
  symbol: 'AAPL',
  currency: 'USD',
  legs: [leg('entry', 'buy', 100n), leg('profit', 'sell', 10n), leg('stop', 'sell', 10n)],
};
const oco: GroupRequest = { ...bracket, type: 'oco', legs: [leg('profit', 'buy', 100n), leg('stop', 'buy', 120n)] };

const facts = (more: Partial<GroupFacts> = {}, available: Record<string, bigint> = { USD: 1000n }): GroupFacts => ({
  account,
  before: [undefined, undefined, undefined],
  schedule: NO_FEES,
  available: (asset) => (available[asset] === undefined ? undefined : toMicros(available[asset])),
  ...more,
});

function held(request: GroupRequest, place: number, bend: Partial<Reservation> = {}): Held {
  const asked = request.legs[place];
  if (asked === undefined) throw new Error('no such leg');
  const { qty, principal, limit } = asked;
  return {
    reservation: { ...openReservation(asked, NO_FEES), ...bend },
    schedule: NO_FEES,
    terms: { accountId: request.accountId, symbol: request.symbol, qty, principal, limit },
    replaces: undefined,
    group: { id: request.groupId, type: request.type, leg: place },
  };
}

const all = (bend: Partial<Reservation> = {}) => bracket.legs.map((_, place) => held(bracket, place, bend));
const closed = { state: 'closed' } as const;
const withLeg = (place: number, bent: Partial<Held>): (Held | undefined)[] =>
  all().map((each, at) => (at === place ? { ...each, ...bent } : each));

describe('a group is not reserved', () => {
  type Row = [rule: string, asked: Partial<GroupRequest>, facts: Partial<GroupFacts>, why: GroupRefusal['outcome']];
  const rows: Row[] = [
    ['in an account that there is not', {}, { account: undefined }, 'account_not_found'],
    ['in an account of somebody else', { userId: 'bob' }, {}, 'account_not_found'],
    ['there before anything else', { userId: 'bob', legs: [] }, { before: all() }, 'account_not_found'],
    ['where it is no group', { legs: bracket.legs.slice(0, 2) }, {}, 'group_invalid'],
    ['where it was already', {}, { before: all() }, 'repeated'],
    [
      'there before its account is looked at',
      {},
      { before: all(), account: { ...account, kind: 'house' } },
      'repeated',
    ],
    ['where one leg of it goes on', {}, { before: [...all(closed).slice(0, 2), held(bracket, 2)] }, 'repeated'],
    ['where all of it has ended', {}, { before: all(closed) }, 'closed'],
    ['where one of its ids is taken', {}, { before: [undefined, undefined, held(bracket, 2)] }, 'mismatch'],
    ['where it was placed in another account', { accountId: 'b' }, { before: all() }, 'mismatch'],
    ['where it was of another symbol', { symbol: 'MSFT' }, { before: all() }, 'mismatch'],
    ['where it was another group', { groupId: 'h' }, { before: all() }, 'mismatch'],
    [
      'where a leg was of another kind of group',
      {},
      { before: withLeg(1, { group: { id: 'g', type: 'oto', leg: 1 } }) },
      'mismatch',
    ],
    [
      'where a leg was another leg',
      {},
      { before: withLeg(1, { group: { id: 'g', type: 'bracket', leg: 2 } }) },
      'mismatch',
    ],
    ['where a leg came alone', {}, { before: withLeg(1, { group: undefined }) }, 'mismatch'],
    ['where a leg was for other money', {}, { before: withLeg(1, { terms: held(oco, 1).terms }) }, 'mismatch'],
    ['in the house’s account', {}, { account: { ...account, kind: 'house' } }, 'account_refused'],
    ['in an account that does not trade', {}, { account: { ...account, kind: 'savings' } }, 'account_refused'],
    ['in a restricted account', {}, { account: { ...account, status: 'restricted' } }, 'account_refused'],
    ['in another currency', { currency: 'CAD' }, {}, 'wrong_currency'],
  ];
  test.each(rows)('%s', (_, more, known, outcome) => {
    expect(decideGroup({ ...bracket, ...more }, facts(known))).toEqual({ outcome });
  });

  const short: [rule: string, asked: GroupRequest, FeeSchedule, there: Record<string, bigint>, object][] = [
    [
      'a micro-unit less than its entry needs',
      bracket,
      NO_FEES,
      { USD: 99n },
      { side: 'buy', needed: 100n, available: 99n },
    ],
    ['its fees not there', bracket, FEES, { USD: 106n }, { side: 'buy', needed: 107n, available: 106n }],
    ['no such balance', bracket, NO_FEES, {}, { side: 'buy', needed: 100n, available: 0n }],
    [
      'enough for the one exit and not for the other',
      oco,
      NO_FEES,
      { USD: 119n },
      { side: 'buy', needed: 120n, available: 119n },
    ],
    ['less than no shares', bracket, NO_FEES, { USD: 100n, AAPL: -1n }, { side: 'sell', needed: 0n, available: -1n }],
  ];
  test.each(short)('with %s', (_, asked, schedule, there, why) => {
    expect(decideGroup(asked, facts({ schedule }, there))).toEqual({ outcome: 'insufficient', ...why });
  });
});

describe('what is reserved for a group', () => {
  const rows: [rule: string, asked: GroupRequest, FeeSchedule, there: Record<string, bigint>, holds: bigint[]][] = [
    ['is what its entry needs, and nothing of what it may buy', bracket, NO_FEES, { USD: 100n }, [100n, 0n, 0n]],
    ['is the entry’s fees as well', bracket, FEES, { USD: 107n }, [107n, 0n, 0n]],
    ['is the dearer of two exits, and either’s fees', oco, FEES, { USD: 134n }, [107n, 27n]],
  ];
  test.each(rows)('%s', (_, asked, schedule, there, holds) => {
    const decided = decideGroup(asked, facts({ schedule }, there));
    if (decided.outcome !== 'reserved') throw new Error(decided.outcome);
    expect(decided.members.map(({ reservation }) => reservation.remaining)).toEqual(holds);
  });

  test('says of each leg which it is', () => {
    const decided = decideGroup(bracket, facts());
    expect(decided).toEqual({
      outcome: 'reserved',
      members: bracket.legs.map((asked, place) => ({
        group: { id: 'g', type: 'bracket', leg: place },
        replaces: undefined,
        reservation: { ...openReservation(asked, NO_FEES), remaining: place === 0 ? 100n : 0n },
      })),
    });
  });

  test('asked for by the system is of whoever owns the account, in its currency', () => {
    const { userId: _, currency: __, ...system } = bracket;
    expect(decideGroup(system, facts()).outcome).toBe('reserved');
  });
});
