import { expect, test } from 'vitest';
import { CircuitBreaker } from '../src/base/circuit-breaker.ts';

/** What happens, one step a word: `ok`, `fail` and `gone` end a call, `+500` lets time pass, `call` asks to be let through. */
type Step = 'ok' | 'fail' | 'gone' | 'call' | `+${number}`;

const open: Step[] = ['fail', 'fail', 'fail'];

test.each<[string, Step[], boolean]>([
  ['closed at first', [], true],
  ['failures below the limit leave it closed', ['fail', 'fail'], true],
  ['the third failure in a row opens it', open, false],
  ['a success in between starts the count again', ['fail', 'fail', 'ok', 'fail', 'fail'], true],
  ['calls given up say nothing', ['fail', 'fail', 'gone', 'gone', 'gone'], true],
  ['open until the pause is over', [...open, '+99'], false],
  ['after the pause one call is let through', [...open, '+100'], true],
  ['after the pause a second call is not', [...open, '+100', 'call'], false],
  ['the probe’s success closes it', [...open, '+100', 'call', 'ok'], true],
  ['once closed, all calls are let through', [...open, '+100', 'call', 'ok', 'call', 'call'], true],
  ['the probe’s failure opens it again', [...open, '+100', 'call', 'fail'], false],
  ['a probe that failed makes the pause twice as long', [...open, '+100', 'call', 'fail', '+199'], false],
  ['the pause of twice as long ends', [...open, '+100', 'call', 'fail', '+200'], true],
  ['the pause grows no further than its limit', [...open, ...probes(6), '+400'], true],
  ['a probe given up lets another through', [...open, '+100', 'call', 'gone'], true],
  ['calls that were under way when it opened do not lengthen the pause', [...open, ...open, ...open, '+100'], true],
  [
    'the pause is short again after it was closed',
    [...open, ...probes(3), '+400', 'call', 'ok', ...open, '+100'],
    true,
  ],
])('%s', (_, steps, admits) => {
  let now = 1000;
  const breaker = new CircuitBreaker({ failures: 3, openMs: 100, maxOpenMs: 400, now: () => now, random: () => 1 });
  const does: Record<string, () => unknown> = {
    ok: () => breaker.succeeded(),
    fail: () => breaker.failed(),
    gone: () => breaker.abandoned(),
    call: () => breaker.admits(),
  };
  for (const step of steps) {
    if (step.startsWith('+')) now += Number(step);
    else does[step]?.();
  }
  expect(breaker.admits()).toBe(admits);
});

test.each<[string, number, number]>([
  ['half the pause at least', 0, 50],
  ['the whole of it at most', 1, 100],
])('jitter: %s', (_, random, pauseMs) => {
  let now = 0;
  const breaker = new CircuitBreaker({
    failures: 1,
    openMs: 100,
    maxOpenMs: 400,
    now: () => now,
    random: () => random,
  });
  breaker.failed();
  now = pauseMs - 1;
  expect(breaker.admits()).toBe(false);
  now = pauseMs;
  expect(breaker.admits()).toBe(true);
});

test('says whether it is open', () => {
  const breaker = new CircuitBreaker({ failures: 1, openMs: 1, maxOpenMs: 1 });
  expect(breaker.isOpen).toBe(false);
  breaker.failed();
  expect(breaker.isOpen).toBe(true);
  breaker.succeeded();
  expect(breaker.isOpen).toBe(false);
});

function probes(count: number): Step[] {
  return Array.from({ length: count }, (): Step[] => ['+400', 'call', 'fail']).flat();
}
