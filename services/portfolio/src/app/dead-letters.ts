import { type DeadLetter, dropDeadLetters, listDeadLetters, requeueDeadLetters } from '@andvari/kit/inbox/dead-letters';
import type { Log } from '@andvari/kit/observe/log';
import type { Deps } from './deps.ts';

/** What could not be applied, for operators to look at, to have applied again, or to give up on. Who did what with which is in the log. */
export function createDeadLetters({ db, log }: Pick<Deps, 'db'> & { log: Log }) {
  return {
    list(page: { consumer?: string; after?: string; limit: number }): Promise<DeadLetter[]> {
      return listDeadLetters(db, page);
    },

    async requeue(ids: readonly string[], operatorId: string): Promise<DeadLetter[]> {
      const letters = await requeueDeadLetters(db, ids);
      log.warn(
        { event: 'dead_letters_requeued', letters: ids, operator: operatorId },
        'dead letters are to be applied again',
      );
      return letters;
    },

    async drop(ids: readonly string[], operatorId: string, reason: string): Promise<void> {
      await dropDeadLetters(db, ids);
      log.warn(
        { event: 'dead_letters_dropped', letters: ids, operator: operatorId, reason },
        'dead letters were dropped',
      );
    },
  };
}
