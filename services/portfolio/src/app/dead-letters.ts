import {
  type DeadLetter,
  deleteDeadLetters,
  listDeadLetters,
  requeueDeadLetters,
} from '@andvari/kit/inbox/dead-letters';
import type { Log } from '@andvari/kit/observe/log';
import { deadLetterDroppedEvent } from '../messages/events.ts';
import type { Deps } from './deps.ts';

/** What could not be applied, for operators to look at, to have applied again, or to give up on. Who did what with which is in the log, and what was given up on in the audit trail. */
export function createDeadLetters({ db, commit, log }: Pick<Deps, 'db' | 'commit'> & { log: Log }) {
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
      await commit(async (tx, say) => {
        await deleteDeadLetters(tx, ids);
        say(...ids.map((letterId) => deadLetterDroppedEvent({ letterId, operatorId, reason })));
      });
      log.warn(
        { event: 'dead_letters_dropped', letters: ids, operator: operatorId, reason },
        'dead letters were dropped',
      );
    },
  };
}
