import type { Tx } from '@andvari/kit/db/types';
import type { OutgoingEvent } from '@andvari/kit/events/event';
import type { Order } from '../domain/order.ts';
import type { Refusal } from '../domain/refusal.ts';
import { findOrders } from '../store/read-orders.ts';
import { insertOrders } from '../store/write-orders.ts';
import type { Capped, Usage } from './key-usage.ts';

/** Orders that are placed or not placed together, with the one command that tells the engine. */
export interface ToSave extends Capped {
  readonly orders: readonly Order[];
  readonly command: () => OutgoingEvent;
}

export type Saved =
  | { readonly outcome: 'saved'; readonly orders: readonly Order[] }
  /** The ids are taken: these are there, or nobody may ever be. */
  | { readonly outcome: 'taken'; readonly orders: readonly Order[] }
  | { readonly outcome: 'refused'; readonly refusal: Refusal };

/**
 * Orders that are placed at the same moment, between the two halves of their transaction: the first of each are to be inserted, then
 * the rest is. What a key may order today is looked at before.
 */
export function openPlaced(tx: Tx, items: readonly ToSave[], usage: Usage) {
  const refusals = new Map(items.map((item) => [item, usage.refusalOf(item)]));
  const admitted = items.filter((item) => refusals.get(item) === undefined);

  return {
    firsts: admitted.flatMap(({ orders }) => orders.slice(0, 1)),

    /** `inserted`: the ids that were not there; those of this batch are taken out of it. */
    async finish(inserted: Set<string>): Promise<{ fresh: readonly ToSave[]; saved: Saved[] }> {
      // Of two tries in one batch the first takes the id.
      const fresh = admitted.filter(({ orders }) => inserted.delete(orders[0]?.id ?? ''));
      await insertLegs(
        tx,
        fresh.flatMap(({ orders }) => orders.slice(1)),
      );
      const others = items.filter((item) => !fresh.includes(item));
      const there = await findOrders(
        tx,
        others.flatMap(({ orders }) => orders.map(({ id }) => id)),
      );
      const byId = new Map(there.map((order) => [order.id, order]));
      const saved = items.map((item): Saved => {
        if (fresh.includes(item)) return { outcome: 'saved', orders: item.orders };
        const orders = item.orders.flatMap(({ id }) => byId.get(id) ?? []);
        const refusal = orders.length === 0 ? refusals.get(item) : undefined;
        return refusal === undefined ? { outcome: 'taken', orders } : { outcome: 'refused', refusal };
      });
      return { fresh, saved };
    },
  };
}

/** A group's first order has taken its place, or is fenced, for all of it; the ids of the others are reserved for it in the ledger. */
async function insertLegs(tx: Tx, legs: readonly Order[]): Promise<void> {
  const inserted = await insertOrders(tx, legs);
  if (inserted.size !== legs.length) throw new Error('an order of a group is there before its group');
}
