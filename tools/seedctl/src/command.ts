import type { ParseArgsOptionsConfig } from 'node:util';
import type { Printer } from './print.ts';
import type { World } from './world.ts';

export const OK = 0;
/** The command did its work, and what it looked at is not as it should be. */
export const WRONG = 1;
export const MISUSED = 2;

export interface Given {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}

interface Named {
  /** `dead-letters ls`. */
  readonly name: string;
  readonly summary: string;
  /** What follows the name. */
  readonly usage?: string;
  readonly options?: ParseArgsOptionsConfig;
  /** How many words it takes. */
  readonly words?: { readonly from: number; readonly to: number };
}

/** About a system that runs. */
export interface SystemCommand extends Named {
  /** Changes something: in production only with --production. */
  readonly changes?: boolean;
  run(world: World, given: Given, print: Printer): Promise<number>;
}

/** About no system, or about one that may not run. */
export interface LocalCommand extends Named {
  runAlone(given: Given, print: Printer): Promise<number>;
}

export type Command = SystemCommand | LocalCommand;
