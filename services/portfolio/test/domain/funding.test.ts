import { toMicros } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import {
  countsAgainstLimit,
  type FundingEffect,
  type FundingEvent,
  type FundingRefusal,
  type FundingState,
  fundingTransition,
  isRepeat,
  isTerminal,
  limitOf,
  MINOR_UNIT,
  refuseFunding,
} from '../../src/domain/funding.ts';

const STATES: FundingState[] = ['requested', 'held', 'sent', 'settled', 'returned', 'failed'];
const EVENTS: FundingEvent[] = ['hold', 'send', 'settle', 'return', 'fail'];

/** Every transition there is; what is not here does not exist. */
const TABLE: [FundingState, FundingEvent, FundingState, deposit: FundingEffect, withdrawal: FundingEffect][] = [
  ['requested', 'hold', 'held', 'none', 'hold'],
  ['requested', 'fail', 'failed', 'none', 'none'],
  ['held', 'send', 'sent', 'none', 'none'],
  ['held', 'fail', 'failed', 'none', 'release'],
  ['sent', 'settle', 'settled', 'credit', 'debit_held'],
  ['sent', 'return', 'returned', 'none', 'release'],
  ['sent', 'fail', 'failed', 'none', 'release'],
];

describe('a funding', () => {
  test.each(TABLE)('%s --%s--> %s', (from, event, to, deposit, withdrawal) => {
    expect(fundingTransition(from, event)).toEqual({ to, effect: { deposit, withdrawal } });
  });

  test('makes no other move', () => {
    const known = new Set(TABLE.map(([from, event]) => `${from} ${event}`));
    for (const state of STATES) {
      for (const event of EVENTS) {
        if (!known.has(`${state} ${event}`)) expect(fundingTransition(state, event)).toBeUndefined();
      }
    }
  });

  test('ends settled, returned or failed', () => {
    expect(STATES.filter(isTerminal)).toEqual(['settled', 'returned', 'failed']);
  });

  test('that held something has released or spent it on every way to an end', () => {
    const walk = (state: FundingState, held: number): void => {
      if (isTerminal(state)) expect(held).toBe(0);
      for (const event of EVENTS) {
        const next = fundingTransition(state, event);
        if (next !== undefined) walk(next.to, held + CHANGE[next.effect.withdrawal]);
      }
    };
    walk('requested', 0);
  });

  const LED: Record<FundingEvent, FundingState> = {
    hold: 'held',
    send: 'sent',
    settle: 'settled',
    return: 'returned',
    fail: 'failed',
  };
  test.each(EVENTS)('told again of %s is told nothing new, where that led, and there alone', (event) => {
    expect(STATES.filter((state) => isRepeat(state, event))).toEqual([LED[event]]);
  });
});

const CHANGE: Record<FundingEffect, number> = { none: 0, hold: 1, release: -1, credit: 0, debit_held: -1 };

describe('a request', () => {
  const limits = { perTransfer: toMicros(100n), perDay: toMicros(250n), transfersPerDay: 3 };
  const rows: [rule: string, amount: bigint, used: bigint, transfers: number, refusal: FundingRefusal | undefined][] = [
    ['within every limit', 100n, 150n, 2, undefined],
    ['of nothing', 0n, 0n, 0, 'amount_not_positive'],
    ['of less than nothing', -1n, 0n, 0, 'amount_not_positive'],
    ['too large for one transfer', 101n, 0n, 0, 'funding_limit_per_transfer'],
    ['one too many for the day', 1n, 3n, 3, 'funding_limit_transfers_per_day'],
    ['too much for the day', 100n, 151n, 2, 'funding_limit_per_day'],
  ];
  test.each(rows)('%s', (_, amount, used, transfers, refusal) => {
    expect(refuseFunding(toMicros(amount), limits, { amount: toMicros(used), transfers })).toBe(refusal);
  });

  const today = { amount: toMicros(150n), transfers: 2 };
  const limit: [refused: FundingRefusal, says: Record<string, bigint>][] = [
    ['amount_not_positive', {}],
    ['amount_off_minor_unit', { step: MINOR_UNIT }],
    ['funding_limit_per_transfer', { limit: 100n }],
    ['funding_limit_transfers_per_day', { used: 2_000_000n, limit: 3_000_000n }],
    ['funding_limit_per_day', { used: 150n, limit: 250n }],
  ];
  test.each(limit)('refused as %s is told what keeps within it', (refused, says) => {
    expect(limitOf(refused, limits, today)).toEqual(says);
  });

  test('is of a cent at least', () => {
    expect(MINOR_UNIT).toBe(10_000n);
  });

  test('counts unless it came to nothing', () => {
    expect(STATES.filter(countsAgainstLimit)).toEqual(['requested', 'held', 'sent', 'settled']);
  });
});
