import { expect, test } from 'vitest';
import type { Db } from '../src/db/types.ts';
import { watchHorizon } from '../src/outbox/horizon.ts';

/** What PostgreSQL says at each look: the highest position handed out, the oldest transaction under way, the next one. */
type Said = readonly [head: bigint, oldest: bigint, next: bigint];

async function safeAfter(looks: readonly Said[]): Promise<bigint[]> {
  const left = [...looks];
  const connection = (async () => left.splice(0, 1).map(([head, oldest, next]) => ({ head, oldest, next }))) as unknown;
  const horizon = watchHorizon(connection as Db);
  const safe: bigint[] = [];
  for (const [head] of looks) {
    const seen = await horizon.look();
    expect(seen.head).toBe(head);
    safe.push(seen.safe);
  }
  return safe;
}

test.each<[rule: string, looks: readonly Said[], safe: readonly bigint[]]>([
  ['of nothing nothing is final', [[0n, 10n, 10n]], [0n]],
  ['with nobody under way all is final at once', [[3n, 10n, 10n]], [3n]],
  ['with somebody under way nothing is', [[3n, 9n, 10n]], [0n]],
  [
    'when all that were under way have ended, it is',
    [
      [3n, 9n, 10n],
      [3n, 10n, 12n],
    ],
    [0n, 3n],
  ],
  [
    'when only some of them have, it is not',
    [
      [3n, 7n, 10n],
      [3n, 9n, 12n],
    ],
    [0n, 0n],
  ],
  [
    'what was handed out meanwhile waits for those under way by then',
    [
      [3n, 9n, 10n],
      [5n, 10n, 12n],
      [5n, 12n, 12n],
    ],
    [0n, 3n, 5n],
  ],
  [
    'the same head looked at again waits for nobody who came later',
    [
      [3n, 9n, 10n],
      [3n, 9n, 20n],
      [3n, 10n, 30n],
    ],
    [0n, 0n, 3n],
  ],
  [
    'several of them become final at once',
    [
      [1n, 5n, 10n],
      [2n, 5n, 11n],
      [3n, 11n, 12n],
      [3n, 12n, 12n],
    ],
    [0n, 0n, 2n, 3n],
  ],
  [
    'what is final stays so',
    [
      [3n, 10n, 10n],
      [3n, 10n, 11n],
      [4n, 10n, 11n],
    ],
    [3n, 3n, 3n],
  ],
])('%s', async (_, looks, safe) => {
  expect(await safeAfter(looks)).toEqual(safe);
});

test('beside one that lasts, sixty-four are noted and the others wait for a look after it', async () => {
  const during = Array.from({ length: 70 }, (_, index): Said => [BigInt(index + 1), 5n, BigInt(10 + index)]);
  const safe = await safeAfter([...during, [70n, 100n, 100n], [70n, 100n, 100n]]);
  expect(safe.slice(-2)).toEqual([64n, 70n]);
});

const again = (times: number, head: bigint) => Array.from({ length: times }, (): Said => [head, 5n, 10n + head]);

test('a head that was noted is noted once, however often it is looked at', async () => {
  const safe = await safeAfter([...again(2, 1n), ...again(64, 2n), [3n, 5n, 13n], [3n, 100n, 100n]]);
  expect(safe.at(-1)).toBe(3n);
});

test('no answer is none', async () => {
  await expect(watchHorizon((async () => []) as unknown as Db).look()).rejects.toThrow('PostgreSQL answered nothing');
});
