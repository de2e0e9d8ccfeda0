import { describe, expect, test } from 'vitest';
import { noFailures } from '../../src/domain/lockout.ts';
import {
  decideCode,
  normaliseCode,
  normaliseRecoveryCode,
  otpauthUri,
  readableRecoveryCode,
  stepsAround,
} from '../../src/domain/second-factor.ts';

const SECOND = 1_000_000n;
const DAY = 86_400n * SECOND;
const AT = 1_000_000n * SECOND;
const schedule = { free: 5, firstDelayUs: 30n * SECOND, maxDelayUs: DAY, forgetAfterUs: 30n * DAY };
const unused = { lastStep: 10n, throttle: noFailures };

test.each([
  [0n, [-1n, 0n, 1n]],
  [29_999_999n, [-1n, 0n, 1n]],
  [30_000_000n, [0n, 1n, 2n]],
])('at %s µs the codes of three steps are good', (atUs, steps) => expect(stepsAround(atUs)).toEqual(steps));

describe('a code', () => {
  test.each<[rule: string, matched: bigint | undefined, outcome: string]>([
    ['of no step is wrong', undefined, 'wrong'],
    ['of a later step than the last is accepted', 11n, 'accepted'],
    ['of the last step counts only once', 10n, 'wrong'],
    ['of an earlier step comes too late', 9n, 'wrong'],
  ])('%s', (_, matched, outcome) => expect(decideCode(unused, matched, schedule, AT).type).toBe(outcome));

  test('that is accepted forgets the failures, and itself is not forgotten', () => {
    const failed = { lastStep: 10n, throttle: { failures: 4, lastFailedAtUs: AT, lockedUntilUs: 0n } };
    const decision = decideCode(failed, 12n, schedule, AT);
    expect(decision).toEqual({ type: 'accepted', state: { lastStep: 12n, throttle: noFailures } });
  });

  test('that is right is not looked at while there is a lock', () => {
    const locked = { lastStep: 10n, throttle: { failures: 5, lastFailedAtUs: AT, lockedUntilUs: AT + 1n } };
    expect(decideCode(locked, 12n, schedule, AT)).toEqual({ type: 'locked' });
    expect(decideCode(locked, 12n, schedule, AT + 1n).type).toBe('accepted');
  });

  test('is not guessed: whoever goes on as fast as the lock allows has fewer than 400 guesses a year', () => {
    let state = unused;
    let atUs = AT;
    let guesses = 0;
    while (atUs < AT + 365n * DAY) {
      const decision = decideCode(state, undefined, schedule, atUs);
      if (decision.type === 'locked') throw new Error('the guess came too early');
      guesses += 1;
      state = decision.state;
      const { lockedUntilUs } = state.throttle;
      atUs = lockedUntilUs > atUs ? lockedUntilUs : atUs + 1n;
    }
    // Three codes are good at a time: 400 guesses find one of a million in a thousand years of trying.
    expect(guesses).toBeLessThan(400);
  });
});

test.each([
  ['123456', '123456'],
  [' 123 456 ', '123456'],
  ['12345', undefined],
  ['1234567', undefined],
  ['１２３４５６', undefined],
  ['12345a', undefined],
])('a code as it is typed: %j is %j', (text, code) => expect(normaliseCode(text)).toBe(code));

test.each([
  ['abcd-efgh-2345-6777', 'abcdefgh23456777'],
  [' ABCD EFGH 2345 6777', 'abcdefgh23456777'],
  ['abcd-efgh-2345-677', undefined],
  ['abcd-efgh-2345-6710', undefined],
])('a recovery code as it is typed: %j is %j', (text, code) => expect(normaliseRecoveryCode(text)).toBe(code));

test('a recovery code is written in fours, and read as it is written', () => {
  expect(readableRecoveryCode('abcdefgh23456777')).toBe('abcd-efgh-2345-6777');
});

test('the URI names issuer and account, and escapes what would end the name', () => {
  expect(otpauthUri('GEZDGNBV', 'a+b?c@example.com')).toBe(
    'otpauth://totp/Andvari:a%2Bb%3Fc%40example.com?secret=GEZDGNBV&issuer=Andvari&algorithm=SHA1&digits=6&period=30',
  );
});
