import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectRunning } from '@andvari/demo/gateway';
import { findTool } from '@andvari/get/find-tool';
import { localPlaces } from '@andvari/seedctl/system';
import { checkoutRoot, dataHome } from '@andvari/servers/data-home';
import { keepPeople, readPeople } from './people.ts';
import { steadyLoad } from './steady.ts';

/**
 * `make load`: Locust against a running system, headless, with its report in .data/load; with RATE, requests at that steady rate
 * instead. Ends with the thresholds: no failure, p99 below half a second, and afterwards all parts of the system agree.
 */
const url = process.env.ANDVARI_URL?.replace(/\/$/, '') ?? whatRunsHere();
const users = process.env.USERS ?? '100';
const time = process.env.TIME ?? '60s';
const accounts = Number(process.env.ACCOUNTS ?? '20');
const MAX_P99_MS = Number(process.env.MAX_P99_MS ?? '500');

const perSecond = Number(process.env.RATE ?? '0');
const symbols = (process.env.SYMBOLS ?? 'AAPL,MSFT,NVDA,AMZN,GOOGL,TSLA,JPM,KO').split(',');

await expectRunning(url);
const home = join(checkoutRoot, '.data/load');
mkdirSync(home, { recursive: true });
const loaded = perSecond > 0 ? await atRate(perSecond) : await withLocust();
process.exitCode = Math.max(loaded, verify());

/** The gateway that the launcher of this checkout runs, whatever port it has. */
function whatRunsHere(): string {
  try {
    return localPlaces(dataHome().path).gateway;
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

async function atRate(rate: number): Promise<number> {
  const people = readPeople(await keepPeople(url, accounts, home));
  const durationMs = Number.parseFloat(time) * (time.endsWith('m') ? 60_000 : 1000);
  const { p99Ms, failures } = await steadyLoad({ url, people, symbols, perSecond: rate, durationMs });
  return within(failures === 0 && p99Ms <= MAX_P99_MS);
}

async function withLocust(): Promise<number> {
  const locust = findTool('locust');
  if (locust === undefined) {
    console.error('Locust is not here. Get a private copy first: make tools');
    return 1;
  }
  const people = await keepPeople(url, accounts, home);
  const { status } = spawnSync(locust, options(), {
    stdio: 'inherit',
    env: { ...process.env, PEOPLE: people, SYMBOLS: symbols.join(',') },
  });
  return report(status);
}

function options(): string[] {
  const file = fileURLToPath(new URL('locustfile.py', import.meta.url));
  const written = { '--csv': join(home, 'load'), '--html': join(home, 'load.html') };
  const named = { '-f': file, '--host': url, '-u': users, '-r': '25', '-t': time, ...written };
  return [...Object.entries(named).flat(), '--headless', '--only-summary'];
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
  return within(status === 0 && failures === 0 && p99 <= MAX_P99_MS);
}

function within(isKept: boolean): number {
  console.log(isKept ? 'Within the thresholds.' : `Beyond the thresholds: no failure, p99 at most ${MAX_P99_MS} ms.`);
  return isKept ? 0 : 1;
}
