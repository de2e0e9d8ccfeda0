import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunState } from './run-state.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 60_000;

/**
 * People with money to sign in as, made through the public API by tools/demo; what it prints is shown. Done again, it
 * changes nothing. A system that runs is worth more than its demo, so that a failure here is no more than a note.
 */
export async function seedDemo(root: string, { parts }: RunState, signal: AbortSignal): Promise<string> {
  const program = join(root, 'tools/demo/src/seed.ts');
  const gateway = parts.find(({ kind, name }) => kind === 'service' && name === 'gateway');
  if (gateway?.port === undefined || !existsSync(program)) return '';
  try {
    const { stdout } = await run(process.execPath, [program], {
      env: { ...process.env, ANDVARI_URL: `http://127.0.0.1:${gateway.port}` },
      timeout: TIMEOUT_MS,
      signal,
    });
    return stdout.trimEnd();
  } catch (error) {
    return signal.aborted ? '' : `  The demo's people could not be made: ${lastLine(error)}`;
  }
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return stderr?.split('\n').find((line) => /^\w*(Error|Refused)/.test(line)) ?? message;
}
