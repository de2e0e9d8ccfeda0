import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Service, services } from '@andvari/deploy/services';
import { checkoutRoot, dataHome } from '@andvari/servers/data-home';
import { isRecord } from '@andvari/servers/record';
import { makeFolder, tail } from '@andvari/servers/server';
import { until } from '@andvari/servers/until';
import { followLogs } from './follow-logs.ts';
import { type LaunchOptions, runSystem } from './launcher.ts';
import { oneOf } from './one-of.ts';
import { runCommand } from './run-command.ts';
import { claim, readState, runningLauncher } from './run-state.ts';
import { showStatus } from './show-status.ts';
import { whereToGo } from './where-to-go.ts';

const help = `Starts PostgreSQL, NATS, Redis and every service, and runs until Ctrl-C.

  make up [DETACH=1] [TOPOLOGY=single] [PORTS=free] [ONCE=1] [INFRA=path|private|compose]
  npm run --silent up -- [options]

  --detach               leave it running in the background; make down stops it
  --topology single      all services in one process (default: processes)
  --ports free           any free ports instead of the documented ones
  --once                 stop everything when a service dies (default: start it again after 0.5, 1, 2, 4 and 8 s,
                         then give it up; one that never got ready is tried three times, and then nothing is started)
  --verbose              show the infrastructure's logs too
  --help

Infrastructure: POSTGRES_URL, NATS_URL, REDIS_URL if set; else programs on this machine; else private copies of Debian's
packages under .data; else docker compose. INFRA forces one of the last three.`;

await runCommand(up);

async function up(): Promise<number> {
  const { values } = parseArgs({
    options: {
      detach: { type: 'boolean', default: false },
      topology: { type: 'string', default: 'processes' },
      ports: { type: 'string', default: 'fixed' },
      once: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      root: { type: 'string', default: checkoutRoot },
      background: { type: 'boolean', default: false },
      table: { type: 'string' },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const root = resolve(values.root);
  const { path: home, note } = dataHome(root);
  if (runningLauncher(home) !== undefined) return alreadyRunning(home);
  if (note) console.log(note);
  if (values.detach) return detach(home);

  const lock = claim(home);
  if (!lock) return alreadyRunning(home);
  const stop = stopSignal();
  const colour = process.stdout.isTTY && !process.env.NO_COLOR;
  try {
    await runSystem({
      root,
      home,
      services: values.table === undefined ? services : await loadTable(values.table),
      mode: oneOf('INFRA', process.env.INFRA || undefined, ['path', 'private', 'compose']),
      topology: oneOf('--topology', values.topology, ['processes', 'single']) ?? 'processes',
      ports: oneOf('--ports', values.ports, ['fixed', 'free']) ?? 'fixed',
      once: values.once,
      background: values.background,
      verbose: values.verbose,
      colour,
      signal: stop,
      write: (text) => process.stdout.write(text),
    } satisfies LaunchOptions);
    return 0;
  } finally {
    lock.release();
  }
}

/** Ctrl-C reaches us several times (terminal, make, npm): once is enough, and all of them mean the same ordered end. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => controller.abort());
  // The terminal may be gone before we are.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  return controller.signal;
}

async function alreadyRunning(home: string): Promise<number> {
  const state = await until(
    () => {
      if (runningLauncher(home) === undefined) return 'gone' as const;
      const found = readState(home);
      return found?.phase === 'ready' ? found : undefined;
    },
    { deadlineMs: 90_000, everyMs: 100, what: 'It is running already, but does not get ready' },
  );
  if (state === 'gone') {
    console.error('Another start was under way and ended. See .data/logs, then try again.');
    return 1;
  }
  console.log(`It is running already (pid ${state.pid}).`);
  await showStatus(home);
  console.log(whereToGo(state, home, { inBackground: true }));
  return 0;
}

/** The same program once more, in the background; this one shows its progress until it is ready. */
async function detach(home: string): Promise<number> {
  const logs = join(home, 'logs');
  makeFolder(logs);
  const log = join(logs, 'launcher.log');
  const output = openSync(log, 'w', 0o600);
  const args = process.argv.slice(1).map((arg) => (arg === '--detach' ? '--background' : arg));
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  child.unref();
  let ended = false;
  child.once('exit', () => (ended = true));
  child.once('error', () => (ended = true));
  const view = followLogs((text) => process.stdout.write(text.replaceAll(/^ {24}/gm, '')), false);
  view.add('', log);
  const ready = await until(() => ended || readState(home)?.phase === 'ready' || undefined, {
    deadlineMs: 300_000,
    everyMs: 50,
    what: () => `It does not get ready:\n${tail(log)}`,
  }).finally(() => view.stop());
  if (!ready || ended) return 1;
  console.log('It runs in the background; make down stops it.');
  return 0;
}

/** Another table of services, for the launcher's own tests. */
async function loadTable(path: string): Promise<Service[]> {
  const module: unknown = await import(pathToFileURL(resolve(path)).href);
  if (!isTable(module)) throw new Error(`${path} exports no table "services"`);
  return module.services;
}

function isTable(value: unknown): value is { services: Service[] } {
  return isRecord(value) && Array.isArray(value.services);
}
