import { transaction } from '@andvari/kit/db/db';
import { orderFromPlaced } from '../messages/placed-order.ts';
import { findMissingOrders } from '../store/kept-reports.ts';
import { insertOrders } from '../store/write-orders.ts';
import type { Deps } from './deps.ts';
import type { createReporting } from './reporting.ts';

export type RecoveryDeps = Pick<Deps, 'db' | 'now' | 'placedOrders' | 'metrics' | 'log'> & {
  reporting: ReturnType<typeof createReporting>;
  afterMs: number;
};

const BATCH = 256;

/**
 * After an older backup was restored, the engine speaks of orders that this database does not have. What was told of them when
 * they were placed makes their rows anew; then the reports that waited for them are applied.
 */
export function createRecovery({ db, now, placedOrders, metrics, log, reporting, afterMs }: RecoveryDeps) {
  return {
    async sweep(): Promise<boolean> {
      const missing = await findMissingOrders(db, now() - BigInt(afterMs) * 1000n, BATCH);
      if (missing.length === 0) return false;
      const byAccount = Map.groupBy(missing, ({ accountId }) => accountId);
      let recovered = 0;
      for (const [accountId, orders] of byAccount) {
        const ids = new Set(orders.map(({ orderId }) => orderId));
        const placed = (await placedOrders.find(accountId, ids)).flatMap((each) => orderFromPlaced(each) ?? []);
        recovered += await transaction(db, async (tx) => {
          const inserted = await insertOrders(tx, placed);
          // Some may have been there for long, placed anew by their client.
          await reporting.applyEarly(tx, [...ids]);
          return inserted.size;
        });
      }
      if (recovered > 0) {
        metrics.recovered.inc(recovered);
        log.warn(
          { event: 'orders_recovered', orders: recovered },
          'orders that the database did not have were made anew',
        );
      }
      return false;
    },
  };
}
