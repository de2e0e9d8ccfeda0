import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ownPort } from '@andvari/servers/own-port';
import { onTestFinished } from 'vitest';
import type { RpcClient } from '../src/rpc/client.ts';
import type { EchoService } from './echo-definition.ts';
import { callerKey, echoClient } from './echo-service.ts';

export interface Probe {
  client: RpcClient<typeof EchoService>;
  /** The log so far, one parsed line an entry. */
  log: () => Record<string, unknown>[];
  stderr: () => string;
  /** The status and the text of a path of the admin server; 0 while nobody listens. */
  get: (path: string) => Promise<{ status: number; text: string }>;
  signal: (signal: NodeJS.Signals) => void;
  exited: Promise<{ code: number | null; afterMs: number }>;
}

/** The probe service as a process of its own; killed when the test is over. */
export async function startProbe(env: Record<string, string>, ...args: string[]): Promise<Probe> {
  const [rpcPort, adminPort] = [await ownPort(), await ownPort()];
  const child = spawn(process.execPath, [`${import.meta.dirname}/fixtures/probe-service.ts`, ...args], {
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      CALLER_KEY: callerKey.reveal(),
      GRPC_PORT: String(rpcPort),
      ADMIN_PORT: String(adminPort),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  onTestFinished(() => void child.kill('SIGKILL'));
  let askedAt = performance.now();
  const exited = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    afterMs: performance.now() - askedAt,
  }));
  return {
    client: echoClient(`127.0.0.1:${rpcPort}`, { timeoutMs: 15_000, idempotent: [] }),
    log: () =>
      stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    stderr: () => stderr,
    async get(path) {
      try {
        const response = await fetch(`http://127.0.0.1:${adminPort}${path}`);
        return { status: response.status, text: await response.text() };
      } catch {
        return { status: 0, text: '' };
      }
    },
    signal: (signal) => {
      askedAt = performance.now();
      child.kill(signal);
    },
    exited,
  };
}
