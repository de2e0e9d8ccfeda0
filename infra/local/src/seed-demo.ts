import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunState } from './run-state.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;

/**
 * People with money and a year behind them to sign in as; what tools/demo prints is shown. Done again, it changes nothing. A system
 * that runs is worth more than its demo, so that a failure here is no more than a note.
 */
export async function seedDemo(root: string, { parts }: RunState, signal: AbortSignal): Promise<string> {
  const gateway = parts.find(({ kind, name }) => kind === 'service' && name === 'gateway');
  if (gateway?.port === undefined) return '';
  const options = {
    cwd: root,
    env: { ...process.env, ANDVARI_URL: `http://127.0.0.1:${gateway.port}` },
    timeout: TIMEOUT_MS,
    signal,
  };
  let past = '';
  const program = async (path: string, ...given: string[]): Promise<string> => {
    if (!existsSync(join(root, path))) return '';
    return (await run(process.execPath, [join(root, path), ...given], options)).stdout.trimEnd();
  };
  try {
    // The past is imported before they are there; whom it does not make is signed up through the public API, as anybody is.
    await program('tools/seedctl/src/main.ts', 'seed', '--profile', 'demo', '--bare');
  } catch (error) {
    if (signal.aborted) return '';
    past = `  The demo's people have no past: ${lastLine(error)}\n`;
  }
  try {
    return past + (await program('tools/demo/src/seed.ts'));
  } catch (error) {
    return signal.aborted ? '' : `${past}  The demo's people could not be made: ${lastLine(error)}`;
  }
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return stderr?.split('\n').find((line) => /^\w*(Error|Refused)/.test(line)) ?? message;
}
