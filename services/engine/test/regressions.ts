import type { Command } from '../src/domain/command.ts';
import type { Body } from './flow.ts';

/** Command sequences that once set the engine and the reference apart, as small as fast-check could make them. */
export const regressions: [string, Body<Command>[]][] = [];
