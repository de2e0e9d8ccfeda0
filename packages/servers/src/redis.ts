import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepSecret } from './keep-secret.ts';
import { converse } from './line-client.ts';
import { atLeast } from './nats.ts';
import type { Program } from './programs.ts';
import { makeFolder, type Server, startServer } from './server.ts';

export interface RedisOptions {
  program: Program;
  dataDir: string;
  port?: number | undefined;
  /** Default: in the data folder. Written anew at every start. */
  logFile?: string;
}

/** Redis on loopback as a cache: nothing is written to disk, a restart begins empty. */
export async function startRedis(options: RedisOptions): Promise<Server> {
  const { dataDir, program } = options;
  makeFolder(dataDir);
  const password = keepSecret(join(dataDir, 'password'));
  const config = join(dataDir, 'server.conf');
  const url = (port: number) => `redis://:${password}@127.0.0.1:${port}`;
  return startServer({
    name: 'Redis',
    program,
    dataDir,
    port: options.port,
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
    args: (port) => {
      // Looking for keys that have expired ten times a second is what an idle Redis does; one that is asked for is never found too late.
      const lines = ['bind 127.0.0.1', `port ${port}`, `requirepass ${password}`, `dir ${dataDir}`, 'hz 2'];
      // Keeps the folder visible in the command line, by which a leftover of a killed run is recognised.
      const title = atLeast(program.version, 6, 2) ? ['set-proc-title no'] : [];
      writeFileSync(config, `${[...lines, ...title, 'save ""', 'appendonly no'].join('\n')}\n`, { mode: 0o600 });
      return [config];
    },
    url,
    answers: (port) => askRedisVersion(url(port)),
  });
}

export async function askRedisVersion(url: string): Promise<string | undefined> {
  const { hostname, port, username, password } = new URL(url);
  const login = [username, password].filter(Boolean).map(decodeURIComponent);
  const say = `${login.length > 0 ? `AUTH ${login.join(' ')}\r\n` : ''}INFO server\r\n`;
  const heard = await converse(Number(port || 6379), say, (text) => /redis_version:.*\r\n|^-/m.test(text), {
    host: hostname,
  });
  return /redis_version:(\S+)/.exec(heard ?? '')?.[1];
}
