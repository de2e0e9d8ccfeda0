import { eventually } from '@andvari/kit/testing/eventually';
import { testScope } from '@andvari/kit/testing/test-scope';
import { expect, onTestFinished, test } from 'vitest';
import { keepLease } from '../src/partition/keep-lease.ts';
import type { Lease, Leases } from '../src/store/lease.ts';

/** One lease, as its server keeps it, and how often somebody who does not lead has looked at it. */
function keptLease() {
  const kept = { lease: undefined as Lease | undefined, isAway: false, isRenewed: false, looks: 0 };
  const reached = (): void => {
    if (kept.isAway) throw new Error('the server is away');
  };
  const leases: Leases = {
    async read() {
      reached();
      kept.looks += 1;
      if (kept.isRenewed && kept.lease !== undefined) kept.lease = { ...kept.lease, revision: kept.lease.revision + 1 };
      return kept.lease;
    },
    async write(_, lease, revision) {
      reached();
      if (revision !== (kept.lease?.revision ?? 0)) return undefined;
      kept.lease = { ...lease, revision: revision + 1 };
      return revision + 1;
    },
  };
  return { kept, leases };
}

function leading(leases: Leases, owner: string) {
  const scope = testScope();
  onTestFinished(async () => {
    await scope.close();
  });
  return keepLease(scope, {
    leases,
    partition: 0,
    owner,
    leaseMs: 400,
    log: scope.log,
    ready: Promise.resolve(),
    progress: () => ({ stored: 0, base: 0 }),
    onLook: () => undefined,
    onProgress: () => undefined,
    onChange: () => undefined,
  });
}

async function leads(leadership: { isLeader: () => boolean }, expected: boolean): Promise<void> {
  await eventually(() => expect(leadership.isLeader()).toBe(expected));
}

test('who could not renew its lease, and has not lost it, leads again as soon as it can be reached', async () => {
  const { kept, leases } = keptLease();
  const leadership = leading(leases, 'one');
  await leads(leadership, true);
  const before = leadership.token();
  kept.isAway = true;
  await leads(leadership, false);
  kept.looks = 0;
  kept.isAway = false;
  await leads(leadership, true);
  expect(kept.looks).toBe(1);
  expect(leadership.token()).toBeGreaterThan(before);
});

test('a lease that somebody else took meanwhile, and renews, is theirs', async () => {
  const { kept, leases } = keptLease();
  const leadership = leading(leases, 'one');
  await leads(leadership, true);
  kept.isAway = true;
  await leads(leadership, false);
  kept.isRenewed = true;
  kept.lease = { owner: 'another', stored: 0, base: 0, revision: (kept.lease?.revision ?? 0) + 1 };
  kept.looks = 0;
  kept.isAway = false;
  await eventually(() => expect(kept.looks).toBeGreaterThan(1));
  expect(leadership.isLeader()).toBe(false);
});
