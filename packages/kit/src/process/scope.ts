import { flushCompileCache } from 'node:module';
import { ConfigError } from '../base/config.ts';
import type { Log } from '../observe/log.ts';
import { openLog } from '../observe/log.ts';

/**
 * A stack of releases: whatever acquires something says in the next line how it is let go, and the last acquired is
 * the first released. `signal` aborts when the shutdown begins, before anything is released.
 */
export class Scope {
  readonly signal: AbortSignal;
  readonly log: Log;
  /** The process is there to bring its database to the newest schema, and ends when it has. */
  readonly migrateOnly: boolean;
  readonly #controller = new AbortController();
  readonly #releases: { name: string; release: () => unknown }[] = [];
  #closing: Promise<CloseResult> | undefined;

  constructor(log: Log, options: { migrateOnly?: boolean } = {}) {
    this.log = log;
    this.migrateOnly = options.migrateOnly ?? false;
    this.signal = this.#controller.signal;
  }

  defer(name: string, release: () => unknown): void {
    this.#releases.push({ name, release });
  }

  /** Releases everything, whatever single releases do; what is not done at the deadline is left and named. */
  close(deadlineMs = 10_000): Promise<CloseResult> {
    this.#closing ??= this.#close(Date.now() + deadlineMs);
    return this.#closing;
  }

  async #close(deadline: number): Promise<CloseResult> {
    this.#controller.abort(new Error('shutting down'));
    const failed: string[] = [];
    for (let next = this.#releases.pop(); next !== undefined; next = this.#releases.pop()) {
      const { name, release } = next;
      try {
        await within(Promise.resolve(release()), Math.max(deadline - Date.now(), 100));
      } catch (error) {
        failed.push(name);
        this.log.error({ event: 'release_failed', err: error, part: name }, 'could not be released cleanly');
      }
    }
    return { failed };
  }
}

export interface CloseResult {
  failed: string[];
}

export const exitCodes = { ok: 0, failed: 1, badConfiguration: 78 } as const;

/** Thrown by a start that was asked to migrate and nothing else. */
export class Migrated extends Error {}

/**
 * Runs a service as a process: reads its configuration, starts it, waits for SIGTERM or SIGINT, shuts down in order and
 * exits. A second signal gives up waiting. `--check-config` ends after the first step, `--migrate-only` after the
 * migrations.
 */
export async function runProcess<C>(
  name: string,
  readConfig: (env: NodeJS.ProcessEnv) => C,
  start: (scope: Scope, config: C) => Promise<unknown>,
): Promise<void> {
  const config = configOrExit(readConfig);
  const log = openLog(name);
  const scope = new Scope(log, { migrateOnly: process.argv.includes('--migrate-only') });
  let shuttingDown = false;

  const shutDown = async (why: string, code: number): Promise<void> => {
    if (shuttingDown) {
      log.warn({ event: 'stop_forced', why }, 'second request to stop: leaving at once');
      process.exit(exitCodes.failed);
    }
    shuttingDown = true;
    log.info({ event: 'shutdown_started', why }, 'shutting down');
    const { failed } = await scope.close();
    log.info({ event: 'stopped', failed }, 'stopped');
    process.exit(failed.length > 0 ? exitCodes.failed : code);
  };

  process.on('SIGTERM', () => void shutDown('SIGTERM', exitCodes.ok));
  process.on('SIGINT', () => void shutDown('SIGINT', exitCodes.ok));
  process.on('uncaughtException', (error) => {
    log.fatal({ event: 'uncaught_exception', err: error }, 'uncaught exception');
    void shutDown('uncaught exception', exitCodes.failed);
  });
  process.on('unhandledRejection', (error) => {
    log.fatal({ event: 'unhandled_rejection', err: error }, 'unhandled rejection');
    void shutDown('unhandled rejection', exitCodes.failed);
  });

  try {
    await start(scope, config);
    // Kept now, for whoever is killed keeps nothing at the end.
    flushCompileCache();
  } catch (error) {
    if (shuttingDown) return;
    if (error instanceof Migrated) return shutDown('migrated', exitCodes.ok);
    log.fatal({ event: 'start_failed', err: error }, 'could not start');
    const { badConfiguration, failed } = exitCodes;
    await shutDown('failed start', error instanceof ConfigError ? badConfiguration : failed);
  }
}

function configOrExit<C>(readConfig: (env: NodeJS.ProcessEnv) => C): C {
  try {
    const config = readConfig(process.env);
    if (!process.argv.includes('--check-config')) return config;
    process.stdout.write('The configuration is right.\n');
    process.exit(exitCodes.ok);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(exitCodes.badConfiguration);
  }
}

/** Rejects when `promise` takes longer; the work itself is not stopped by that. */
export async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
