import { toMicros } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import { ACTIVITY_TYPES } from '../../src/domain/activity.ts';
import { Balances, ledgerKey } from '../../src/domain/balances.ts';
import {
  across,
  depositJournal,
  type Entry,
  type Journal,
  type JournalKind,
  type Ledger,
  withdrawalJournal,
} from '../../src/domain/journal.ts';
import { type HoldState, hold, isFlow, journalKey, linesOf, type Posted, post } from '../../src/domain/posting.ts';
import { ANN, BOB, balancesOf, own, standing, systemOf } from '../ledger-rows.ts';

const movement = { fundingId: 'f', accountId: ANN, currency: 'USD', amount: toMicros(10n), at: 1n } as const;
const deposit = depositJournal(movement);
const withdrawal = withdrawalJournal(movement);
const bank = across('bank', ANN, 'USD');

const nothingKnown = (): Posted => ({ journals: new Map(), holds: new Map() });
const held = (state: HoldState['state'], remaining: bigint) =>
  new Map([['f', { state, remaining: toMicros(remaining) }]]);

const row = (id: bigint) => ({
  id,
  posted: toMicros(0n),
  reserved: toMicros(0n),
  version: 0n,
  mayGoNegative: false,
});

describe('a journal', () => {
  test('is booked and known from then on: the same again is a repeat', () => {
    const [balances, known] = [balancesOf([own(ANN)], ...systemOf('bank')), nothingKnown()];
    expect(post({ journal: deposit }, balances, known)).toEqual({ outcome: 'posted', journalId: 'journal 1' });
    expect(post({ journal: deposit }, balances, known)).toEqual({ outcome: 'repeated', journalId: 'journal 1' });
    expect(standing(balances, own(ANN))).toEqual([10n, 0n]);
  });

  test('is another where its kind is', () => {
    const [balances, known] = [balancesOf([own(ANN)], ...systemOf('bank')), nothingKnown()];
    post({ journal: deposit }, balances, known);
    expect(post({ journal: withdrawal }, balances, known)).toEqual({ outcome: 'posted', journalId: 'journal 2' });
    expect([journalKey(deposit), journalKey(withdrawal)]).toEqual(['deposit/f', 'withdrawal/f']);
  });

  test('of what there is no balance of is not booked', () => {
    const [balances, known] = [balancesOf([own(ANN)]), nothingKnown()];
    expect(post({ journal: deposit }, balances, known)).toEqual({ outcome: 'no_such_ledger' });
    expect([balances.entries, known.journals.size]).toEqual([[], 0]);
  });

  test.each([
    ['more than there is', 9n, 0n, 9n],
    ['what is held back', 12n, 3n, 9n],
  ])('that spends %s is not booked, and it says how much there is', (_, posted, reserved, available) => {
    const [balances, known] = [balancesOf([own(ANN), posted, reserved], ...systemOf('bank')), nothingKnown()];
    expect(post({ journal: withdrawal }, balances, known)).toEqual({ outcome: 'insufficient', available });
    expect([balances.entries, known.journals.size]).toEqual([[], 0]);
  });

  test('says how much there is of whoever pays, not of whoever only stands in it', () => {
    const balances = balancesOf([own(BOB), 7n], [own(ANN), 5n], ...systemOf('bank'));
    const journal = of('withdrawal', [own(BOB), 0n], [own(ANN), -10n], [bank, 10n]);
    expect(post({ journal }, balances, nothingKnown())).toEqual({ outcome: 'insufficient', available: 5n });
  });

  test('that no client pays has nothing available where it cannot be paid', () => {
    const rows = new Map([bank, own(ANN)].map((ledger, at) => [ledgerKey(ledger), row(BigInt(at))]));
    const balances = new Balances(rows, () => 'journal');
    expect(post({ journal: deposit }, balances, nothingKnown())).toEqual({ outcome: 'insufficient', available: 0n });
  });
});

describe('the end of a withdrawal', () => {
  const rows: [rule: string, holds: Map<string, HoldState>, journal: Journal, outcome: string][] = [
    ['spends what is held for it', held('open', 10n), withdrawal, 'posted'],
    ['is not booked where nothing was held', new Map(), withdrawal, 'not_held'],
    ['is not booked where it was given back', held('closed', 0n), withdrawal, 'not_held'],
    ['is not booked where no client pays', held('open', 10n), deposit, 'not_held'],
  ];
  test.each(rows)('%s', (_, holds, journal, outcome) => {
    const balances = balancesOf([own(ANN), 10n, 10n], ...systemOf('bank'));
    const answer = post({ journal, spends: 'f' }, balances, { journals: new Map(), holds });
    expect(answer.outcome).toBe(outcome);
    expect(standing(balances, own(ANN))).toEqual(outcome === 'posted' ? [0n, 0n] : [10n, 10n]);
  });

  test('leaves nothing held', () => {
    const holds = held('open', 10n);
    post({ journal: withdrawal, spends: 'f' }, balancesOf([own(ANN), 10n, 10n], ...systemOf('bank')), {
      journals: new Map(),
      holds,
    });
    expect(holds.get('f')).toEqual({ state: 'closed', remaining: 0n });
  });
});

describe('money is held back for a withdrawal', () => {
  const rows: [rule: string, posted: bigint, holds: Map<string, HoldState>, outcome: string, reserved: bigint][] = [
    ['with all that there is', 13n, new Map(), 'held', 13n],
    ['but not with a micro-unit more', 12n, new Map(), 'insufficient', 3n],
    ['once', 99n, held('open', 10n), 'repeated', 3n],
    ['and not again when it was given back', 99n, held('closed', 0n), 'closed', 3n],
  ];
  test.each(rows)('%s', (_, posted, holds, outcome, reserved) => {
    const balances = balancesOf([own(ANN), posted, 3n]);
    expect(hold(movement, balances, holds)).toBe(outcome);
    expect(standing(balances, own(ANN))).toEqual([posted, reserved]);
    if (outcome === 'held') expect(holds.get('f')).toEqual({ state: 'open', remaining: 10n });
    else expect(holds.get('f')?.remaining).not.toBe(13n);
  });

  test('but not of a currency that the account never had', () => {
    const holds = new Map<string, HoldState>();
    expect(hold(movement, balancesOf([own(BOB), 99n], [own(ANN, 'CAD'), 99n]), holds)).toBe('no_such_ledger');
    expect(holds.size).toBe(0);
  });
});

describe('what an owner sees of a journal', () => {
  test('is the clients’ side of its money', () => {
    const journal = of(
      'transfer',
      [own(ANN), -7n],
      [across('fx', ANN, 'USD'), 7n],
      [own(BOB), 7n],
      [own(BOB, 'AAPL'), 1n],
    );
    expect(linesOf(journal, 'j')).toEqual([
      { journal, journalId: 'j', accountId: ANN, currency: 'USD', amount: -7n, type: 'transfer_out' },
      { journal, journalId: 'j', accountId: BOB, currency: 'USD', amount: 7n, type: 'transfer_in' },
    ]);
  });

  const rows: [kind: JournalKind, received: string, given: string, isFlow: boolean][] = [
    ['fill', 'sell', 'buy', false],
    ['fee', 'fee', 'fee', false],
    ['deposit', 'deposit', 'deposit', true],
    ['withdrawal', 'withdrawal', 'withdrawal', true],
    ['transfer', 'transfer_in', 'transfer_out', true],
    ['fx', 'transfer_in', 'transfer_out', true],
    ['adjustment', 'adjustment', 'adjustment', true],
    ['dividend', 'dividend', 'dividend', false],
    ['split', 'split', 'split', false],
  ];
  test.each(rows)(
    'of a %s: received it is a %s, given a %s, and moved by the owner: %s',
    (kind, received, given, flow) => {
      const lines = [...linesOf(of(kind, [own(ANN), 1n]), 'j'), ...linesOf(of(kind, [own(ANN), -1n]), 'j')];
      expect(lines.map(({ type }) => type)).toEqual([received, given]);
      expect(lines.map(isFlow)).toEqual([flow, flow]);
    },
  );

  test('is of the types that can be asked for, and of each of them', () => {
    const types = rows.flatMap(([, received, given]) => [received, given]);
    expect(new Set(types)).toEqual(new Set(ACTIVITY_TYPES));
  });
});

test('nothing moved is money that came', () => {
  expect(linesOf(of('fill', [own(ANN), 0n]), 'j').map(({ type }) => type)).toEqual(['sell']);
});

function of(kind: JournalKind, ...entries: readonly [Ledger, bigint][]): Journal {
  return {
    kind,
    reference: 'r',
    occurredAt: 1n,
    entries: entries.map(([ledger, amount]): Entry => ({ ledger, amount: toMicros(amount) })),
  };
}
