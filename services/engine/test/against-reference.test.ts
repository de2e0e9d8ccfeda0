import * as fc from 'fast-check';
import { test } from 'vitest';
import { agree } from './agree.ts';
import { commands } from './random-commands.ts';
import { regressions } from './regressions.ts';

const numRuns = process.env['ANDVARI_LONG'] === '1' ? 300_000 : 2_000;

test('the engine and the naive reference report the same, and hold the same orders and levels, after every command', () => {
  fc.assert(fc.property(commands(), agree), { numRuns });
}, 3_600_000);

test.each(regressions)('regression: %s', (_, bodies) => agree(bodies));
