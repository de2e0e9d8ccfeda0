import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { connectDb } from '@andvari/kit/db/db';
import { mainOf } from '@andvari/local/service-environment';
import { checkoutRoot } from '@andvari/servers/data-home';
import { ownPort } from '@andvari/servers/own-port';

/** For a service that nobody calls but the benchmark. */
const CALLER_KEY = 'a-key-for-benchmarks-of-32-chars!';

export interface ServiceProcess {
  address: string;
  pid: number;
  stop(): Promise<void>;
}

/** A service in a process of its own, from its start until /readyz says 200. */
export async function startService(name: string, env: Record<string, string>): Promise<ServiceProcess> {
  const [port, adminPort] = [await ownPort(), await ownPort()];
  const child = spawn(process.execPath, [mainOf(checkoutRoot, { name })], {
    env: {
      PATH: process.env['PATH'],
      ENVIRONMENT: 'development',
      CALLER_KEY,
      GRPC_PORT: String(port),
      ADMIN_PORT: String(adminPort),
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  // A benchmark that breaks off leaves nobody behind.
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const stop = async (): Promise<void> => {
    process.off('exit', end);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  const readyz = `http://127.0.0.1:${adminPort}/readyz`;
  for (let waits = 0; waits < 3000; waits += 1) {
    if (child.exitCode !== null) throw new Error(`${name} ended with exit code ${child.exitCode} before it was ready`);
    if (await isOk(readyz)) return { address: `127.0.0.1:${port}`, pid: child.pid ?? 0, stop };
    await pause(10);
  }
  await stop();
  throw new Error(`${name} was not ready within half a minute`);
}

/** An empty database on the server of that URL; returns its own URL. */
export async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const admin = connectDb(serverUrl, { maxConnections: 1 });
  await admin.unsafe(`create database "${name}"`);
  await admin.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function isOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
