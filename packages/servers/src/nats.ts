import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { keepSecret } from './keep-secret.ts';
import { converse } from './line-client.ts';
import type { Program } from './programs.ts';
import { parseRecord } from './record.ts';
import { makeFolder, type Server, startServer } from './server.ts';

export interface NatsOptions {
  program: Program;
  /** The JetStream store lies in `<dataDir>/jetstream`. */
  dataDir: string;
  port?: number | undefined;
  /** Default: in the data folder. Written anew at every start. */
  logFile?: string;
  /** Default true: on a server that can (2.10), every acknowledged message is on the disk before the acknowledgement. */
  sync?: boolean;
  /** Besides the one that may do everything. */
  users?: readonly NatsUser[] | undefined;
}

export interface NatsUser {
  user: string;
  password: string;
  /** Subjects that it may publish to and subscribe to, and no others. */
  permissions: { publish: readonly string[]; subscribe: readonly string[] };
}

/**
 * NATS with JetStream on loopback. The URL carries user and password (`nats://andvari:…@127.0.0.1:4222`); the Node client does not
 * read them from there by itself: give them as `user` and `pass`.
 */
export async function startNats(options: NatsOptions): Promise<Server> {
  const { dataDir, program } = options;
  makeFolder(dataDir);
  const password = keepSecret(join(dataDir, 'password'));
  const config = join(dataDir, 'server.conf');
  const url = (port: number) => `nats://andvari:${password}@127.0.0.1:${port}`;
  return startServer({
    name: 'NATS',
    program: { ...program, env: { ...program.env, GOMAXPROCS: String(processors()) } },
    dataDir,
    port: options.port,
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
    args: (port) => {
      const sync = options.sync !== false && atLeast(program.version, 2, 10) ? 'sync_interval: always' : '';
      const text = `
        host: 127.0.0.1
        port: ${port}
        server_name: andvari-local
        max_payload: 1MB
        jetstream { store_dir: ${JSON.stringify(dataDir)}, ${sync} }
        authorization { users: ${natsUsers(password, options.users)} }
      `;
      writeFileSync(config, text.replaceAll(/^ +/gm, '').trimStart(), { mode: 0o600 });
      return ['--config', config];
    },
    url,
    answers: (port) => askNatsVersion(url(port)),
  });
}

/**
 * Here it shares the machine with everything else. With a thread for every processor a message wakes one after the other, which costs
 * NATS a quarter, and those whom they drive off their processors a twentieth; one carries several thousand orders a second.
 */
function processors(): number {
  return Math.max(1, Math.floor(availableParallelism() / 4));
}

/** As the server's configuration has them: the one that may do everything, and those that may not. */
export function natsUsers(password: string, users: readonly NatsUser[] = []): string {
  const others = users.map(({ user, password: theirs, permissions: { publish, subscribe } }) => ({
    user,
    password: theirs,
    permissions: { publish: { allow: publish }, subscribe: { allow: subscribe } },
  }));
  return JSON.stringify([{ user: 'andvari', password }, ...others]);
}

/** The same server for somebody else. */
export function natsUrlFor(url: string, { user, password }: Pick<NatsUser, 'user' | 'password'>): string {
  const theirs = new URL(url);
  theirs.username = user;
  theirs.password = password;
  return theirs.href;
}

/** The version of a server that takes our credentials and has JetStream; undefined while nobody answers. */
export async function askNatsVersion(url: string): Promise<string | undefined> {
  const { hostname, port, username, password } = new URL(url);
  const login = JSON.stringify({
    verbose: false,
    pedantic: false,
    ...(username && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
  });
  const heard = await converse(
    Number(port || 4222),
    `CONNECT ${login}\r\nPING\r\n`,
    (text) => /^(PONG|-ERR)/m.test(text),
    { host: hostname },
  );
  if (heard === undefined || !/^PONG/m.test(heard)) return undefined;
  const info = /^INFO (\{.*\})/m.exec(heard)?.[1];
  if (info === undefined) return undefined;
  const server = parseRecord(info);
  return server?.jetstream === true && typeof server.version === 'string' ? server.version : undefined;
}

export function atLeast(version: string, major: number, minor: number): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}
