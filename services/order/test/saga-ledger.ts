import { amount, toMicros, toPrice, toQuantity } from '@andvari/money';
import { NO_FEES } from '../../portfolio/src/domain/fee-schedule.ts';
import {
  consume,
  openReservation,
  type Reservation,
  release,
  replacementHold,
  restate,
  succeed,
} from '../../portfolio/src/domain/reservation.ts';
import type { Report } from '../src/domain/life.ts';
import type { ReserveRequest } from '../src/ports/portfolio.ts';

interface Balance {
  posted: bigint;
  reserved: bigint;
}

interface Held {
  reservation: Reservation;
  request: ReserveRequest;
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
    const needed = old === undefined ? fresh.remaining : replacementHold(old.reservation, fresh);
    if (balance.posted - balance.reserved < needed) return 'insufficient';
    balance.reserved += needed;
    this.held.set(orderId, { reservation: { ...fresh, remaining: needed }, request, confirmed: false });
    return 'reserved';
  }

  release(orderId: string): void {
    const held = this.held.get(orderId);
    if (held !== undefined) this.#put(held, release(held.reservation));
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
        if (held !== undefined) this.#put(held, restate(held.reservation, toQuantity(report.leavesQty)));
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
    this.#put(held, consume(reservation, { qty, amount: money }, NO_FEES));
    const sign = request.side === 'buy' ? 1n : -1n;
    this.balance(request.accountId, 'USD').posted -= sign * money;
    this.balance(request.accountId, 'ACME').posted += sign * report.lastQty;
  }

  #hand(old: Held | undefined, next: Held | undefined): void {
    if (old === undefined || next === undefined) {
      this.problems.push('a replacement of which one order holds nothing');
      return;
    }
    const moved = succeed(old.reservation, next.reservation);
    old.reservation = moved.old;
    next.reservation = moved.next;
    this.balance(next.request.accountId, next.request.asset).reserved -= moved.freed;
  }

  #put(held: Held, { reservation, freed }: { reservation: Reservation; freed: bigint }): void {
    held.reservation = reservation;
    this.balance(held.request.accountId, held.request.asset).reserved -= freed;
  }
}
