import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rssMb } from '@andvari/bench/memory';
import { median } from '@andvari/bench/samples';
import { createDatabase, startService } from '@andvari/bench/service-process';
import { printTable } from '@andvari/bench/table';
import type { TestInfra } from '@andvari/servers/test-infra';

/**
 * From the start of the process to the first 200 of /readyz, against a database that is there. The first start, which
 * migrates it and fills the compile cache, is shown but does not count.
 */
export async function measureUserReady(infra: TestInfra, options: { long: boolean }): Promise<Record<string, number>> {
  const url = await createDatabase(infra.postgresUrl, 'bench_user');
  const cache = mkdtempSync(join(tmpdir(), 'andvari-bench-'));
  try {
    const starts: Start[] = [];
    for (let i = 0; i < (options.long ? 11 : 6); i += 1) {
      starts.push(await startOnce({ POSTGRES_URL: url, NATS_URL: infra.natsUrl, NODE_COMPILE_CACHE: cache }));
    }
    printTable(
      ['start of user', 'ms to ready', 'MB then'],
      starts.map(({ ms, mb }, i) => [i === 0 ? 'first, not counted' : `start ${i}`, Math.round(ms), Math.round(mb)]),
    );
    const counted = starts.slice(1);
    return {
      user_ready_ms: Math.round(median(counted.map(({ ms }) => ms))),
      user_ready_rss_mb: Math.round(median(counted.map(({ mb }) => mb))),
      user_first_ready_ms: Math.round(starts[0]?.ms ?? 0),
    };
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

interface Start {
  ms: number;
  mb: number;
}

async function startOnce(env: Record<string, string>): Promise<Start> {
  const startedAt = performance.now();
  const user = await startService('user', env);
  const ms = performance.now() - startedAt;
  const mb = rssMb(user.pid);
  await user.stop();
  return { ms, mb };
}
