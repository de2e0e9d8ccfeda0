import { describe, expect, test } from 'vitest';
import { DenySet } from '../src/identity/deny-set.ts';
import { apiKeyKey, LiveCredentials, sessionKey, userKey } from '../src/identity/live-credentials.ts';

describe('a session that was revoked', () => {
  test('is denied until its tokens have run out by themselves', () => {
    let now = 1000;
    const denied = new DenySet(10, () => now);
    denied.add('s', 2000);
    expect([denied.has('s', 500), denied.has('other', 500), denied.size]).toEqual([true, false, 1]);
    now = 1999;
    expect(denied.has('s', 500)).toBe(true);
    now = 2000;
    expect(denied.has('s', 500)).toBe(false);
  });

  test.each([
    ['whose tokens have run out already', 1000, 0],
    ['whose tokens run out in a moment', 1001, 1],
  ])('%s is kept: %i', (_, untilMs, size) => {
    const denied = new DenySet(10, () => 1000);
    denied.add('s', untilMs);
    expect(denied.size).toBe(size);
  });
});

describe('where there are more than there is room for', () => {
  test('those that have run out make room, and nobody else is distrusted', () => {
    let now = 1000;
    const denied = new DenySet(2, () => now);
    denied.add('a', 2000);
    denied.add('b', 3000);
    now = 2000;
    denied.add('c', 3000);
    expect([denied.has('a', 0), denied.has('b', 0), denied.has('c', 0), denied.size]).toEqual([false, true, true, 2]);
  });

  test('up to so many nothing is forgotten', () => {
    const denied = new DenySet(2, () => 1000);
    denied.add('a', 2000);
    denied.add('b', 2000);
    expect([denied.has('a', 5000), denied.has('b', 5000), denied.has('x', 0)]).toEqual([true, true, false]);
  });

  test('all are forgotten, and every token of this second or before counts as revoked', () => {
    const denied = new DenySet(2, () => 1500);
    for (const session of ['a', 'b', 'c']) denied.add(session, 9000);
    expect(denied.size).toBe(1);
    expect([denied.has('a', 1000), denied.has('x', 0), denied.has('c', 2000)]).toEqual([true, true, true]);
    expect([denied.has('a', 1001), denied.has('a', 2000)]).toEqual([false, false]);
  });
});

const holding = (live: LiveCredentials, ...keys: string[]) => {
  const controller = new AbortController();
  return { ends: controller.signal, untie: live.hold(keys, controller) };
};

describe('what hangs on credentials', () => {
  test('ends with any of them, and says why', () => {
    const live = new LiveCredentials();
    const [both, other] = [holding(live, 'a', 'b'), holding(live, 'b')];
    live.end('a');
    expect([both.ends.aborted, other.ends.aborted]).toEqual([true, false]);
    expect(both.ends.reason).toEqual(new Error('the credential has ended'));
    live.end('b');
    expect(other.ends.aborted).toBe(true);
    live.end('nobody');
  });

  test('is counted until it is untied, and does not end any more then', () => {
    const live = new LiveCredentials();
    const [one, other] = [holding(live, 'a'), holding(live, 'a', 'b')];
    expect([live.count('a'), live.count('b'), live.count('c')]).toEqual([2, 1, 0]);
    other.untie();
    other.untie();
    expect([live.count('a'), live.count('b')]).toEqual([1, 0]);
    live.end('a');
    expect([one.ends.aborted, other.ends.aborted]).toEqual([true, false]);
  });

  test('untied after all others are gone, it takes nobody’s place', () => {
    const live = new LiveCredentials();
    const first = holding(live, 'a');
    first.untie();
    const next = holding(live, 'a');
    first.untie();
    expect(live.count('a')).toBe(1);
    next.untie();
    expect(live.count('a')).toBe(0);
  });

  test('is known by what kind of credential it is', () => {
    expect([sessionKey('1'), apiKeyKey('1'), userKey('1')]).toEqual(['session 1', 'api key 1', 'user 1']);
  });
});
