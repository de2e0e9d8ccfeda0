import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import type { Readable } from 'node:stream';
import type { SystemUser } from './data-home.ts';

export interface ChildOptions {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  user?: SystemUser | undefined;
  /** Also what the child gets when we die without a word. */
  stopSignal: NodeJS.Signals;
  /** Where stdout and stderr go: an open file, or pipes that `output` reads. */
  output: number | 'pipe';
  /** Whether it can be told things with `tell`. */
  hearsUs?: boolean;
}

export interface Child {
  pid: number;
  /** Resolves with how it ended; never rejects. */
  exited: Promise<string>;
  hasExited(): boolean;
  stdout: Readable | null;
  stderr: Readable | null;
  /** Sends it a message, and answers what it says next. */
  tell(message: string): Promise<unknown>;
  stop(options?: { signal?: NodeJS.Signals; graceMs?: number }): Promise<void>;
}

/**
 * A child in a session of its own, so that Ctrl-C in the terminal reaches only us and we end things in order. It dies with us even
 * on kill -9: the kernel sends it `stopSignal` (Linux), or a tiny shell loop does where the kernel cannot (macOS).
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const bound = isExecutable('/usr/bin/setpriv');
  const command = bound ? '/usr/bin/setpriv' : options.command;
  const bind = bound ? ['--pdeathsig', options.stopSignal.slice(3), '--', options.command] : [];
  const child = spawn(command, [...bind, ...options.args], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', options.output, options.output, ...(options.hearsUs ? (['ipc'] as const) : [])],
    ...(options.user ? { uid: options.user.uid, gid: options.user.gid } : {}),
  });
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${options.command} did not start`);
  if (!bound) watch(pid, options.stopSignal);
  const hasExited = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid,
    exited,
    hasExited,
    stdout: child.stdout,
    stderr: child.stderr,
    async tell(message) {
      const answer = once(child, 'message');
      const silence = exited.then((how) => Promise.reject(new Error(`it ended without an answer: ${how}`)));
      child.send(message);
      const [said] = await Promise.race([answer, silence]);
      return said;
    },
    async stop({ signal = options.stopSignal, graceMs = 10_000 } = {}) {
      if (hasExited()) return;
      child.kill(signal);
      const kill = setTimeout(() => killGroup(child), graceMs);
      await exited;
      clearTimeout(kill);
    },
  };
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function watch(pid: number, signal: NodeJS.Signals): void {
  const loop = `while kill -0 ${pid}; do kill -0 ${process.pid} || { kill -${signal.slice(3)} ${pid}; exit; }; sleep 1; done`;
  spawn('/bin/sh', ['-c', loop], { detached: true, stdio: 'ignore' }).unref();
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a program needs of our environment, and nothing that could bend it (PGPORT, PGDATA, REDIS_URL, NODE_OPTIONS). */
export function plainEnv(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: process.env.HOME, LANG: 'C', LC_ALL: 'C', ...extra };
}
