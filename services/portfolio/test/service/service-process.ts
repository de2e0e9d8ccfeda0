import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Scope } from '@andvari/kit/process/scope';
import { eventually } from '@andvari/kit/testing/eventually';
import { freePort } from '@andvari/servers/free-port';
import { expect } from 'vitest';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** The service as it runs; whoever closes its scope kills it where it stands. */
export async function startProcess(
  scope: Scope,
  given: NodeJS.ProcessEnv,
): Promise<{ port: number; adminPort: number }> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const env = {
    ...given,
    GRPC_PORT: `${port}`,
    ADMIN_PORT: `${adminPort}`,
    LOG_LEVEL: 'error',
    FUNDING_SWEEP_MS: '20',
  };
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  scope.defer('process', () => killed(child));
  await eventually(async () => {
    expect((await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status).toBe(200);
  });
  return { port, adminPort };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
