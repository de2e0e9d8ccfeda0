import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '@andvari/kit/observe/log';
import type { Scope } from '@andvari/kit/process/scope';
import type { Lease, Leases } from '../store/lease.ts';

export interface LeaseOptions {
  leases: Leases;
  partition: number;
  owner: string;
  /** Without a sign of life for so long, the lease is free. */
  leaseMs: number;
  log: Log;
  /** Nobody leads before it knows the past. */
  ready: Promise<void>;
  /** What the leader has to say: up to where reports are stored, and from where on the log is kept. */
  progress: () => Pick<Lease, 'stored' | 'base' | 'epoch'>;
  /** Called before the lease is read. */
  onLook: () => void;
  /** A standby learns it here, also before it knows the past; when it throws, it does not lead. */
  onProgress: (lease: Lease) => void;
  onChange: () => void;
}

export interface Leadership {
  isLeader: () => boolean;
  /** Aborts when this term of leadership ends. */
  term(): AbortSignal;
  /** The lease's revision: larger than that of every leader before. */
  token(): number;
  /** Resolves when the lease itself says at least so much. */
  confirmed(what: Partial<Pick<Lease, 'stored' | 'base'>>, signal: AbortSignal): Promise<void>;
  release(): Promise<void>;
}

/**
 * Leads while it can renew its lease, stands by while somebody else does. Time is measured on this process's own clock
 * only: a standby waits until it has seen no change for a whole lease, a leader stops well before that. `owner` is this
 * process and no other. A process that was frozen past its lease finds its next renewal refused, and what it still had in
 * flight is the same, to the byte, as what its successor publishes.
 */
export function keepLease(scope: Scope, options: LeaseOptions): Leadership {
  const { leases, partition, owner, leaseMs, log } = options;
  const renewMs = Math.max(leaseMs / 5, 20);
  const giveUpMs = leaseMs * 0.6;
  let leader = false;
  let term = ended();
  let revision = 0;
  let renewedAt = 0;
  let confirmed = { stored: 0, base: 0 };
  let seen = { revision: -1, at: performance.now() };

  const begin = (newRevision: number, lease: Lease | undefined): void => {
    leader = true;
    revision = newRevision;
    renewedAt = performance.now();
    term = new AbortController();
    log.info(
      { event: 'leadership_gained', fencing: revision, stored: lease?.stored ?? 0, from: lease?.owner ?? '' },
      'leading the partition',
    );
    options.onChange();
  };
  const end = (why: string): void => {
    if (!leader) return;
    leader = false;
    term.abort(new Error(why));
    seen = { revision: -1, at: performance.now() };
    log.warn({ event: 'leadership_lost', why }, 'no longer leading the partition');
    options.onChange();
  };

  const renew = async (): Promise<void> => {
    if (performance.now() - renewedAt > giveUpMs) return end('the lease ran out');
    const progress = options.progress();
    const startedAt = performance.now();
    const next = await leases.write(partition, { owner, ...progress }, revision);
    if (next === undefined) return end('somebody else leads');
    revision = next;
    renewedAt = startedAt;
    confirmed = progress;
  };

  const look = async (): Promise<Lease | undefined> => {
    options.onLook();
    const lease = await leases.read(partition);
    if (lease !== undefined) options.onProgress(lease);
    return lease;
  };

  const watch = async (): Promise<void> => {
    const lease = await look();
    const current = lease?.revision ?? 0;
    if (current !== seen.revision) seen = { revision: current, at: performance.now() };
    // One that is still ours nobody took while it could not be renewed: there is nobody to wait for.
    const free = lease === undefined || ['', owner].includes(lease.owner) || performance.now() - seen.at > leaseMs;
    if (!free) return;
    const startedAt = performance.now();
    const next = await leases.write(partition, { owner, ...options.progress() }, current);
    if (next === undefined) return;
    begin(next, lease);
    renewedAt = startedAt;
  };

  const running = (async () => {
    let ready = false;
    void options.ready.then(() => {
      ready = true;
    });
    while (!scope.signal.aborted) {
      try {
        if (leader) await renew();
        else if (ready) await watch();
        else await look();
      } catch (error) {
        if (leader && performance.now() - renewedAt > giveUpMs) end('the lease could not be renewed');
        log.debug({ event: 'lease_unreachable', err: error }, 'the lease could not be reached');
      }
      const nextTime = pause(renewMs, undefined, { signal: scope.signal }).catch(() => undefined);
      await (ready ? nextTime : Promise.race([nextTime, options.ready]));
    }
  })();

  return {
    // Asked before every window: a process that was frozen stops before it publishes more.
    isLeader: () => leader && performance.now() - renewedAt <= giveUpMs,
    term: () => term.signal,
    token: () => revision,
    async confirmed({ stored = 0, base = 0 }, signal) {
      const over = AbortSignal.any([signal, term.signal]);
      while (confirmed.stored < stored || confirmed.base < base) await pause(renewMs, undefined, { signal: over });
    },
    async release() {
      await running;
      if (!leader) return;
      // The successor need not wait for the lease to run out.
      await leases.write(partition, { owner: '', ...options.progress() }, revision).catch(() => undefined);
      end('released');
    },
  };
}

function ended(): AbortController {
  const controller = new AbortController();
  controller.abort(new Error('not leading'));
  return controller;
}
