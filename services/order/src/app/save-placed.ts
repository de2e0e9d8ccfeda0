import type { Tx } from '@andvari/kit/db/types';
import type { OutgoingEvent } from '@andvari/kit/events/event';
import type { Order } from '../domain/order.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { addUsage, lockUsage } from '../store/api-key-usage.ts';
import { findOrders } from '../store/read-orders.ts';
import { insertOrders } from '../store/write-orders.ts';

/** Orders that are placed or not placed together, with the one command that tells the engine. */
export interface ToSave {
  readonly orders: readonly Order[];
  readonly command: () => OutgoingEvent;
  /** Placed with a key that may only order so much in a day. */
  readonly cap?: { readonly apiKeyId: string; readonly cap: bigint; readonly exposure: bigint } | undefined;
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
export async function openPlaced(tx: Tx, items: readonly ToSave[], atUs: bigint) {
  const usage = await openUsage(tx, items, atUs);
  const admitted = items.filter((item) => usage.admit(item));

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
      await usage.count(fresh);
      const others = items.filter((item) => !fresh.includes(item));
      const there = await findOrders(
        tx,
        others.flatMap(({ orders }) => orders.map(({ id }) => id)),
      );
      const byId = new Map(there.map((order) => [order.id, order]));
      const saved = items.map((item): Saved => {
        if (fresh.includes(item)) return { outcome: 'saved', orders: item.orders };
        const orders = item.orders.flatMap(({ id }) => byId.get(id) ?? []);
        const refusal = orders.length === 0 ? usage.refusalOf(item) : undefined;
        return refusal === undefined ? { outcome: 'taken', orders } : { outcome: 'refused', refusal };
      });
      return { fresh, saved };
    },
  };
}

/** What keys with a cap have left today. Most batches have none, and then nothing is asked. */
async function openUsage(tx: Tx, items: readonly ToSave[], atUs: bigint) {
  const capped = items.flatMap(({ cap }) => (cap === undefined ? [] : [cap.apiKeyId]));
  const day = new Date(Number(atUs / 1000n)).toISOString().slice(0, 10);
  const used = capped.length === 0 ? new Map<string, bigint>() : await lockUsage(tx, capped, day);
  const refusals = new Map<ToSave, Refusal>();
  return {
    admit(item: ToSave): boolean {
      const { cap: asked } = item;
      if (asked === undefined) return true;
      const { apiKeyId, cap, exposure } = asked;
      const before = used.get(apiKeyId) ?? 0n;
      if (before + exposure <= cap) {
        used.set(apiKeyId, before + exposure);
        return true;
      }
      refusals.set(item, refuse('api_key_cap_exceeded', '', { cap, used: before, required: exposure }));
      return false;
    },
    refusalOf: (item: ToSave) => refusals.get(item),
    async count(fresh: readonly ToSave[]): Promise<void> {
      const sums = new Map<string, bigint>();
      for (const { cap } of fresh) {
        if (cap !== undefined) sums.set(cap.apiKeyId, (sums.get(cap.apiKeyId) ?? 0n) + cap.exposure);
      }
      await addUsage(tx, day, sums);
    },
  };
}

/** A group's first order has taken its place, or is fenced, for all of it; the ids of the others are reserved for it in the ledger. */
async function insertLegs(tx: Tx, legs: readonly Order[]): Promise<void> {
  const inserted = await insertOrders(tx, legs);
  if (inserted.size !== legs.length) throw new Error('an order of a group is there before its group');
}
