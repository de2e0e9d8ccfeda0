import { AppError } from '@andvari/kit/base/errors';

export interface FairQueueLimits {
  /** Jobs under way at a time. */
  concurrency: number;
  /** Jobs that wait, in all and of one key. */
  maxWaiting: number;
  maxWaitingPerKey: number;
}

export interface FairQueue {
  /** `isGivenUp` is asked when the job's turn comes: nobody works for a caller who is gone. */
  run<T>(key: string, job: () => Promise<T>, isGivenUp?: () => boolean): Promise<T>;
  readonly waiting: number;
}

/**
 * A bounded queue that refuses at once when it is full. Keys take turns, so one that sends a flood waits for itself and
 * hardly for others; and none can fill the queue alone.
 */
export function fairQueue({ concurrency, maxWaiting, maxWaitingPerKey }: FairQueueLimits): FairQueue {
  /** In the order in which they get their turns. */
  const waitingOf = new Map<string, (() => void)[]>();
  let waiting = 0;
  let running = 0;

  const turn = (key: string): Promise<void> => {
    if (running < concurrency) {
      running += 1;
      return Promise.resolve();
    }
    const jobs = waitingOf.get(key) ?? [];
    if (waiting >= maxWaiting || jobs.length >= maxWaitingPerKey) {
      return Promise.reject(
        new AppError('resource_exhausted', 'too many sign-ins at a time', { reason: 'login_queue_full' }),
      );
    }
    waiting += 1;
    waitingOf.set(key, jobs);
    return new Promise((resolve) => jobs.push(resolve));
  };

  /** The turn goes on to the next key in line, which then goes to the end of it. */
  const pass = (): void => {
    const [next] = waitingOf;
    if (next === undefined) {
      running -= 1;
      return;
    }
    const [key, jobs] = next;
    waitingOf.delete(key);
    const start = jobs.shift();
    if (jobs.length > 0) waitingOf.set(key, jobs);
    waiting -= 1;
    start?.();
  };

  return {
    async run(key, job, isGivenUp) {
      await turn(key);
      try {
        if (isGivenUp?.() === true) {
          throw new AppError('unavailable', 'the caller is gone', { reason: 'deadline_exceeded' });
        }
        return await job();
      } finally {
        pass();
      }
    },
    get waiting() {
      return waiting;
    },
  };
}
