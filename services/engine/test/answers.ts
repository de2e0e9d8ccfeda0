import { expect } from 'vitest';
import type { Command } from '../src/domain/command.ts';
import { restore, snapshot, stateHash } from '../src/domain/snapshot.ts';
import type { EngineState } from '../src/domain/state.ts';
import { agree } from './agree.ts';
import { type Body, engine, instrument, line, phase, run } from './flow.ts';

/** [rule, commands before, the command in question, its reports]. */
export type Answered = [rule: string, before: Body<Command>[], command: Body<Command>, reports: string[]];

/**
 * The command is answered so in an open market, by an engine revived from its snapshot as well, and the naive reference
 * sees the same orders and levels after each of the commands.
 */
export function answers(...[, before, command, reports]: Answered): void {
  const opened = [instrument, phase('open'), ...before];
  const state = engine();
  run(state, ...opened);
  const replica = revived(state);
  expect(run(state, command).map(line)).toEqual(reports);
  expect(run(replica, command).map(line)).toEqual(reports);
  expect(stateHash(replica)).toBe(stateHash(state));
  agree([...opened, command]);
}

export function revived(state: EngineState): EngineState {
  const restored = restore(snapshot(state));
  if (!restored.ok) throw new Error(restored.why);
  return restored.state;
}
