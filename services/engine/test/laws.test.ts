import * as fc from 'fast-check';
import { test } from 'vitest';
import type { Command } from '../src/domain/command.ts';
import { type Body, engine, run } from './flow.ts';
import { createOnlooker } from './laws.ts';
import { commands } from './random-commands.ts';
import { regressions } from './regressions.ts';

const numRuns = process.env['ANDVARI_LONG'] === '1' ? 50_000 : 500;

test('no law of the market is broken, whatever is asked of it', () => {
  fc.assert(fc.property(commands(), keepsTheLaws), { numRuns });
}, 3_600_000);

test.each(regressions)('regression: %s', (_, bodies) => keepsTheLaws(bodies));

function keepsTheLaws(bodies: Body<Command>[]): void {
  const state = engine();
  const watch = createOnlooker(state);
  for (const body of bodies) watch(body, run(state, body));
}
