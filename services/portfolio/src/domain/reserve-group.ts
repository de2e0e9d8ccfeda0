import { add, type Micros, type Quantity, subtract, ZERO } from '@andvari/money';
import { refuseAction } from './account.ts';
import type { Asset, Currency } from './asset.ts';
import type { FeeSchedule } from './fee-schedule.ts';
import { type Grouped, type GroupType, isExit, isWhole, shareHold, withChanged } from './group.ts';
import type { ReplacementFacts, ReplacementRefusal } from './replacement.ts';
import { openReservation, type Reservation, type Side } from './reservation.ts';
import { type Held, isSameOrder } from './settlement-batch.ts';

export type GroupLeg = {
  readonly orderId: string;
  readonly side: Side;
  /** What it holds: the currency for a buy, the symbol for a sale. */
  readonly asset: Asset;
  readonly qty: Quantity;
  readonly principal: Micros;
  /** The worst price it may trade at, where it has one. */
  readonly limit?: bigint | undefined;
};

/** Orders that are to be placed together, as they are reserved for. */
export type GroupRequest = {
  readonly groupId: string;
  readonly type: GroupType;
  readonly accountId: string;
  /** Whose account it must be; absent when the caller speaks for the system. */
  readonly userId?: string | undefined;
  readonly symbol: string;
  readonly currency?: Currency | undefined;
  readonly legs: readonly GroupLeg[];
};

export type GroupFacts = {
  readonly account: ReplacementFacts['account'];
  /** What was reserved under the ids of its legs before, leg by leg. */
  readonly before: readonly (Held | undefined)[];
  readonly schedule: FeeSchedule;
  /** Of an asset; undefined where the account has no such balance. */
  readonly available: (asset: Asset) => Micros | undefined;
};

export type GroupRefusal =
  | { readonly outcome: Exclude<ReplacementRefusal, 'not_replaceable'> | 'group_invalid' }
  | { readonly outcome: 'insufficient'; readonly side: Side; readonly needed: Micros; readonly available: Micros };

export type GroupDecision = { readonly outcome: 'reserved'; readonly members: readonly Grouped[] } | GroupRefusal;

/** What each leg of a group holds, or why it may not be. */
export function decideGroup(request: GroupRequest, facts: GroupFacts): GroupDecision {
  const { account, before, schedule } = facts;
  if (account === undefined || account.userId !== (request.userId ?? account.userId))
    return { outcome: 'account_not_found' };
  if (!isWhole(request.type, request.legs)) return { outcome: 'group_invalid' };
  if (before.some((held) => held !== undefined)) return { outcome: repeatOf(request, before) };
  if (account.kind === 'house' || refuseAction({ status: account.status, kind: account.kind }, 'trade') !== undefined)
    return { outcome: 'account_refused' };
  if (account.currency !== (request.currency ?? account.currency)) return { outcome: 'wrong_currency' };
  const members = openMembers(request, schedule);
  return refuseShort(request, members, facts) ?? { outcome: 'reserved', members };
}

function openMembers({ groupId: id, type, legs }: GroupRequest, schedule: FeeSchedule): Grouped[] {
  const members = legs.map((asked, leg): Grouped => {
    const group = { id, type, leg };
    const reservation = openReservation(asked, schedule);
    return {
      group,
      replaces: undefined,
      reservation: isExit(group) ? { ...reservation, remaining: ZERO } : reservation,
    };
  });
  return withChanged(members, shareHold(members).changed);
}

/** The first leg for whose asset there is not enough. */
function refuseShort({ legs }: GroupRequest, members: readonly Grouped[], facts: GroupFacts): GroupRefusal | undefined {
  const needed = new Map<Asset, Micros>();
  for (const [place, { asset, side }] of legs.entries()) {
    const holds: Reservation | undefined = members[place]?.reservation;
    const total = add(needed.get(asset) ?? ZERO, holds?.remaining ?? ZERO);
    needed.set(asset, total);
    const available = facts.available(asset) ?? ZERO;
    if (subtract(available, total) < 0n) return { outcome: 'insufficient', side, needed: total, available };
  }
  return undefined;
}

function repeatOf(request: GroupRequest, before: GroupFacts['before']): 'repeated' | 'closed' | 'mismatch' {
  const same = request.legs.every((leg, place) => isSame(request, leg, place, before[place]));
  if (!same) return 'mismatch';
  return before.some((held) => held?.reservation.state === 'open') ? 'repeated' : 'closed';
}

function isSame(
  { groupId, accountId, symbol, type }: GroupRequest,
  leg: GroupLeg,
  place: number,
  before?: Held,
): boolean {
  const isSameLeg = before?.group?.id === groupId && before.group.type === type && before.group.leg === place;
  return isSameLeg && isSameOrder(before, { ...leg, accountId, symbol });
}
