import { amount, toMicros, toPrice, toQuantity } from '@andvari/money';
import { NO_FEES } from '../../portfolio/src/domain/fee-schedule.ts';
import { type Grouped, isExit, type Membership, openQuantity, shareHold } from '../../portfolio/src/domain/group.ts';
import {
  consume,
  openReservation,
  type Reservation,
  release,
  replacementHold,
  replaceReservation,
  restate,
} from '../../portfolio/src/domain/reservation.ts';
import { decideGroup } from '../../portfolio/src/domain/reserve-group.ts';
import type { Held as LedgerHeld } from '../../portfolio/src/domain/settlement-batch.ts';
import type { Report } from '../src/domain/life.ts';
import type { ReserveGroupRequest, ReserveRequest } from '../src/ports/portfolio.ts';

interface Balance {
  posted: bigint;
  reserved: bigint;
}

interface Held {
  reservation: Reservation;
  readonly request: ReserveRequest;
  readonly replaces: string | undefined;
  readonly group: Membership | undefined;
  /** The order service has said that the order exists. */
  confirmed: boolean;
}

export type ReserveAnswer = 'reserved' | 'closed' | 'mismatch' | 'insufficient' | 'not_replaceable';

/** The ledger of the model: its own rules of what orders hold, balances in memory, every step atomic as a commit is. */
export class SagaLedger {
  readonly held = new Map<string, Held>();
  readonly settled = new Set<string>();
  readonly problems: string[] = [];
  readonly #balances = new Map<string, Balance>();

  constructor(accounts: readonly string[], cash: bigint, shares: bigint) {
    for (const account of accounts) {
      this.#balances.set(`${account} USD`, { posted: cash, reserved: 0n });
      this.#balances.set(`${account} ACME`, { posted: shares, reserved: 0n });
    }
  }

  balance(account: string, asset: string): Balance {
    const found = this.#balances.get(`${account} ${asset}`);
    if (found === undefined) throw new Error(`no balance of ${account} in ${asset}`);
    return found;
  }

  total(asset: string): bigint {
    let total = 0n;
    for (const [key, { posted }] of this.#balances) if (key.endsWith(` ${asset}`)) total += posted;
    return total;
  }

  reserve(request: ReserveRequest): ReserveAnswer {
    const { orderId, accountId, asset, side, amount: principal, replaces } = request;
    const before = this.held.get(orderId);
    if (before !== undefined) {
      if (before.request.amount !== principal || before.request.qty !== request.qty) return 'mismatch';
      return before.reservation.state === 'open' ? 'reserved' : 'closed';
    }
    const balance = this.balance(accountId, asset);
    const order = { orderId, side, qty: toQuantity(request.qty), principal: toMicros(principal) };
    const fresh = openReservation(order, NO_FEES);
    const old = replaces === undefined ? undefined : this.held.get(replaces);
    if (replaces !== undefined && (old?.reservation.state !== 'open' || request.qty <= old.reservation.filled)) {
      return 'not_replaceable';
    }
    const group = old?.group;
    if (group !== undefined && isExit(group)) return this.#joinGroup(group, fresh, request);
    const needed = old === undefined ? fresh.remaining : replacementHold(old.reservation, fresh);
    if (balance.posted - balance.reserved < needed) return 'insufficient';
    balance.reserved += needed;
    const reservation = { ...fresh, remaining: needed };
    this.held.set(orderId, { reservation, request, replaces, group, confirmed: false });
    return 'reserved';
  }

  reserveGroup({ groupId: id, type, legs, ...common }: ReserveGroupRequest): ReserveAnswer {
    const { accountId } = common;
    const before = legs.map(({ orderId }) => this.held.get(orderId));
    const asked = legs.map((leg) => ({
      ...leg,
      qty: toQuantity(leg.qty),
      principal: toMicros(leg.amount),
      limit: leg.limitPx,
    }));
    const decided = decideGroup(
      { groupId: id, type, accountId, symbol: common.symbol, legs: asked },
      {
        account: { userId: accountId, status: 'active', kind: 'investment', currency: 'USD' },
        before: before.map((held) => held && asHeld(held)),
        schedule: NO_FEES,
        available: (asset) => toMicros(this.balance(accountId, asset).posted - this.balance(accountId, asset).reserved),
      },
    );
    if (decided.outcome === 'repeated') return 'reserved';
    if (decided.outcome === 'closed' || decided.outcome === 'mismatch' || decided.outcome === 'insufficient')
      return decided.outcome;
    if (decided.outcome !== 'reserved') throw new Error(`a group is ${decided.outcome}`);
    for (const [leg, request] of legs.entries()) {
      const member = decided.members[leg] as Grouped;
      this.balance(accountId, request.asset).reserved += member.reservation.remaining;
      this.held.set(request.orderId, { ...member, request: { ...common, ...request }, confirmed: false });
    }
    return 'reserved';
  }

  /** What there is for an order: for an exit what all exits of its group hold between them. */
  holds(orderId: string): bigint {
    const held = this.held.get(orderId);
    const { group } = held ?? {};
    if (group === undefined || !isExit(group)) return held?.reservation.remaining ?? 0n;
    const exits = this.#members(group.id).filter((member) => isExit(member.group));
    return exits.reduce((total, { reservation }) => total + reservation.remaining, 0n);
  }

  /** Of a group all that was never placed; of what was to take a leg's place that alone. */
  release(orderId: string): void {
    const held = this.held.get(orderId);
    if (held === undefined) return;
    const isWhole = held.group !== undefined && held.replaces === undefined;
    const ending = isWhole
      ? this.#members(held.group?.id).map((member) => this.held.get(member.reservation.orderId))
      : [held];
    for (const each of ending) if (each !== undefined) this.#put(each, release(each.reservation));
  }

  /** A report, once; what it does not know of is another's matter. */
  settle(report: Report): void {
    if (this.settled.has(report.execId)) return;
    this.settled.add(report.execId);
    const held = this.held.get(report.orderId);
    switch (report.type) {
      case 'fill':
        if (held === undefined) this.problems.push(`a fill of ${report.orderId}, for which nothing is held`);
        else this.#fill(held, report);
        return;
      case 'canceled':
      case 'expired':
        if (held !== undefined) this.#put(held, release(held.reservation));
        return;
      case 'rejected':
      case 'replace_rejected':
        if (held !== undefined && report.reason !== 'duplicate_order_id') this.#put(held, release(held.reservation));
        return;
      case 'restated':
        // What an exit has left follows from what its group has traded.
        if (held !== undefined && (held.group === undefined || !isExit(held.group)))
          this.#put(held, restate(held.reservation, toQuantity(report.leavesQty)));
        return;
      case 'replaced':
        this.#hand(held, this.held.get(report.replacedBy ?? ''));
        return;
      case 'new':
      case 'triggered':
      case 'cancel_rejected':
    }
  }

  #fill(held: Held, report: Report): void {
    const { reservation, request } = held;
    const [qty, price] = [toQuantity(report.lastQty), toPrice(report.lastPx)];
    if (reservation.filled + qty !== report.cumQty || report.cumQty > reservation.qty) {
      this.problems.push(`${report.orderId}: the ledger has ${reservation.filled}, the fill says ${report.cumQty}`);
      return;
    }
    const money = amount(price, qty);
    const members = held.group !== undefined && isExit(held.group) ? this.#members(held.group.id) : undefined;
    if (members !== undefined && qty > openQuantity(members))
      this.problems.push(`${report.orderId} trades more than its group has`);
    this.#put(held, consume(reservation, { qty, amount: money }, NO_FEES));
    if (report.leavesQty === 0n) this.#put(held, release(held.reservation));
    const sign = request.side === 'buy' ? 1n : -1n;
    this.balance(request.accountId, 'USD').posted -= sign * money;
    this.balance(request.accountId, 'ACME').posted += sign * report.lastQty;
  }

  #hand(old: Held | undefined, next: Held | undefined): void {
    if (old === undefined || next === undefined) {
      this.problems.push('a replacement of which one order holds nothing');
      return;
    }
    const moved = replaceReservation(old.reservation, next.reservation);
    old.reservation = moved.old;
    next.reservation = moved.next;
    this.balance(next.request.accountId, next.request.asset).reserved -= moved.freed;
    this.#share(next);
  }

  #put(held: Held, { reservation, freed }: { reservation: Reservation; freed: bigint }): void {
    held.reservation = reservation;
    this.balance(held.request.accountId, held.request.asset).reserved -= freed;
    this.#share(held);
  }

  #joinGroup(group: Membership, fresh: Reservation, request: ReserveRequest): ReserveAnswer {
    const { replaces, accountId, asset } = request;
    const next = { reservation: { ...fresh, remaining: toMicros(0n) }, request, replaces, group, confirmed: false };
    const { freed } = shareHold([...this.#members(group.id), next]);
    const { posted, reserved } = this.balance(accountId, asset);
    if (posted - reserved + freed < 0n) return 'insufficient';
    this.held.set(request.orderId, next);
    this.#share(next);
    return 'reserved';
  }

  /** What the exits hold between them, once anything of their group has changed. */
  #share({ group, request }: Held): void {
    if (group === undefined) return;
    const { changed, freed } = shareHold(this.#members(group.id));
    for (const reservation of changed) {
      const held = this.held.get(reservation.orderId) as Held;
      held.reservation = reservation;
    }
    const [exit] = changed;
    if (exit === undefined) return;
    this.balance(request.accountId, (this.held.get(exit.orderId) as Held).request.asset).reserved -= freed;
  }

  #members(groupId: string | undefined): Grouped[] {
    return [...this.held.values()].flatMap(({ reservation, replaces, group }) =>
      group !== undefined && group.id === groupId ? [{ reservation, replaces, group }] : [],
    );
  }
}

function asHeld({ reservation, request, replaces, group }: Held): LedgerHeld {
  const { accountId, symbol, qty, amount: principal, limitPx: limit } = request;
  return { reservation, terms: { accountId, symbol, qty, principal, limit }, schedule: NO_FEES, replaces, group };
}
