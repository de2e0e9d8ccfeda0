import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkoutRoot, dataHome, type SystemUser } from '@andvari/servers/data-home';
import { ownPort } from '@andvari/servers/own-port';
import { commandLine } from '@andvari/servers/running';
import { until } from '@andvari/servers/until';
import type { Service } from '../../../deploy/services.ts';
import type { RunState } from '../src/run-state.ts';
import { readState } from '../src/run-state.ts';

/** A checkout with two tiny services instead of the real ones, and the real launcher run on it as a process. */
export interface FakeSystem {
  root: string;
  home: string;
  services: Service[];
  up(...args: string[]): Launched;
  run(command: 'up' | 'down' | 'reset' | 'status', ...args: string[]): { code: number | null; output: string };
  state(): RunState | undefined;
  /** Those of its processes that live. */
  alive(): string[];
  remove(): void;
}

export interface Launched {
  pid: number;
  output(): string;
  ready(): Promise<void>;
  says(words: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  exit: Promise<number | null>;
}

export async function fakeSystem(
  names = ['alpha', 'beta'],
  options: { root?: string; user?: SystemUser } = {},
): Promise<FakeSystem> {
  const root = options.root ?? mkdtempSync(join(tmpdir(), 'andvari-launcher-'));
  chmodSync(root, 0o755);
  const services: Service[] = [];
  for (const name of names) {
    const database = name === 'alpha' ? { database: 'alpha_db' } : {};
    const [port, adminPort] = [await ownPort(), await ownPort()];
    services.push({
      name,
      port,
      adminPort,
      protocol: 'grpc',
      nats: true,
      redis: false,
      calls: ['alpha'],
      secrets: [],
      ...database,
    });
    put(join(root, 'services', name, 'src/main.ts'), fakeMain);
    put(join(root, 'services', name, 'src/config.ts'), 'export const readConfig = (env) => env;\n');
  }
  put(join(root, 'packages/kit/src/process/scope.ts'), fakeRun);
  put(join(root, 'table.ts'), `export const services = ${JSON.stringify(services)};\n`);
  const home = dataHome(root).path;
  const programs = join(dataHome(checkoutRoot).path, 'programs');
  mkdirSync(programs, { recursive: true });
  symlinkSync(programs, join(home, 'programs'));
  const { user } = options;
  const as = user ? { uid: user.uid, gid: user.gid } : {};
  if (user) spawnSync('chown', ['-hR', `${user.uid}:${user.gid}`, root]);

  const argsOf = (command: string, args: string[]) => [
    resolve(import.meta.dirname, `../src/${command}.ts`),
    '--root',
    root,
    ...(command === 'up' ? ['--table', join(root, 'table.ts')] : []),
    ...args,
  ];
  const pids: number[] = [];
  return {
    root,
    home,
    services,
    up(...args) {
      const child = spawn(process.execPath, argsOf('up', args), {
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
        ...as,
      });
      pids.push(child.pid ?? 0);
      return launched(child);
    },
    run(command, ...args) {
      const { status, stdout, stderr } = spawnSync(process.execPath, argsOf(command, args), {
        encoding: 'utf8',
        timeout: 60_000,
        ...as,
      });
      return { code: status, output: stdout + stderr };
    },
    state: () => readState(home),
    alive: () => [...processesNaming(root), ...processesNaming(home)],
    remove() {
      for (const pid of pids) if (commandLine(pid)?.includes(root)) process.kill(pid, 'SIGTERM');
      for (const folder of [root, home]) {
        rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
      }
    },
  };
}

function launched(child: ChildProcess): Launched {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exit = new Promise<number | null>((done) => child.once('exit', done));
  const says = (words: string) =>
    until(() => output.includes(words) || undefined, {
      deadlineMs: 25_000,
      what: () => `The launcher does not say "${words}" but:\n${output}`,
    }).then(() => {});
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ready: () => says('Ready:'),
    says,
    signal: (name) => void child.kill(name),
    exit,
  };
}

/** Linux only, as the suite is: every process whose command line names the folder. */
export function processesNaming(folder: string): string[] {
  const listing = spawnSync('sh', ['-c', 'grep -lsF -e "$1" /proc/[0-9]*/cmdline', 'sh', folder], { encoding: 'utf8' });
  return listing.stdout
    .split('\n')
    .map((path) => Number(path.split('/')[2]))
    .filter((pid) => pid > 0 && existsSync(`/proc/${pid}`))
    .map((pid) => `${pid} ${commandLine(pid) ?? ''}`)
    .filter((line) => line.includes(folder) && !line.includes('grep'));
}

export function logOf(system: FakeSystem, name: string): string {
  return readFileSync(join(system.home, 'logs', `${name}.log`), 'utf8');
}

function put(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

const fakeMain = `
import { createServer } from 'node:http';

const log = (name, msg, more = {}) =>
  process.stdout.write(JSON.stringify({ level: 'info', time: new Date().toISOString(), service: name, msg, ...more }) + '\\n');

export async function start(scope, env) {
  const name = new URL(import.meta.url).pathname.split('/').at(-3);
  const server = createServer((request, response) => {
    if (request.url === '/crash') { process.stderr.write('boom in ' + name + '\\n'); process.exit(1); }
    if (request.url === '/env') { response.end(JSON.stringify(env)); return; }
    response.end('ok');
  });
  await new Promise((resolve) => server.listen(Number(env.ADMIN_PORT), '127.0.0.1', resolve));
  log(name, 'serving', { port: Number(env.GRPC_PORT) });
  scope.defer(() => { log(name, 'leaving'); server.close(); server.closeAllConnections(); });
}

if (import.meta.main) {
  const releases = [];
  process.on('SIGTERM', () => { for (const release of releases.reverse()) release(); process.exit(0); });
  await start({ defer: (release) => releases.push(release) }, process.env);
}
`;

const fakeRun = `
export async function runProcess(name, readConfig, start) {
  const releases = [];
  process.on('SIGTERM', () => { for (const release of releases.reverse()) release(); process.exit(0); });
  await start({ defer: (release) => releases.push(release) });
}
`;
