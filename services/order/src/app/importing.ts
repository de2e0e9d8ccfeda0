import { transaction } from '@andvari/kit/db/db';
import type { Tx } from '@andvari/kit/db/types';
import { asPlaced, type EndedOrder, reportsOf } from '../domain/ended-order.ts';
import { ReportedOrders } from '../domain/reported-orders.ts';
import { insertEndedOrders } from '../store/import-orders.ts';
import { insertEvents } from '../store/order-events.ts';
import type { Deps } from './deps.ts';

export function createImporting({ db }: Pick<Deps, 'db'>) {
  return {
    /**
     * Orders of a past that nobody here has seen, each with the history that its reports make of it. Those that are there are left as they
     * are; nobody is told of the others. Answers how many those were.
     */
    async import(ended: readonly EndedOrder[]): Promise<number> {
      const book = new ReportedOrders(ended.map(asPlaced));
      for (const each of ended) {
        const order = book.find(each.id);
        for (const report of order === undefined ? [] : reportsOf(each)) {
          const misfit = order && book.apply(order, report);
          if (misfit !== undefined) throw new Error(`a report of order ${each.id} does not fit: ${misfit}`);
        }
      }
      const orders = book.changed().map(({ before, life }) => ({ ...before, life }));
      const once = async (tx: Tx): Promise<number> => {
        const inserted = await insertEndedOrders(tx, orders);
        await insertEvents(
          tx,
          book.events.filter(({ orderId }) => inserted.has(orderId)),
        );
        return inserted.size;
      };
      // Whoever imports does it again after a crash.
      return transaction(db, once, { bulk: true });
    },
  };
}
