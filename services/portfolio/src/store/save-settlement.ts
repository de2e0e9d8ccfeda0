import { bigintArray, textArray, unquotedArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Statement, Tx } from '@andvari/kit/db/types';
import { amount, negate } from '@andvari/money';
import { v7 as uuidv7 } from 'uuid';
import type { Balances } from '../domain/balances.ts';
import type { ActivityRecord, SettlementBatch } from '../domain/settlement-batch.ts';
import { changeLots, saveClosings } from './save-settlement-batch.ts';

/** Writes what a batch of reports changed, and waits for it. */
export async function saveSettlement(tx: Tx, balances: Balances, batch: SettlementBatch): Promise<void> {
  await Promise.all(settlementStatements(tx, balances, batch).map((statement) => statement.execute()));
}

/** What a batch of reports changed: all of it in one call, and what sales took out of older lots in two more. */
export function settlementStatements(tx: Tx, balances: Balances, batch: SettlementBatch): Statement[] {
  const { journals, entries } = balances;
  if (balances.changed.size === 0 && batch.changedReservations.size === 0 && batch.newFills.length === 0) return [];
  const journalAt = new Map(journals.map(({ id }, index) => [id, BigInt(index + 1)]));
  const fillAt = new Map(batch.newFills.map(({ fill }, index) => [fill.execId, BigInt(index + 1)]));
  const journalOf = (id: string): bigint => placeOf(journalAt, id);
  const fillOf = (execId: string): bigint => placeOf(fillAt, execId);
  const ledgers = [...balances.changed];
  const fills = batch.newFills.map(({ fill }) => fill);
  const reservations = [...batch.changedReservations].flatMap((id) => batch.reservations.get(id)?.reservation ?? []);
  const positions = [...batch.changedPositions].flatMap((key) => batch.positions.get(key) ?? []);
  const lastFill = new Map(fills.map((fill, index) => [`${fill.accountId}/${fill.symbol}`, BigInt(index + 1)]));
  const lots = [...batch.newLots.values()];
  const activities = batch.activities.map((record) => ({ ...record, line: lineOf(record) }));
  return [
    tx`
      select save_settlement(
        ${bigintArray(ledgers.map(({ id }) => id))}, ${bigintArray(ledgers.map(({ posted }) => posted))},
        ${bigintArray(ledgers.map(({ reserved }) => reserved))}, ${bigintArray(ledgers.map(({ version }) => version))},
        ${uuidArray(journals.map(({ id }) => id))}, ${unquotedArray(journals.map(({ journal }) => journal.kind))},
        ${unquotedArray(journals.map(({ journal }) => journal.reference))}, ${bigintArray(journals.map(({ journal }) => journal.occurredAt))},
        ${uuidArray(journals.map(({ journal }) => journal.feeScheduleId ?? null))},
        ${textArray(fills.map(({ execId }) => execId))}, ${textArray(fills.map(({ tradeId }) => tradeId))},
        ${uuidArray(fills.map(({ accountId }) => accountId))}, ${uuidArray(fills.map(({ orderId }) => orderId))},
        ${textArray(fills.map(({ symbol }) => symbol))},
        ${bigintArray(fills.map(({ side, qty }) => (side === 'buy' ? qty : negate(qty))))},
        ${bigintArray(fills.map(({ side, price, qty }) => (side === 'buy' ? negate(amount(price, qty)) : amount(price, qty))))},
        ${bigintArray(fills.map(({ price }) => price))}, ${bigintArray(fills.map(({ at }) => at))},
        ${textArray(fills.map(({ digest }) => digest))}, ${bigintArray(batch.newFills.map(({ journalId }) => journalOf(journalId)))},
        ${bigintArray(entries.map(({ ledgerAccountId }) => ledgerAccountId))},
        ${bigintArray(entries.map(({ journalId }) => journalOf(journalId)))},
        ${bigintArray(entries.map((entry) => entry.amount))}, ${bigintArray(entries.map(({ balanceAfter }) => balanceAfter))},
        ${bigintArray(entries.map(({ version }) => version))},
        ${bigintArray(entries.map(({ reference }) => (reference === null ? 0n : fillOf(reference))))},
        ${uuidArray(reservations.map(({ orderId }) => orderId))}, ${unquotedArray(reservations.map(({ state }) => state))},
        ${bigintArray(reservations.map(({ qty }) => qty))}, ${bigintArray(reservations.map(({ filled }) => filled))},
        ${bigintArray(reservations.map(({ carried }) => carried))}, ${bigintArray(reservations.map(({ principal }) => principal))},
        ${bigintArray(reservations.map(({ remaining }) => remaining))}, ${bigintArray(reservations.map(({ traded }) => traded))},
        ${bigintArray(reservations.map(({ feePaid }) => feePaid))},
        ${bigintArray(positions.map(({ accountId, symbol }) => placeOf(lastFill, `${accountId}/${symbol}`)))},
        ${bigintArray(positions.map(({ position }) => position.qty))}, ${bigintArray(positions.map(({ position }) => position.cost))},
        ${bigintArray(positions.map(({ position }) => position.averageCost))},
        ${bigintArray(positions.map(({ position }) => position.bought))}, ${bigintArray(positions.map(({ position }) => position.sold))},
        ${bigintArray(positions.map(({ at }) => at))},
        ${bigintArray(lots.map(({ lot }) => fillOf(lot.id)))}, ${bigintArray(lots.map(({ lot }) => lot.cost))},
        ${bigintArray(lots.map(({ lot }) => lot.remaining))}, ${bigintArray(lots.map(({ proceeds }) => proceeds))},
        ${bigintArray(lots.map(({ at }) => at))},
        ${bigintArray(activities.map(({ fill }) => fillOf(fill.execId)))}, ${uuidArray(activities.map(() => uuidv7()))},
        ${unquotedArray(activities.map(({ line }) => line.type))}, ${bigintArray(activities.map(({ line }) => line.amount))},
        ${bigintArray(activities.map(({ line }) => line.realised))}, ${unquotedArray(activities.map(({ currency }) => currency))},
        ${bigintArray(activities.map(({ journalId }) => journalOf(journalId)))})`,
    changeLots(tx, batch),
    saveClosings(tx, batch),
  ].filter((statement) => statement !== undefined);
}

function placeOf(places: ReadonlyMap<string, bigint>, key: string): bigint {
  const place = places.get(key);
  if (place === undefined) throw new Error(`nothing of this batch is called ${key}`);
  return place;
}

/** A fill and its fee are a line each; their ids grow, so that those of one moment are told in the order in which they were booked. */
function lineOf({ kind, fill, settlement }: ActivityRecord): { type: string; amount: bigint; realised: bigint } {
  if (kind === 'fee') return { type: 'fee', amount: negate(settlement.fee), realised: 0n };
  return { type: fill.side, amount: settlement.cash + settlement.fee, realised: settlement.realised };
}
