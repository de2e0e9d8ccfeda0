import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../base/backoff.ts';
import type { Secret } from '../base/config.ts';
import type { Wakeable } from '../base/wakeable.ts';
import { logTrouble } from '../observe/log-trouble.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Scope } from '../process/scope.ts';
import { connectDb } from './db.ts';
import type { Db } from './types.ts';

const STANDBY_MS = 250;
/** Once the database is back, work goes on within two seconds. */
const RETRY_MAX_MS = 1500;
const HEARTBEAT_MS = 5000;
/** Whoever holds a lock is told no more often by one that stands by. */
const TELL_EVERY_MS = 10;

export interface HeldLock {
  /** Aborts when the lock is lost or given up; whoever works under it stops then. */
  signal: AbortSignal;
  /** The very connection that holds the lock: a statement that succeeds on it was made while holding it. */
  connection: Db;
}

type Work = (held: HeldLock) => Promise<void>;

export interface Locks {
  /**
   * Runs `work` while this process holds the lock of that name in this database; the others wait for their turn. Work
   * that ends or fails, or whose lock is lost, is started again after a pause. Resolves once `stop` aborts and the work has ended.
   *
   * `bell` is what the work waits for, and rings wherever the work is done: where it is rung by one that stands by, whoever holds the lock
   * is told through the database. That may be lost with a connection, so nothing may depend on it but how soon.
   */
  hold(name: string, stop: AbortSignal, work: Work, bell?: Wakeable): Promise<void>;
}

/**
 * Advisory locks of a service, all on one connection of their own: a pool of size 1 stays free for work, and PostgreSQL
 * gives them back by itself when the process dies. Needs a direct connection: behind a pooler that hands out connections
 * per transaction such locks hold nothing.
 */
export function openLocks(scope: Scope, options: { url: Secret; service: string; metrics?: Metrics }): Locks {
  const bells = new Map<string, Wakeable>();
  let session = new AbortController();
  const lost = () => {
    session.abort(new Error('the connection that holds the locks was lost'));
    session = new AbortController();
  };
  const connection = connectDb(options.url.reveal(), {
    service: `${options.service} locks`,
    maxConnections: 1,
    // How far an outbox has been published, at the most: what is published again is dropped.
    forgetful: true,
    onclose: lost,
    onnotify: (channel) => bells.get(channel)?.ring(),
  });
  const tell = teller(connection);
  const heartbeat = setInterval(() => {
    // A connection that died without a word is found by asking; the client then closes it, and that counts as lost.
    connection`select 1`.catch(lost);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  scope.defer('locks', async () => {
    clearInterval(heartbeat);
    await connection.end({ timeout: 1 });
  });

  const held = options.metrics?.gauge('lock_held', 'Whether this process holds a lock', ['lock']);
  const attempt = async (name: string, stop: AbortSignal, work: Work, bell?: Wakeable): Promise<void> => {
    const { signal: ours } = session;
    const [row] = await connection<{ taken: boolean }[]>`
      select pg_try_advisory_lock(hashtextextended(${name}, 0)) as taken`;
    if (row?.taken !== true) return;
    try {
      if (ours.aborted) return;
      scope.log.info({ event: 'lock_held', lock: name }, 'holding the lock');
      held?.set({ lock: name }, 1);
      if (bell !== undefined) {
        bells.set(channelOf(name), bell);
        await connection`listen ${connection(channelOf(name))}`;
        bell.instead = undefined;
      }
      await work({ signal: AbortSignal.any([ours, stop]), connection });
    } finally {
      // What is still heard on this connection is for whoever holds the lock now.
      bells.delete(channelOf(name));
      if (bell !== undefined) bell.instead = () => tell(channelOf(name));
      held?.set({ lock: name }, 0);
      // On a connection made since, this gives back nothing and only earns a warning.
      await connection`select pg_advisory_unlock(hashtextextended(${name}, 0))`.catch(() => undefined);
    }
  };

  // PostgreSQL would give a lock to the same connection twice.
  const wanted = new Set<string>();
  const attemptAlone = async (...args: Parameters<typeof attempt>): Promise<void> => {
    const [name] = args;
    if (wanted.has(name)) return;
    wanted.add(name);
    try {
      await attempt(...args);
    } finally {
      wanted.delete(name);
    }
  };

  return {
    async hold(name, stop, work, bell) {
      if (bell !== undefined) bell.instead = () => tell(channelOf(name));
      const trouble = logTrouble(scope.log.child({ lock: name }), {
        event: 'locked_work_failed',
        message: 'the work under a lock failed; it starts again',
        level: 'error',
      });
      for (let failures = 0; !stop.aborted; ) {
        const startedAt = Date.now();
        try {
          await attemptAlone(name, stop, work, bell);
          failures = 0;
          trouble.recovered();
        } catch (error) {
          if (stop.aborted) return;
          failures = Date.now() - startedAt > 10_000 ? 0 : failures + 1;
          trouble.failed(error);
        }
        await pause(backoffMs(failures, { firstMs: STANDBY_MS, maxMs: RETRY_MAX_MS }), undefined, {
          signal: stop,
        }).catch(() => undefined);
      }
    },
  };
}

/** What PostgreSQL takes for the name of a channel. */
function channelOf(lock: string): string {
  return lock.slice(0, 63);
}

/** What is said while it is being said is said once more after it: the one who hears the first may have looked already. */
function teller(connection: Db): (channel: string) => void {
  const again = new Map<string, boolean>();
  const say = async (channel: string): Promise<void> => {
    do {
      again.set(channel, false);
      await connection`select pg_notify(${channel}, '')`.catch(() => undefined);
      await pause(TELL_EVERY_MS);
    } while (again.get(channel) === true);
    again.delete(channel);
  };
  return (channel) => {
    if (again.has(channel)) again.set(channel, true);
    else void say(channel);
  };
}
