import { expect, test } from 'vitest';
import { Phase, Reason } from '../src/domain/codes.ts';
import type { Command } from '../src/domain/command.ts';
import { findDepth } from '../src/domain/queries.ts';
import { type Body, engine, expireDay, halt, instrument, phase, run, split } from './flow.ts';

const other = (command: Body<Command>, fields: object) => ({ ...command, ...fields }) as Body<Command>;
const ofTheMarket = [phase('open'), halt(true), expireDay, split(2, 1)];

test.each(ofTheMarket.map((command) => [command.kind, command] as const))(
  '%s of an unknown symbol is refused',
  (_, command) => {
    const state = engine();
    run(state, instrument, other(command, { symbol: 'NONE' }));
    expect(state.reports.refusal).toBe(Reason.unknown_symbol);
  },
);

test.each([-1, 4, 0.5])('%d is no phase', (bad) => {
  const state = engine();
  run(state, instrument, phase('pre_open'), other(phase('open'), { phase: bad }));
  expect([state.reports.refusal, findDepth(state, 'ACME', 1)?.phase]).toEqual([Reason.malformed, Phase.pre_open]);
});

test('a split halts the market', () => {
  const state = engine();
  run(state, instrument, phase('open'), split(2, 1));
  expect(findDepth(state, 'ACME', 1)?.halted).toBe(true);
});
