import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CommandError } from './system.ts';

/**
 * A folder that only its owner may look into, and all above it. Each by itself: Node asks without end where a file system says that what
 * is above is not there while it is, as /proc does.
 */
export function makeFolder(path: string): void {
  const whole = resolve(path);
  if (existsSync(whole)) return;
  makeFolder(dirname(whole));
  try {
    mkdirSync(whole, { mode: 0o700 });
  } catch (error) {
    throw new CommandError(`${whole} cannot be made: ${(error as Error).message}`);
  }
}
