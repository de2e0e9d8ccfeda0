import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectRunning } from '@andvari/demo/gateway';
import { makeKey } from '@andvari/demo/people';
import { findTool } from '@andvari/get/find-tool';
import { checkoutRoot } from '@andvari/servers/data-home';

/**
 * `make load`: Locust against a running system, headless, with its report in .data/load. Ends with the thresholds: no
 * failure, p99 below half a second, and afterwards all parts of the system agree. The people and their API keys are made once and used again for a day.
 */
const url = (process.env.ANDVARI_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '');
const users = process.env.USERS ?? '100';
const time = process.env.TIME ?? '60s';
const accounts = Number(process.env.ACCOUNTS ?? '20');
const MAX_P99_MS = Number(process.env.MAX_P99_MS ?? '500');

const locust = findTool('locust');
if (locust === undefined) {
  console.error('Locust is not here. Get a private copy first: make tools');
  process.exit(1);
}
await expectRunning(url);
const home = join(checkoutRoot, '.data/load');
mkdirSync(home, { recursive: true });
const people = join(home, `people-${accounts}.json`);
await keepPeople();

const run = spawnSync(
  locust,
  [
    '-f',
    fileURLToPath(new URL('locustfile.py', import.meta.url)),
    '--host',
    url,
    '--headless',
    '-u',
    users,
    '-r',
    '25',
    '-t',
    time,
    '--csv',
    join(home, 'load'),
    '--html',
    join(home, 'load.html'),
    '--only-summary',
  ],
  { stdio: 'inherit', env: { ...process.env, PEOPLE: people } },
);
process.exitCode = Math.max(report(run.status), verify());

async function keepPeople(): Promise<void> {
  if (existsSync(people)) {
    const { madeAt, url: madeFor } = JSON.parse(readFileSync(`${people}.made`, 'utf8')) as {
      madeAt: number;
      url: string;
    };
    if (Date.now() - madeAt < 80_000_000 && madeFor === url) return;
  }
  console.log(`Making ${accounts} people with money and keys; the limit of sign-ins makes this slow, once …`);
  const made: unknown[] = [];
  for (let at = 0; at < accounts; at += 1) made.push(await makeKey(url, `load-${at}`, '1000000'));
  writeFileSync(people, JSON.stringify(made), { mode: 0o600 });
  writeFileSync(`${people}.made`, JSON.stringify({ madeAt: Date.now(), url }));
}

/** Whether the load left anything that does not agree; of a system elsewhere only its own operators can tell. */
function verify(): number {
  if (process.env.ANDVARI_URL !== undefined) return 0;
  const seedctl = fileURLToPath(new URL('../../tools/seedctl/src/main.ts', import.meta.url));
  return spawnSync(process.execPath, [seedctl, 'verify'], { stdio: 'inherit' }).status ?? 1;
}

/** Locust’s own last line of its statistics: everything together. */
function report(status: number | null): number {
  const [header = '', ...rows] = readFileSync(join(home, 'load_stats.csv'), 'utf8').trim().split('\n');
  const names = header.split(',').map((name) => name.replaceAll('"', ''));
  const all = rows.at(-1)?.split(',') ?? [];
  const figure = (name: string): number => Number(all[names.indexOf(name)] ?? Number.NaN);
  const [failures, p99] = [figure('Failure Count'), figure('99%')];
  console.log(
    `\n${users} users, ${time}: ${figure('Requests/s').toFixed(1)} requests/s, ${failures} failures, p50 ${figure('50%')} ms, p99 ${p99} ms; report in .data/load/load.html`,
  );
  const kept = status === 0 && failures === 0 && p99 <= MAX_P99_MS;
  console.log(kept ? 'Within the thresholds.' : `Beyond the thresholds: no failure, p99 at most ${MAX_P99_MS} ms.`);
  return kept ? 0 : 1;
}
