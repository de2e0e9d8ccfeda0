import { batch } from '@andvari/kit/base/batch';
import type { OutgoingEvent } from '@andvari/kit/events/event';
import type { Refusal } from '../domain/refusal.ts';
import { orderRefusedEvent } from '../messages/events.ts';
import type { Deps } from './deps.ts';
import { overloaded } from './write-lane.ts';

const MAX_BATCH = 128;
const MAX_WAITING = 4000;

/**
 * The news of orders that were refused once it was known that the account is the caller's: before that anybody could write what they like under
 * another's account. Refusals of the same moment share a transaction. Whoever was refused has an answer whether or not it could be told.
 */
export function createTellRefused({ commit, log }: Pick<Deps, 'commit' | 'log'>) {
  const tell = batch(
    async (events: OutgoingEvent[]) => {
      await commit(async (_tx, say) => say(...events));
      return events.map(() => true);
    },
    { maxBatch: MAX_BATCH, maxWaiting: MAX_WAITING, onFull: overloaded },
  );

  return async ({ refused }: Refusal, of: { accountId: string; userId: string; symbol: string }): Promise<void> => {
    if (refused === 'account_not_found') return;
    const { accountId, userId, symbol } = of;
    try {
      await tell(orderRefusedEvent({ accountId, userId, symbol, reason: refused }));
    } catch (error) {
      log.warn({ event: 'refusal_untold', err: error, reason: refused }, 'a refusal could not be told of');
    }
  };
}
