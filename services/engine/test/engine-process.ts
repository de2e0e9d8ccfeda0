import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ownPort } from '@andvari/servers/own-port';

/** The service as a real process, so that it can be killed. */
export interface EngineProcess {
  readonly child: ChildProcess;
  readonly adminPort: number;
  readonly output: () => string;
  isLeader(): Promise<boolean>;
  kill(signal?: NodeJS.Signals): Promise<number | null>;
}

const MAIN = join(import.meta.dirname, '../src/main.ts');

export async function startEngine(natsUrl: string, env: Record<string, string> = {}): Promise<EngineProcess> {
  const adminPort = await ownPort();
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ENVIRONMENT: 'test',
      GRPC_PORT: '0',
      ADMIN_PORT: String(adminPort),
      NATS_URL: natsUrl,
      CALLER_KEY: 'a key that only tests use, 32 characters and more',
      MARKET_MAKER: 'false',
      LOG_LEVEL: 'info',
      ...env,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  return {
    child,
    adminPort,
    output: () => output,
    async isLeader() {
      const response = await fetch(`http://127.0.0.1:${adminPort}/metrics`).catch(() => undefined);
      return (await response?.text())?.match(/^engine_leader\{[^}]*\} (\d)/m)?.[1] === '1';
    },
    kill(signal = 'SIGKILL') {
      child.kill(signal);
      return ended;
    },
  };
}
