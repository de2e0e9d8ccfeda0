import { PartitionRole } from '@andvari/proto/engine/v1/engine';
import { expect, test } from 'vitest';
import type { Leadership } from '../src/partition/keep-lease.ts';
import { createPartition, hasMissed, storedUpTo, take } from '../src/partition/partition.ts';
import { statsTo } from '../src/rpc/convert.ts';
import { limit, opening } from './commands.ts';

function commandAt(sequence: number) {
  const { subject, payload } = limit('ACME', { order: `order ${sequence}` });
  return { sequence, atUs: sequence, subject, payload };
}

/** [rule, commands read, where the log begins by now, whether commands are missing]. */
const gaps: [string, number[], number, boolean][] = [
  ['nothing is missing from a log that begins where reading did', [1, 2, 3], 1, false],
  ['nor from one that was purged behind the reader', [1, 2, 3], 3, false],
  ['the next command may be the first that is left', [1, 2, 3], 4, false],
  ['what was purged before the reader came to it is missing', [1, 2, 3], 5, true],
  ['another partition’s commands are no gap', [1, 2, 7, 8], 3, false],
  ['a jump over a purge is one', [1, 2, 7, 8], 7, true],
];

test.each(gaps)('%s', (_, sequences, base, missing) => {
  const partition = createPartition(0);
  for (const sequence of sequences) take(partition, commandAt(sequence));
  expect(hasMissed(partition, base, partition.jumpedFrom)).toBe(missing);
});

test('a command that a fault of ours cut short is not said to be stored', () => {
  const partition = createPartition(0);
  opening('ACME').forEach(({ subject, payload }, i) => {
    take(partition, { sequence: i + 1, atUs: 1, subject, payload });
  });
  const fault = {
    ...commandAt(3),
    get payload(): Uint8Array {
      throw new RangeError('a fault of ours');
    },
  };
  expect(() => take(partition, fault)).toThrow('a fault of ours');
  expect([partition.read, storedUpTo(partition)]).toEqual([2, 2]);
});

test.each<[string, { leads: boolean; caughtUp: boolean }, PartitionRole]>([
  ['who holds the lease leads', { leads: true, caughtUp: true }, PartitionRole.PARTITION_ROLE_LEADER],
  ['who has read the log stands by', { leads: false, caughtUp: true }, PartitionRole.PARTITION_ROLE_STANDBY],
  ['who still reads it recovers', { leads: false, caughtUp: false }, PartitionRole.PARTITION_ROLE_RECOVERING],
])('role: %s', (_, { leads, caughtUp }, role) => {
  const leadership: Leadership = {
    isLeader: () => leads,
    term: () => new AbortController().signal,
    token: () => 1,
    confirmed: async () => undefined,
    release: async () => undefined,
  };
  const running = {
    partition: createPartition(0),
    leadership,
    snapshotSequence: () => 0,
    snapshotAt: () => 0,
    caughtUp: Promise.resolve(),
    isCaughtUp: () => caughtUp,
  };
  expect(statsTo(running).role).toBe(role);
});

const idsIn = (epoch: string): string[] => {
  const partition = createPartition(0, epoch);
  for (const [index, { subject, payload }] of [...opening('EPO'), limit('EPO', { order: 'a' })].entries()) {
    take(partition, { sequence: index + 1, atUs: index + 1, subject, payload });
  }
  return partition.pending.flatMap(({ messages }) => messages.map(({ id }) => id));
};

test('a log that was made anew gives the same commands reports of other ids', () => {
  const [before, after] = [idsIn('one'), idsIn('two')];
  expect(before.length).toBeGreaterThan(0);
  expect(after).toHaveLength(before.length);
  expect(before.filter((id) => after.includes(id))).toEqual([]);
  expect(idsIn('one')).toEqual(before);
});
