import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, plainEnv, startChild } from './child.ts';
import type { SystemUser } from './data-home.ts';
import { freePort } from './free-port.ts';
import type { Program } from './programs.ts';
import { endLeftover } from './running.ts';
import { Hopeless, until } from './until.ts';

/** A started piece of infrastructure, as its users see it. */
export interface Server {
  url: string;
  port: number;
  pid: number;
  version: string;
  logFile: string;
  exited: Promise<string>;
  stop(options?: { signal?: NodeJS.Signals; graceMs?: number }): Promise<void>;
}

export interface ServerStart {
  name: string;
  program: Program;
  dataDir: string;
  logFile?: string | undefined;
  port: number | undefined;
  user?: SystemUser | undefined;
  stopSignal: NodeJS.Signals;
  /** Writes what the program reads at start, and says how it is called. */
  args: (port: number) => string[];
  url: (port: number) => string;
  /** True once it does real work for a client, not merely once the port is open. Gives the server's version. */
  answers: (port: number) => Promise<string | undefined>;
  deadlineMs?: number;
}

/** Starts one server of ours on loopback and waits until it answers. A port that was not asked for by number is tried again if lost. */
export async function startServer(start: ServerStart): Promise<Server> {
  const pidFile = join(start.dataDir, 'server.pid');
  await endEarlier(pidFile, start);
  for (let attempt = 1; ; attempt++) {
    const port = start.port ?? (await freePort());
    const logFile = start.logFile ?? join(start.dataDir, 'server.log');
    const child = await launch(start, port, logFile);
    writeFileSync(pidFile, String(child.pid));
    try {
      const version = await until(
        () => {
          if (child.hasExited()) throw new Hopeless(`${start.name} ended at start. Its last words:\n${tail(logFile)}`);
          return start.answers(port);
        },
        {
          deadlineMs: start.deadlineMs ?? 20_000,
          everyMs: 10,
          what: () => `${start.name} does not answer on 127.0.0.1:${port}. Its last words:\n${tail(logFile)}`,
        },
      );
      return {
        url: start.url(port),
        port,
        pid: child.pid,
        version,
        logFile,
        exited: child.exited,
        async stop(options) {
          await child.stop(options);
          rmSync(pidFile, { force: true });
        },
      };
    } catch (error) {
      await child.stop({ graceMs: 1000 });
      const lostPort = start.port === undefined && /in use|could not create any TCP/i.test(tail(logFile));
      if (!lostPort || attempt === 3) throw error;
    }
  }
}

async function launch(start: ServerStart, port: number, logFile: string): Promise<Child> {
  const log = openSync(logFile, 'w', 0o600);
  try {
    return await startChild({
      command: start.program.bin,
      args: start.args(port),
      env: plainEnv(start.program.env),
      cwd: start.dataDir,
      user: start.user,
      stopSignal: start.stopSignal,
      output: log,
    });
  } finally {
    closeSync(log);
  }
}

async function endEarlier(pidFile: string, start: ServerStart): Promise<void> {
  if (!existsSync(pidFile)) return;
  await endLeftover(Number(readFileSync(pidFile, 'utf8')), [start.dataDir], start.stopSignal);
  rmSync(pidFile, { force: true });
}

export function tail(file: string, lines = 12): string {
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}

export function makeFolder(path: string, user?: SystemUser): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (user) chownSync(path, user.uid, user.gid);
}
