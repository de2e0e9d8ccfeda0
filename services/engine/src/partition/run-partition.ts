import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '@andvari/kit/base/backoff';
import { wakeable } from '@andvari/kit/base/wakeable';
import type { Nats } from '@andvari/kit/nats/nats';
import { readLog } from '@andvari/kit/nats/read-log';
import type { Log } from '@andvari/kit/observe/log';
import type { Scope } from '@andvari/kit/process/scope';
import { snapshot } from '../domain/snapshot.ts';
import { lookAtLog } from '../events/log-epoch.ts';
import { storeReports } from '../events/store-reports.ts';
import type { Lease, Leases } from '../store/lease.ts';
import type { Snapshots } from '../store/snapshots.ts';
import { keepLease, type Leadership } from './keep-lease.ts';
import { hasMissed, markStored, type Partition, resume, storedUpTo, take } from './partition.ts';
import { timingSome } from './timing-some.ts';

/** Messages published at once; the next window waits until the stream has all of it. */
const WINDOW = 4096;
/** Reading pauses while so many messages wait to be stored. */
export const MAX_PENDING = 50_000;
/** Commands here or on their way. */
const MAX_WAITING = 4000;

export interface RunOptions {
  nats: Nats;
  leases: Leases;
  snapshots: Snapshots;
  leaseMs: number;
  snapshotEveryCommands: number;
  snapshotEveryMs: number;
  /** Distinguishes this process from every other. */
  owner: string;
  onSnapshot?: (sequence: number) => void;
  /** Told how long a command took, of one in so many. */
  onMatch?: (seconds: number) => void;
}

export interface RunningPartition {
  partition: Partition;
  leadership: Leadership;
  snapshotSequence: () => number;
  snapshotAt: () => number;
  /** Resolves when everything that was in the log at the start has been applied. */
  caughtUp: Promise<void>;
  isCaughtUp: () => boolean;
}

/**
 * Follows the log of one partition from the newest good snapshot on. Whoever holds the lease stores the reports; everybody else
 * follows warm and keeps what is not known to be stored, so that taking over is a matter of beginning to publish.
 */
export async function runPartition(scope: Scope, partition: Partition, options: RunOptions): Promise<RunningPartition> {
  const { nats, leases, snapshots } = options;
  const log = scope.log.child({ partition: partition.number });
  const bell = wakeable();

  const lease = await leases.read(partition.number);
  const restored = await snapshots.newest(partition.number);
  partition.stored = lease?.stored ?? 0;
  partition.base = lease?.base ?? 0;
  if (restored !== undefined) resume(partition, restored);
  if (partition.read < partition.base) {
    throw new Error(`the log before command ${partition.base} is gone and no snapshot that new is whole`);
  }
  await requireSameLog(nats, partition, lease);
  log.info({ event: 'log_followed', snapshot: partition.read, stored: partition.stored }, 'following the log');

  const { last } = await lastCommand(nats, partition.number);
  const caughtUp = Promise.withResolvers<void>();
  const mayLead = Promise.withResolvers<void>();
  const missed = Promise.withResolvers<never>();
  const takeNext = timingSome(take, options.onMatch);
  let noteRead: (() => void) | undefined;
  const following = follow(nats, partition, scope.signal, log, takeNext, () => {
    if (partition.read >= last) caughtUp.resolve();
    // Who can hold no more reports reads on only when they are stored, and where nobody leads that is up to itself.
    if (partition.read >= last || isFull(partition)) mayLead.resolve();
    bell.ring();
    noteRead?.();
  });
  const reading = Promise.race([following, missed.promise]);
  if (partition.read >= last) {
    caughtUp.resolve();
    mayLead.resolve();
  }

  let jumpedFrom = Infinity;
  const leadership = keepLease(scope, {
    leases,
    partition: partition.number,
    owner: options.owner,
    leaseMs: options.leaseMs,
    log,
    ready: mayLead.promise,
    progress: () => ({ stored: storedUpTo(partition), base: partition.base, epoch: partition.epoch }),
    onLook: () => {
      jumpedFrom = Math.min(jumpedFrom, partition.jumpedFrom);
      partition.jumpedFrom = Infinity;
    },
    onProgress: ({ stored, base }) => {
      if (hasMissed(partition, base, jumpedFrom)) {
        const fault = new EngineFault(`commands before ${base} were purged before this process read them`);
        missed.reject(fault);
        throw fault;
      }
      jumpedFrom = Infinity;
      markStored(partition, stored);
      partition.base = Math.max(partition.base, base);
    },
    onChange: () => bell.ring(),
  });

  const storing = publish(scope, nats, partition, leadership, bell, log);
  const { onCommand, ...keeping } = keepSnapshots(scope, partition, leadership, options, log);
  noteRead = onCommand;
  scope.defer(`engine partition ${partition.number}`, async () => {
    await Promise.all([reading, storing, keeping.done]);
    await leadership.release();
  });
  const isCaughtUp = (): boolean => partition.read >= last;
  return { partition, leadership, caughtUp: caughtUp.promise, isCaughtUp, ...keeping };
}

async function follow(
  nats: Nats,
  partition: Partition,
  signal: AbortSignal,
  log: Log,
  takeNext: typeof take,
  onCommand: () => void,
): Promise<void> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    const before = partition.read;
    try {
      await nats.connected(signal);
      await requireSameLog(nats, partition);
      await readLog(nats, logOf(partition), signal, (command) => {
        try {
          takeNext(partition, command);
        } catch (cause) {
          // A fault of ours in the middle of a command: the state is no longer a function of the log.
          throw new EngineFault(`command ${command.sequence} could not be applied`, { cause });
        }
        onCommand();
        if (isFull(partition)) throw new ReportsWait();
      });
    } catch (error) {
      if (error instanceof EngineFault) throw error;
      if (signal.aborted) return;
      if (error instanceof ReportsWait) {
        await untilHalfIsStored(partition, signal);
        continue;
      }
      log.warn({ event: 'log_read_again', err: error, read: partition.read }, 'reading the log again from here');
    }
    if (partition.read > before) failures = 0;
    const delayMs = backoffMs(failures, { firstMs: 20, maxMs: 1500 });
    await pause(delayMs, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * A log that was made anew under its name, or has lost its end, begins numbers again that were used: its commands would pass for known ones,
 * and nobody would ever hear of them.
 */
async function requireSameLog(nats: Nats, { epoch, read, stored }: Partition, lease?: Lease): Promise<void> {
  const there = await lookAtLog(nats);
  const known = lease?.epoch ?? epoch;
  if (there.epoch !== known) throw new EngineFault(`the log was made anew: its epoch is ${there.epoch}, not ${known}`);
  const newest = Math.max(read, stored);
  if (there.last < newest) throw new EngineFault(`the log ends at ${there.last}, and command ${newest} was in it`);
}

/** Nothing to go on from: the process ends, and its successor starts from the log. */
class EngineFault extends Error {}

/** No trouble: as much is pending as may be. */
class ReportsWait extends Error {}

function isFull({ pendingMessages }: Partition): boolean {
  return pendingMessages > MAX_PENDING;
}

async function untilHalfIsStored(partition: Partition, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && partition.pendingMessages > MAX_PENDING / 2) {
    await pause(5, undefined, { signal }).catch(() => undefined);
  }
}

function logOf({ number, read }: Partition) {
  return { stream: 'COMMANDS', subject: `cmd.${number}.>`, since: read, maxWaiting: MAX_WAITING };
}

/** The leader's work: what is pending goes to the stream, a window at a time, in the order of the log. */
async function publish(
  scope: Scope,
  nats: Nats,
  partition: Partition,
  leadership: Leadership,
  bell: ReturnType<typeof wakeable>,
  log: Log,
): Promise<void> {
  // At the end, what was applied is still stored: the log says so to whoever comes next.
  while (!scope.signal.aborted || (leadership.isLeader() && partition.pending.length > 0)) {
    if (!leadership.isLeader() || partition.pending.length === 0) {
      await bell.wait(1000, scope.signal);
      continue;
    }
    const { messages, upTo } = nextWindow(partition);
    const stop = leadership.term();
    try {
      await storeReports(nats, messages, stop, log);
      markStored(partition, upTo);
    } catch (error) {
      if (!stop.aborted) log.error({ event: 'reports_not_stored', err: error }, 'reports could not be stored');
      if (scope.signal.aborted) return;
    }
  }
}

/** Whole commands, so that "stored up to" is never in the middle of one. */
function nextWindow({ pending }: Partition) {
  const messages = [];
  let upTo = 0;
  for (const next of pending) {
    if (messages.length > 0 && messages.length + next.messages.length > WINDOW) break;
    messages.push(...next.messages);
    upTo = next.sequence;
  }
  return { messages, upTo };
}

function keepSnapshots(scope: Scope, partition: Partition, leadership: Leadership, options: RunOptions, log: Log) {
  let sequence = partition.read;
  let takenAt = Date.now();
  const bell = wakeable();
  const isFar = (): boolean => partition.read - sequence >= options.snapshotEveryCommands;
  const due = (): boolean => isFar() || (partition.read > sequence && Date.now() - takenAt >= options.snapshotEveryMs);
  const keep = async (): Promise<void> => {
    const at = partition.read;
    // Commands that could not be read are not in the state: the snapshot goes by the last one that is.
    const applied = partition.state.sequence;
    const bytes = snapshot(partition.state);
    // A snapshot that is ahead of the reports would let them be skipped: it is kept only when they are known to be stored.
    await leadership.confirmed({ stored: at }, scope.signal);
    const dispensable = await options.snapshots.keep(partition.number, applied, bytes);
    sequence = at;
    takenAt = Date.now();
    options.onSnapshot?.(at);
    log.info({ event: 'snapshot_taken', sequence: at, bytes: bytes.length }, 'snapshot taken');
    if (dispensable > partition.base) {
      partition.base = dispensable;
      await leadership.confirmed({ base: dispensable }, scope.signal);
      await options.nats.jsm.streams.purge('COMMANDS', { filter: `cmd.${partition.number}.>`, seq: dispensable });
    }
  };
  const done = (async () => {
    while (!scope.signal.aborted) {
      await bell.wait(Math.min(1000, options.snapshotEveryMs), scope.signal);
      if (scope.signal.aborted || !leadership.isLeader() || !due()) continue;
      await keep().catch((error: unknown) => {
        if (!scope.signal.aborted) log.warn({ event: 'snapshot_failed', err: error }, 'no snapshot this time');
        takenAt = Date.now();
      });
    }
  })();
  const onCommand = (): void => {
    if (isFar() && leadership.isLeader()) bell.ring();
  };
  return { done, onCommand, snapshotSequence: () => sequence, snapshotAt: () => takenAt };
}

/** Where the log of a partition ends now. */
async function lastCommand(nats: Nats, partition: number): Promise<{ last: number }> {
  const { state } = await nats.jsm.streams.info('COMMANDS', { subjects_filter: `cmd.${partition}.>` });
  const subjects = Object.keys(state.subjects ?? {});
  if (subjects.length === 0) return { last: 0 };
  const newest = await Promise.all(
    subjects.map((subject) => nats.jsm.streams.getMessage('COMMANDS', { last_by_subj: subject })),
  );
  return { last: Math.max(...newest.map((message) => message?.seq ?? 0)) };
}
