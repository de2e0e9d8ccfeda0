import { connectDb } from '@andvari/kit/db/db';
import { mainOf } from '@andvari/local/service-environment';
import { startChild } from '@andvari/servers/child';
import { checkoutRoot } from '@andvari/servers/data-home';
import { ownPort } from '@andvari/servers/own-port';
import { Hopeless, until } from '@andvari/servers/until';

/** For a service that nobody calls but the benchmark. */
const CALLER_KEY = 'a-key-for-benchmarks-of-32-chars!';

export interface ServiceProcess {
  address: string;
  pid: number;
  stop(): Promise<void>;
}

/** A service in a process of its own, from its start until /readyz says 200. A benchmark that breaks off leaves nobody behind. */
export async function startService(name: string, env: Record<string, string>): Promise<ServiceProcess> {
  const [port, adminPort] = [await ownPort(), await ownPort()];
  const child = await startChild({
    command: process.execPath,
    args: [mainOf(checkoutRoot, { name })],
    env: {
      PATH: process.env['PATH'],
      ENVIRONMENT: 'development',
      CALLER_KEY,
      GRPC_PORT: String(port),
      ADMIN_PORT: String(adminPort),
      LOG_LEVEL: 'warn',
      ...env,
    },
    stopSignal: 'SIGTERM',
    output: process.stderr.fd,
  });
  try {
    await until(
      async () => {
        if (child.hasExited()) throw new Hopeless(`${name} ended before it was ready: ${await child.exited}`);
        return isOk(`http://127.0.0.1:${adminPort}/readyz`);
      },
      { deadlineMs: 30_000, everyMs: 10, what: `${name} is not ready` },
    );
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { address: `127.0.0.1:${port}`, pid: child.pid, stop: () => child.stop() };
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
