import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median } from '@andvari/bench/samples';
import { printTable } from '@andvari/bench/table';
import { freePort } from '@andvari/local/free-port';
import type { TestInfra } from '@andvari/local/test-infra';
import { connectDb } from '../src/db.ts';

const main = fileURLToPath(new URL('../../../services/user/src/main.ts', import.meta.url));

/**
 * From the start of the process to the first 200 of /readyz, against a database that is there. The first start, which
 * migrates it and fills the compile cache, is shown but does not count.
 */
export async function measureUserReady(infra: TestInfra, options: { long: boolean }): Promise<Record<string, number>> {
  const admin = connectDb(infra.postgresUrl, { maxConnections: 1 });
  await admin`create database bench_user`;
  await admin.end();
  const url = new URL(infra.postgresUrl);
  url.pathname = '/bench_user';
  const cache = mkdtempSync(join(tmpdir(), 'andvari-bench-'));
  try {
    const starts: number[] = [];
    for (let i = 0; i < (options.long ? 11 : 6); i += 1) {
      starts.push(await startOnce({ POSTGRES_URL: url.href, NATS_URL: infra.natsUrl, NODE_COMPILE_CACHE: cache }));
    }
    printTable(
      ['start of user', 'ms to ready'],
      starts.map((ms, i) => [i === 0 ? 'first, not counted' : `start ${i}`, Math.round(ms)]),
    );
    return { user_ready_ms: Math.round(median(starts.slice(1))), user_first_ready_ms: Math.round(starts[0] ?? 0) };
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

async function startOnce(env: Record<string, string>): Promise<number> {
  const adminPort = await freePort();
  const startedAt = performance.now();
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'],
      CALLER_KEY: 'a-key-for-benchmarks-of-32-chars!',
      GRPC_PORT: '0',
      ADMIN_PORT: String(adminPort),
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    await untilReady(child, `http://127.0.0.1:${adminPort}/readyz`);
    return performance.now() - startedAt;
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  for (let waits = 0; waits < 3000; waits += 1) {
    if (child.exitCode !== null) throw new Error(`user ended with exit code ${child.exitCode} before it was ready`);
    const status = await fetch(url).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    if (status === 200) return;
    await pause(10);
  }
  throw new Error('user was not ready within half a minute');
}
