import { transaction } from '@andvari/kit/db/db';
import { findOrderOrFence } from '../store/read-orders.ts';
import { fenceOrder } from '../store/write-orders.ts';
import type { Deps } from './deps.ts';

/**
 * For the ledger's sweeper, about a reservation whose order nobody has seen: either the order is there and keeps it, or from now
 * on an order of that id can never appear, whoever is still about to insert it.
 */
export function createFencing({ db, now }: Pick<Deps, 'db' | 'now'>) {
  return {
    fence(orderId: string): Promise<{ exists: boolean }> {
      return transaction(db, async (tx) => {
        await fenceOrder(tx, orderId, now());
        // Sees the order that won, for the insert above has waited for it.
        const found = await findOrderOrFence(tx, orderId);
        return { exists: found !== 'fenced' && found !== undefined };
      });
    },
  };
}
