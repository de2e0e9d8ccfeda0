import { notFound } from '@andvari/kit/base/errors';
import { transaction } from '@andvari/kit/db/db';
import type { Tx } from '@andvari/kit/db/types';
import type { OutgoingEvent } from '@andvari/kit/events/event';
import type { Log } from '@andvari/kit/observe/log';
import { v4 as uuidv4 } from 'uuid';
import { afterEvent, type Deletion, type DeletionEvent, isReadyToComplete, nextStepAtUs } from '../domain/deletion.ts';
import {
  deletionRefusedEvent,
  deletionRequestedEvent,
  erasureStartedEvent,
  userDeletedEvent,
} from '../messages/events.ts';
import {
  claimReminder,
  dueDeletions,
  eraseUser,
  findDeletion,
  isAnyDeletionUnderWay,
  lockDeletion,
  lockRequests,
  postponeDeletion,
  saveDeletion,
} from '../store/deletions.ts';
import { findProfiles } from '../store/profiles.ts';
import type { Deps } from './deps.ts';

export interface DeletionDeps extends Deps {
  /** What stands in the way, by those who know; each answers with a reason or with nothing. Asked outside of transactions. */
  obstacles: readonly ((userId: string) => Promise<string | undefined>)[];
  /** The services that must say that they have erased their part. */
  services: readonly string[];
  log: Log;
  /** Somebody asked for something: the worker need not wait for its next round. */
  wakeWorker: () => void;
}

const SWEEP_BATCH = 50;
/** Whoever has not answered by then may have lost the request: it is sent again, and does no harm twice. */
const REMIND_AFTER_US = 600_000_000n;

/**
 * The end of an account as a saga. Every step is one transaction that leaves a state from which the next step follows, so
 * it may stop anywhere and whoever sweeps next goes on. The obstacles are looked at once, before the erasure begins: what
 * comes in after that, a deposit under way say, belongs to the pseudonym.
 */
export function createDeletions(deps: DeletionDeps) {
  const { db, now, append, obstacles, services, log, wakeWorker } = deps;
  return {
    async request(userId: string): Promise<Deletion> {
      const deletion = await transaction(db, async (tx) => {
        await lockRequests(tx, userId);
        const current = await lockDeletion(tx, userId);
        if (current === undefined && (await findProfiles(tx, [userId])).length === 0) throw notFound('profile', userId);
        return (await take(tx, current, userId, { type: 'requested' })) ?? current;
      });
      if (deletion === undefined) throw new Error('a request led to nothing');
      wakeWorker();
      return deletion;
    },

    async get(userId: string): Promise<Deletion> {
      const deletion = await findDeletion(db, userId);
      if (deletion === undefined) throw notFound('deletion', userId);
      return deletion;
    },

    /** A service says that its part is erased; with the last one ours goes too, and the account has ended. */
    async partErased(tx: Tx, userId: string, service: string): Promise<void> {
      const current = await lockDeletion(tx, userId);
      const next = await take(tx, current, userId, { type: 'erased', service });
      if (next !== undefined && isReadyToComplete(next)) await complete(tx, next);
    },

    /** Takes whatever steps are due. What fails is tried again later and holds up nobody else. */
    async sweep(): Promise<'asleep' | undefined> {
      const due = await dueDeletions(db, now(), SWEEP_BATCH);
      for (const { userId, attempts } of due) {
        try {
          while (await step(userId));
        } catch (error) {
          log.warn(
            { event: 'deletion_step_failed', err: error, deletion: userId, attempts },
            'a step of a deletion failed; it is tried again',
          );
          await postponeDeletion(db, userId, nextStepAtUs(now(), attempts));
        }
      }
      return (await isAnyDeletionUnderWay(db)) ? undefined : 'asleep';
    },

    step,
  };

  /** One step. True when another may be taken at once. */
  async function step(userId: string): Promise<boolean> {
    const deletion = await findDeletion(db, userId);
    switch (deletion?.state) {
      case 'requested':
        return transaction(db, async (tx) => {
          const current = await lockDeletion(tx, userId);
          return (await take(tx, current, userId, { type: 'check_begun' })) !== undefined;
        });
      case 'checking': {
        // Unknown is not nothing: when one cannot be asked, the question stays open.
        const obstacle = await firstObstacle(userId);
        return transaction(db, async (tx) => {
          const checked = { type: 'checked', obstacle, pseudonym: uuidv4(), services } as const;
          const next = await take(tx, await lockDeletion(tx, userId), userId, checked);
          return next !== undefined && isReadyToComplete(next);
        });
      }
      case 'erasing':
        return transaction(db, async (tx) => {
          const current = await lockDeletion(tx, userId);
          if (current?.state !== 'erasing') return false;
          if (isReadyToComplete(current)) await complete(tx, current);
          else await remind(tx, current);
          return false;
        });
      case 'refused':
      case 'completed':
      case undefined:
        return false;
    }
  }

  async function firstObstacle(userId: string): Promise<string | undefined> {
    for (const ask of obstacles) {
      const obstacle = await ask(userId);
      if (obstacle !== undefined) return obstacle;
    }
    return undefined;
  }

  /** The state after the event, saved with the news of it; undefined where nothing changes. */
  async function take(
    tx: Tx,
    current: Deletion | undefined,
    userId: string,
    event: DeletionEvent,
  ): Promise<Deletion | undefined> {
    const next = afterEvent(current, userId, event, now());
    if (next === undefined) return undefined;
    const waits = next.state === 'erasing' && next.waitingFor.length > 0;
    await saveDeletion(tx, next, waits ? now() + REMIND_AFTER_US : now());
    await append(tx, newsOf(current, next));
    return next;
  }

  /** Ours is erased in the same transaction that says so. */
  async function complete(tx: Tx, current: Deletion): Promise<void> {
    await take(tx, current, current.userId, { type: 'erased_here' });
    await eraseUser(tx, current.userId);
  }

  async function remind(tx: Tx, deletion: Deletion & { state: 'erasing' }): Promise<void> {
    const isDue = await claimReminder(tx, deletion.userId, now(), now() + REMIND_AFTER_US);
    if (isDue) await append(tx, [erasureStartedEvent(deletion)]);
  }
}

function newsOf(before: Deletion | undefined, next: Deletion): OutgoingEvent[] {
  switch (next.state) {
    case 'requested':
      return [deletionRequestedEvent(next)];
    case 'checking':
      return [];
    case 'refused':
      return [deletionRefusedEvent(next)];
    case 'erasing':
      return before?.state === 'erasing' ? [] : [erasureStartedEvent(next)];
    case 'completed':
      return [userDeletedEvent(next, before?.state === 'erasing' ? before.pseudonym : '')];
  }
}
