import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { plainEnv } from './child.ts';
import { databaseUser } from './data-home.ts';
import type { Program } from './programs.ts';
import { endLeftover, isRunning } from './running.ts';
import { makeFolder, type Server, startServer } from './server.ts';

const run = promisify(execFile);

export interface PostgresOptions {
  program: Program;
  /** The cluster lies in `<dataDir>/cluster`; log, password and pid beside it. */
  dataDir: string;
  port?: number | undefined;
  /** Default: in the data folder. Written anew at every start. */
  logFile?: string;
  /** Over the defaults below, for example `{ fsync: 'off' }` in a test. */
  settings?: Record<string, string>;
}

/** PostgreSQL on loopback, created on the first start with a password of its own. What is committed survives: fsync stays on. */
export async function startPostgres(options: PostgresOptions): Promise<Server> {
  const { dataDir, program } = options;
  const user = databaseUser();
  await createCluster(program, dataDir);
  await freeCluster(dataDir);
  const password = readFileSync(join(dataDir, 'password'), 'utf8');
  const url = (port: number) => `postgres://andvari:${password}@127.0.0.1:${port}/postgres`;
  const settings = { ...defaults, ...options.settings };
  return startServer({
    name: 'PostgreSQL',
    program,
    dataDir,
    port: options.port,
    logFile: options.logFile,
    user,
    stopSignal: 'SIGINT',
    args: (port) => [
      '-D',
      join(dataDir, 'cluster'),
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    url,
    answers: (port) => askVersion(url(port)),
    deadlineMs: 60_000,
  });
}

const defaults: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: `${sharedBuffersMb(Math.min(process.constrainedMemory() || Infinity, totalmem()))}MB`,
  max_wal_size: '2GB',
  // The JIT needs 100 MB of LLVM and helps no query of ours; GMT needs no time zone files, which bare containers lack.
  jit: 'off',
  timezone: 'GMT',
  log_timezone: 'GMT',
};

/**
 * A sixteenth of the machine, and a gigabyte at most. It is taken only as pages come in. With 128 MB a bulk load writes each page many times, in
 * the middle of statements, because keys that come in no order touch more pages than fit.
 */
export function sharedBuffersMb(memoryBytes: number): number {
  return Math.min(1024, Math.max(128, Math.floor(memoryBytes / 16 / 2 ** 20)));
}

/** Creates the cluster unless it is there. A half-made one, from a killed first start, is made again. */
export async function createCluster(program: Program, dataDir: string): Promise<void> {
  const complete = join(dataDir, 'complete');
  if (existsSync(complete)) return;
  const user = databaseUser();
  const cluster = join(dataDir, 'cluster');
  makeFolder(dataDir, user);
  rmSync(cluster, { recursive: true, force: true });
  const passwordFile = join(dataDir, 'password');
  writeFileSync(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  await run(
    join(dirname(program.bin), 'initdb'),
    [
      `--pgdata=${cluster}`,
      '--username=andvari',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-locale',
      '--no-sync',
      '--no-instructions',
    ],
    { env: plainEnv(program.env), cwd: dataDir, ...(user ? { uid: user.uid, gid: user.gid } : {}) },
  );
  writeFileSync(complete, program.version);
}

/**
 * A killed server leaves postmaster.pid behind. PostgreSQL refuses to start while a process with that number lives, whatever it is:
 * so end it if it is the server of this very folder, and otherwise remove the file, since no server runs here.
 */
async function freeCluster(dataDir: string): Promise<void> {
  const cluster = join(dataDir, 'cluster');
  const lock = join(cluster, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, 'utf8').split('\n')[0]);
  await endLeftover(pid, ['postgres', cluster], 'SIGINT');
  if (!isRunning(pid, ['postgres', cluster])) rmSync(lock, { force: true });
}

/** Undefined while nobody answers. */
export async function askVersion(url: string): Promise<string | undefined> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} });
  try {
    const [row] = await sql<{ server_version: string }[]>`show server_version`;
    // Debian says more than the number.
    return row?.server_version.split(' ')[0];
  } catch {
    return undefined;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
