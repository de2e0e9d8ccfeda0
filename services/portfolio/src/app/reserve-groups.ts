import type { Tx } from '@andvari/kit/db/types';
import { negate, toMicros, ZERO } from '@andvari/money';
import type { Asset } from '../domain/asset.ts';
import { type FeeSchedule, NO_FEES } from '../domain/fee-schedule.ts';
import { shareHold } from '../domain/group.ts';
import type { Ledger } from '../domain/journal.ts';
import { release } from '../domain/reservation.ts';
import { decideGroup, type GroupDecision, type GroupRequest } from '../domain/reserve-group.ts';
import { SettlementBatch } from '../domain/settlement-batch.ts';
import { type AccountFacts, findAccountFacts } from '../store/account-facts.ts';
import { addGroups, loadReservations } from '../store/load-settlement-batch.ts';
import { lockLedger, saveLedger } from '../store/locked-ledger.ts';
import { insertReservations, type OrderReservation } from '../store/reservations.ts';
import { saveSettlement } from '../store/save-settlement.ts';

export type GroupAnswer = GroupDecision & Partial<Pick<AccountFacts, 'status' | 'kind'>>;

/** Reserves for all orders of a group, or for none. */
export async function reserveGroup(tx: Tx, request: GroupRequest, schedule: FeeSchedule): Promise<GroupAnswer> {
  const { accountId, symbol, groupId: id, type, legs } = request;
  const ledgerOf = (asset: Asset): Ledger => ({ of: 'account', accountId, asset });
  const [balances, held, accounts] = await Promise.all([
    lockLedger(
      tx,
      legs.map(({ asset }) => ledgerOf(asset)),
    ),
    loadReservations(
      tx,
      legs.map(({ orderId }) => orderId),
    ),
    findAccountFacts(tx, [accountId]),
  ]);
  const account = accounts.get(accountId);
  const before = legs.map(({ orderId }) => held.get(orderId));
  const available = (asset: Asset) =>
    balances.find(ledgerOf(asset)) === undefined ? undefined : balances.available(ledgerOf(asset));
  const decided = decideGroup(request, { account, before, schedule, available });
  const facts = account === undefined ? {} : { status: account.status, kind: account.kind };
  if (decided.outcome !== 'reserved') return { ...decided, ...facts };
  const feeScheduleId = schedule.id === NO_FEES.id ? undefined : schedule.id;
  const made = legs.map(({ asset, qty, principal, limit }, leg) => {
    const { reservation } = decided.members[leg] ?? {};
    if (reservation === undefined) throw new Error('a leg was not answered');
    const ledgerAccountId = balances.find(ledgerOf(asset))?.id ?? 0n;
    balances.reserve(ledgerOf(asset), reservation.remaining);
    const terms = { accountId, symbol, qty, principal, limit };
    return { reservation, terms, replaces: undefined, group: { id, type, leg }, ledgerAccountId, feeScheduleId };
  });
  await Promise.all([saveLedger(tx, balances), insertReservations(tx, made)]);
  return { ...decided, ...facts };
}

/**
 * Gives back what an order of a group holds that never came to be. All that are placed together go with it: they are there all or none. One that was
 * to take a leg's place goes alone.
 */
export async function releaseInGroup(tx: Tx, { orderId, accountId }: OrderReservation): Promise<bigint> {
  const facts = (await findAccountFacts(tx, [accountId])).get(accountId);
  const symbol = (await loadReservations(tx, [orderId])).get(orderId)?.terms.symbol;
  if (facts === undefined || symbol === undefined) return 0n;
  const ledgerOf = (side: 'buy' | 'sell'): Ledger => ({
    of: 'account',
    accountId,
    asset: side === 'buy' ? facts.currency : symbol,
  });
  const balances = await lockLedger(tx, [ledgerOf('buy'), ledgerOf('sell')]);
  const held = await loadReservations(tx, [orderId]);
  await addGroups(tx, held);
  const books = new SettlementBatch(held, new Map(), new Map(), new Map());
  const own = held.get(orderId);
  const members = books.groupOf(orderId) ?? [];
  const ending = members.filter((member) => own?.replaces === undefined || member.reservation.orderId === orderId);
  let total = ZERO;
  for (const { reservation } of ending) {
    const { reservation: closed, freed } = release(reservation);
    if (reservation.state === 'open') books.changed(closed);
    balances.reserve(ledgerOf(reservation.side), negate(freed));
    total = toMicros(total + freed);
  }
  const { changed, freed } = shareHold(books.groupOf(orderId) ?? []);
  for (const reservation of changed) books.changed(reservation);
  const [exit] = changed;
  if (exit !== undefined) balances.reserve(ledgerOf(exit.side), negate(freed));
  await saveSettlement(tx, balances, books);
  return total + (exit === undefined ? 0n : freed);
}
