import type { Db } from '@andvari/kit/db/types';
import type { Log } from '@andvari/kit/observe/log';
import type { FenceOrder } from '../ports/orders.ts';
import { confirmOrders, findSuspects, forgetEndedOrders, type Suspect } from '../store/orphans.ts';

const BATCH = 64;

export type OrphanDeps = {
  db: Db;
  fence: FenceOrder;
  release: (of: { orderId: string; accountId: string }) => Promise<bigint>;
  afterMs: number;
  log: Log;
  count: (outcome: 'released' | 'confirmed' | 'unanswered') => void;
};

/**
 * Reservations whose order never came to be: who reserved died before writing it down. The order service is asked, which fences the id first, so
 * that an order that comes late finds its place taken. Only its own no releases anything; without an answer it is asked again.
 */
export function createOrphans({ db, fence, release, afterMs, log, count }: OrphanDeps) {
  return {
    /** True when there may be more to do at once. */
    async sweep(): Promise<boolean> {
      await forgetEndedOrders(db);
      const suspects = await findSuspects(db, afterMs, BATCH);
      const answers = await Promise.all(suspects.map(ask));
      await confirmOrders(
        db,
        suspects.filter((_, index) => answers[index] === true).map(({ orderId }) => orderId),
      );
      return suspects.length === BATCH && !answers.includes(undefined);
    },
  };

  /** Whether the order exists; undefined while nobody has said. */
  async function ask({ orderId, accountId }: Suspect): Promise<boolean | undefined> {
    try {
      const { exists } = await fence(orderId);
      if (!exists) {
        const freed = await release({ orderId, accountId });
        log.warn(
          { event: 'orphan_reservation_released', order: orderId, freed: freed.toString() },
          'a reservation without an order was released',
        );
      }
      count(exists ? 'confirmed' : 'released');
      return exists;
    } catch (error) {
      log.warn(
        { event: 'order_existence_unknown', err: error, order: orderId },
        'nobody said whether an order exists; it is asked again',
      );
      count('unanswered');
      return undefined;
    }
  }
}
