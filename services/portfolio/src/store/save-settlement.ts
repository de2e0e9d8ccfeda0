import { pooledUuidV7 } from '@andvari/kit/base/uuid-v7';
import { numbers, texts, words } from '@andvari/kit/db/pg-array';
import type { Tx } from '@andvari/kit/db/types';
import { amount, negate } from '@andvari/money';
import type { Balances } from '../domain/balances.ts';
import type { ActivityRecord, SettlementBatch } from '../domain/settlement-batch.ts';
import { changeLots, saveClosings } from './save-settlement-batch.ts';

/** Writes what a batch of reports changed: all of it in one call, and what sales took out of older lots in two more. */
export async function saveSettlement(tx: Tx, balances: Balances, batch: SettlementBatch): Promise<void> {
  const { journals, entries } = balances;
  if (balances.changed.size === 0 && batch.changedReservations.size === 0 && batch.newFills.length === 0) return;
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
  await Promise.all([
    tx`
      select save_settlement(
        ${numbers(ledgers.map(({ id }) => id))}, ${numbers(ledgers.map(({ posted }) => posted))},
        ${numbers(ledgers.map(({ reserved }) => reserved))}, ${numbers(ledgers.map(({ version }) => version))},
        ${words(journals.map(({ id }) => id))}, ${words(journals.map(({ journal }) => journal.kind))},
        ${words(journals.map(({ journal }) => journal.reference))}, ${numbers(journals.map(({ journal }) => journal.occurredAt))},
        ${words(journals.map(({ journal }) => journal.feeScheduleId ?? null))},
        ${texts(fills.map(({ execId }) => execId))}, ${texts(fills.map(({ tradeId }) => tradeId))},
        ${words(fills.map(({ accountId }) => accountId))}, ${words(fills.map(({ orderId }) => orderId))},
        ${texts(fills.map(({ symbol }) => symbol))},
        ${numbers(fills.map(({ side, qty }) => (side === 'buy' ? qty : negate(qty))))},
        ${numbers(fills.map(({ side, price, qty }) => (side === 'buy' ? negate(amount(price, qty)) : amount(price, qty))))},
        ${numbers(fills.map(({ price }) => price))}, ${numbers(fills.map(({ at }) => at))},
        ${texts(fills.map(({ digest }) => digest))}, ${numbers(batch.newFills.map(({ journalId }) => journalOf(journalId)))},
        ${numbers(entries.map(({ ledgerAccountId }) => ledgerAccountId))},
        ${numbers(entries.map(({ journalId }) => journalOf(journalId)))},
        ${numbers(entries.map((entry) => entry.amount))}, ${numbers(entries.map(({ balanceAfter }) => balanceAfter))},
        ${numbers(entries.map(({ version }) => version))},
        ${numbers(entries.map(({ reference }) => (reference === null ? 0n : fillOf(reference))))},
        ${words(reservations.map(({ orderId }) => orderId))}, ${words(reservations.map(({ state }) => state))},
        ${numbers(reservations.map(({ qty }) => qty))}, ${numbers(reservations.map(({ filled }) => filled))},
        ${numbers(reservations.map(({ carried }) => carried))}, ${numbers(reservations.map(({ principal }) => principal))},
        ${numbers(reservations.map(({ remaining }) => remaining))}, ${numbers(reservations.map(({ traded }) => traded))},
        ${numbers(reservations.map(({ feePaid }) => feePaid))},
        ${numbers(positions.map(({ accountId, symbol }) => placeOf(lastFill, `${accountId}/${symbol}`)))},
        ${numbers(positions.map(({ position }) => position.qty))}, ${numbers(positions.map(({ position }) => position.cost))},
        ${numbers(positions.map(({ position }) => position.averageCost))},
        ${numbers(positions.map(({ position }) => position.bought))}, ${numbers(positions.map(({ position }) => position.sold))},
        ${numbers(positions.map(({ at }) => at))},
        ${numbers(lots.map(({ lot }) => fillOf(lot.id)))}, ${numbers(lots.map(({ lot }) => lot.cost))},
        ${numbers(lots.map(({ lot }) => lot.remaining))}, ${numbers(lots.map(({ proceeds }) => proceeds))},
        ${numbers(lots.map(({ at }) => at))},
        ${numbers(activities.map(({ fill }) => fillOf(fill.execId)))}, ${words(activities.map(() => pooledUuidV7()))},
        ${words(activities.map(({ line }) => line.type))}, ${numbers(activities.map(({ line }) => line.amount))},
        ${numbers(activities.map(({ line }) => line.realised))}, ${words(activities.map(({ currency }) => currency))},
        ${numbers(activities.map(({ journalId }) => journalOf(journalId)))})`,
    changeLots(tx, batch),
    saveClosings(tx, batch),
  ]);
}

function placeOf(places: ReadonlyMap<string, bigint>, key: string): bigint {
  const place = places.get(key);
  if (place === undefined) throw new Error(`nothing of this batch is called ${key}`);
  return place;
}

/** A fill and its fee are a line each. */
function lineOf({ kind, fill, settlement }: ActivityRecord): { type: string; amount: bigint; realised: bigint } {
  if (kind === 'fee') return { type: 'fee', amount: negate(settlement.fee), realised: 0n };
  return { type: fill.side, amount: settlement.cash + settlement.fee, realised: settlement.realised };
}
