import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { canEnter, checkoutRoot, databaseUser, dataHome } from './data-home.ts';
import { startNats } from './nats.ts';
import { createCluster, startPostgres } from './postgres.ts';
import { type Program, type ProgramOrigin, requirePrograms } from './programs.ts';
import { startRedis } from './redis.ts';
import { commandLine } from './running.ts';
import type { Server } from './server.ts';

export interface TestInfra {
  /** A superuser on the database `postgres`. */
  postgresUrl: string;
  natsUrl: string;
  redisUrl: string;
  stop(): Promise<void>;
}

/**
 * PostgreSQL, NATS with JetStream and Redis of one's own, empty, on free ports, gone with the process that asked even when it is
 * killed. For tests only: nothing here survives a power failure.
 */
export async function startTestInfra(options: { root?: string; only?: ProgramOrigin } = {}): Promise<TestInfra> {
  const { home, programs, folder } = await prepare(options);
  const started = await Promise.allSettled([
    startPostgresIn(programs.postgres, home, join(folder, 'postgres')),
    startNats({ program: programs.nats, dataDir: join(folder, 'nats'), sync: false }),
    startRedis({ program: programs.redis, dataDir: join(folder, 'redis') }),
  ]);
  const stop = async () => {
    // What they hold is thrown away, so nobody has to tidy up first.
    const running = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    await Promise.all(running.map((server, i) => server.stop({ signal: i === 0 ? 'SIGQUIT' : 'SIGKILL' })));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  const [postgres, nats, redis] = started;
  if (postgres.status === 'fulfilled' && nats.status === 'fulfilled' && redis.status === 'fulfilled') {
    return { postgresUrl: postgres.value.url, natsUrl: nats.value.url, redisUrl: redis.value.url, stop };
  }
  await stop();
  throw started.find((result) => result.status === 'rejected')?.reason;
}

/** A PostgreSQL beside the one of all: for databases whose names others use as well. */
export async function startTestPostgres(): Promise<Pick<TestInfra, 'postgresUrl' | 'stop'>> {
  const { home, programs, folder } = await prepare({});
  const server = await startPostgresIn(programs.postgres, home, join(folder, 'postgres'));
  return {
    postgresUrl: server.url,
    async stop() {
      await server.stop({ signal: 'SIGQUIT' });
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

async function prepare(options: { root?: string; only?: ProgramOrigin }) {
  const { path: home } = dataHome(options.root ?? checkoutRoot);
  const only = options.only ?? originFrom(process.env.INFRA);
  const programs = await requirePrograms({ home, ...(only && { only }), report: (step) => console.error(step) });
  sweep();
  return { home, programs, folder: temporaryFolder() };
}

const copy = promisify(execFile);

/** initdb takes over a second, a copy of its result a tenth: the first caller makes the template, the others copy. */
async function startPostgresIn(program: Program, home: string, dataDir: string): Promise<Server> {
  const template = join(home, 'test', `postgres-${program.version}-${program.origin}`);
  if (!existsSync(template)) {
    mkdirSync(join(home, 'test'), { recursive: true });
    const fresh = `${template}.${process.pid}.${performance.now()}`;
    await createCluster(program, fresh);
    try {
      renameSync(fresh, template);
    } catch {
      // Someone else was quicker.
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  await copy('cp', ['-a', template, dataDir]);
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'on' };
  return startPostgres({ program, dataDir, settings });
}

const prefix = 'andvari-test-';

function temporaryFolder(): string {
  const user = databaseUser();
  const base = user && !canEnter(tmpdir(), user) ? '/var/tmp' : tmpdir();
  const folder = mkdtempSync(join(base, `${prefix}${process.pid}-`));
  if (user) chmodSync(folder, 0o711);
  return folder;
}

/** Removes what killed test runs left: folders of ours whose process is gone. */
function sweep(): void {
  for (const base of new Set([tmpdir(), '/var/tmp'])) {
    if (!existsSync(base)) continue;
    for (const entry of readdirSync(base).filter((name) => name.startsWith(prefix))) {
      const path = join(base, entry);
      const pid = Number(entry.slice(prefix.length).split('-')[0]);
      try {
        if (commandLine(pid) === undefined && statSync(path).uid === process.getuid?.()) {
          rmSync(path, { recursive: true, force: true });
        }
      } catch {
        // Another run swept it at the same moment.
      }
    }
  }
}

function originFrom(value: string | undefined): ProgramOrigin | undefined {
  return value === 'path' || value === 'private' ? value : undefined;
}
