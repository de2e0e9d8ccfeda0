import { describe, expect, test } from 'vitest';
import { keyRing, type RingKey } from '../../src/domain/key-ring.ts';

const S = 1_000_000n;
const policy = { rotateEveryUs: 1000n * S, publishAheadUs: 60n * S, overlapUs: 360n * S };
const key = (keyId: string, second: bigint): RingKey => ({ keyId, activeFromUs: second * S });
const first = key('first', 0n);
const second = key('second', 1000n);

describe('the ring of signing keys', () => {
  test.each<
    [rule: string, keys: RingKey[], second: bigint, signing: string | undefined, published: string[], next?: bigint]
  >([
    ['empty, asks for a key at once', [], 5n, undefined, [], 5n],
    ['one young key signs', [first], 100n, 'first', ['first']],
    ['asks for the next one ahead of time', [first], 940n, 'first', ['first'], 1000n],
    ['but not earlier', [first], 939n, 'first', ['first']],
    ['after a long silence, still publishes before it signs', [first], 9000n, 'first', ['first'], 9060n],
    ['publishes the next key before it signs', [first, second], 950n, 'first', ['first', 'second']],
    ['signs with the next key from its time on', [second, first], 1000n, 'second', ['first', 'second']],
    ['keeps the old one while its tokens live', [first, second], 1359n, 'second', ['first', 'second']],
    ['and then drops it', [first, second], 1360n, 'second', ['second']],
  ])('%s', (_, keys, at, signing, published, next) => {
    const ring = keyRing(keys, policy, at * S);
    expect(ring.signing?.keyId).toBe(signing);
    expect(ring.published.map(({ keyId }) => keyId)).toEqual(published);
    expect(ring.nextFromUs).toBe(next === undefined ? undefined : next * S);
    expect(ring.retired).toHaveLength(keys.length - published.length);
  });
});
