import { describe, expect, test } from 'vitest';
import { noFailures } from '../../src/domain/lockout.ts';
import {
  type CodeState,
  decideCode,
  isOwnerToldAt,
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
const unused: CodeState = { lastStep: 10n, throttle: noFailures, guessedFrom: undefined };
const shown = (step: bigint | undefined, from = 'home') => ({ step, from });

const afterWrongOnes = (from: readonly string[]) =>
  from.reduce((state, place) => {
    const decision = decideCode(state, shown(undefined, place), schedule, AT);
    return decision.type === 'locked' ? state : decision.state;
  }, unused);

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
  ])('%s', (_, matched, outcome) => expect(decideCode(unused, shown(matched), schedule, AT).type).toBe(outcome));

  test.each<[rule: string, guessedFrom: string | undefined, failures: number]>([
    ['of those that were mistyped where it comes from', 'home', 0],
    ['and of none from elsewhere', 'away', 4],
    ['and of none from several places', undefined, 4],
  ])('that is accepted forgets the failures %s, and itself is not forgotten', (_, guessedFrom, failures) => {
    const throttle = { failures: 4, lastFailedAtUs: AT, lockedUntilUs: 0n };
    const decision = decideCode({ lastStep: 10n, throttle, guessedFrom }, shown(12n), schedule, AT);
    const state = { lastStep: 12n, throttle: failures === 0 ? noFailures : throttle, guessedFrom };
    expect(decision).toEqual({ type: 'accepted', state });
  });

  test('that is wrong is counted with where it came from, as long as all came from there', () => {
    expect(afterWrongOnes(['home', 'home'])).toMatchObject({ guessedFrom: 'home', throttle: { failures: 2 } });
    expect(afterWrongOnes(['home', 'away'])).toMatchObject({ guessedFrom: undefined, throttle: { failures: 2 } });
    expect(afterWrongOnes(['home', 'away', 'away'])).toMatchObject({
      guessedFrom: undefined,
      throttle: { failures: 3 },
    });
  });

  test('that is right is not looked at while there is a lock', () => {
    const throttle = { failures: 5, lastFailedAtUs: AT, lockedUntilUs: AT + 1n };
    const locked = { lastStep: 10n, throttle, guessedFrom: undefined };
    expect(decideCode(locked, shown(12n), schedule, AT)).toEqual({ type: 'locked' });
    expect(decideCode(locked, shown(12n), schedule, AT + 1n).type).toBe('accepted');
  });

  test('is not guessed: whoever goes on as fast as the lock allows has fewer than 400 guesses a year', () => {
    let state = unused;
    let atUs = AT;
    let guesses = 0;
    while (atUs < AT + 365n * DAY) {
      const decision = decideCode(state, shown(undefined), schedule, atUs);
      if (decision.type === 'locked') throw new Error('the guess came too early');
      guesses += 1;
      state = decision.state;
      const { lockedUntilUs } = state.throttle;
      atUs = lockedUntilUs > atUs ? lockedUntilUs : atUs + 1n;
    }
    // Three codes are good at a time: 400 guesses find one of a million in a thousand years of trying.
    expect(guesses).toBeLessThan(400);
  });

  test('is not guessed by four tries after each sign-in of its owner either', () => {
    let state = unused;
    let guesses = 0;
    for (let atUs = AT; atUs < AT + 365n * DAY; atUs += DAY) {
      const right = decideCode(state, shown(state.lastStep + 1n, 'home'), schedule, atUs);
      if (right.type === 'accepted') state = right.state;
      for (let time = 0; time < 4; time += 1) {
        const guess = decideCode(state, shown(undefined, 'away'), schedule, atUs);
        if (guess.type === 'locked') break;
        guesses += 1;
        state = guess.state;
      }
    }
    expect(guesses).toBeLessThan(400);
  });
});

test.each([
  [0n, true],
  [AT - DAY + 1n, false],
  [AT - DAY, true],
])('an owner who was told at %s µs is told now: %s', (toldAtUs, told) =>
  expect(isOwnerToldAt(AT, toldAtUs)).toBe(told),
);

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
