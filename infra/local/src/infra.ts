import { join } from 'node:path';
import { preferPort } from '@andvari/servers/free-port';
import { askNatsVersion, type NatsUser, startNats } from '@andvari/servers/nats';
import { askVersion, startPostgres } from '@andvari/servers/postgres';
import type { ProgramName } from '@andvari/servers/program-name';
import { findPrograms, missingMessage, type Program, titles, urls } from '@andvari/servers/programs';
import { askRedisVersion, startRedis } from '@andvari/servers/redis';
import { makeFolder, type Server } from '@andvari/servers/server';
import { composeAnswers, startCompose } from './compose.ts';

export type InfraMode = 'path' | 'private' | 'compose';

/** One of the three, ready for use. Those not started by us have no pid, and stopping them does nothing. */
export interface Provided {
  name: ProgramName;
  url: string;
  version: string;
  /** Where it came from, in words for the one who started it. */
  choice: string;
  server?: Server;
  /** Whom NATS knows besides, where it is ours. */
  natsUsers?: readonly NatsUser[];
  /** Starts ours again after it died: same port, same data. */
  again?: () => Promise<Server>;
  stop(): Promise<void>;
}

export interface InfraOptions {
  root: string;
  home: string;
  mode?: InfraMode | undefined;
  names: ProgramName[];
  /** Whom our own NATS shall know besides the one that may do everything. */
  natsUsers?: readonly NatsUser[];
  report: (step: string) => void;
  /** Told about each as soon as it runs, so that it can be stopped when a later one fails. */
  onProvided: (provided: Provided) => void;
}

/** Each from its URL in the environment, else from a program of this machine, else from a private copy, else in a container. */
export async function provideInfra(options: InfraOptions): Promise<void> {
  const { names, mode, onProvided } = options;
  const given = mode === undefined ? names.filter((name) => process.env[urls[name]]) : [];
  const rest = names.filter((name) => !given.includes(name));
  const { found, trouble } =
    mode === 'compose'
      ? { found: {}, trouble: [] }
      : await findPrograms(rest, { home: options.home, report: options.report, ...(mode && { only: mode }) });
  const programs: Partial<Record<ProgramName, Program>> = found;
  const missing = rest.filter((name) => programs[name] === undefined);
  if (missing.length > 0) {
    const allowed = mode === undefined || mode === 'compose';
    if (!allowed || !(await composeAnswers())) {
      if (mode === 'compose') trouble.push('INFRA=compose was asked for, and no Docker engine answers');
      const variables = missing.map((name) => urls[name]).join(', ');
      throw new Error(missingMessage(missing, trouble, `or start Docker, or say where they are: ${variables}.`));
    }
  }
  const work = given.map(async (name) => onProvided(await connectGiven(name)));
  for (const name of rest) {
    const program = programs[name];
    if (program) work.push(startOwn(name, program, options).then(onProvided));
  }
  if (missing.length > 0) work.push(startContainers(missing, options));
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

const ask: Record<ProgramName, (url: string) => Promise<string | undefined>> = {
  postgres: askVersion,
  nats: askNatsVersion,
  redis: askRedisVersion,
};

async function connectGiven(name: ProgramName): Promise<Provided> {
  const url = process.env[urls[name]] ?? '';
  const version = await ask[name](url);
  if (version === undefined) {
    throw new Error(
      `${urls[name]} is set, but no ${titles[name]}${name === 'nats' ? ' with JetStream' : ''} answers there. Correct it, or unset it to have one started.`,
    );
  }
  return { name, url, version, choice: `given by ${urls[name]}`, stop: async () => {} };
}

const preferredPorts: Record<ProgramName, number> = { postgres: 15432, nats: 14222, redis: 16379 };

async function startOwn(
  name: ProgramName,
  program: Program,
  { home, natsUsers = [] }: InfraOptions,
): Promise<Provided> {
  const logs = join(home, 'logs');
  makeFolder(logs);
  const logFile = join(logs, `${name}.log`);
  // A cluster of one major version cannot be opened by the next.
  const folder = name === 'postgres' ? `postgres-${program.version.split('.')[0]}` : name;
  const dataDir = join(home, folder);
  const start = (port: number) => starters[name]({ program, dataDir, logFile, port, users: natsUsers });
  let server = await start(await preferPort(preferredPorts[name]));
  const choice = program.origin === 'path' ? program.bin : `private copy ${program.bin}`;
  return {
    name,
    url: server.url,
    version: server.version,
    choice,
    server,
    ...(name === 'nats' && { natsUsers }),
    async again() {
      server = await start(server.port);
      return server;
    },
    stop: () => server.stop(),
  };
}

const starters: Record<ProgramName, (options: Parameters<typeof startNats>[0]) => Promise<Server>> = {
  postgres: startPostgres,
  nats: startNats,
  redis: startRedis,
};

async function startContainers(names: ProgramName[], options: InfraOptions): Promise<void> {
  options.report(`Starting ${names.map((name) => titles[name]).join(', ')} in containers`);
  const containers = await startCompose({ ...options, names });
  for (const [i, name] of names.entries()) {
    const url = containers.urls[name] ?? '';
    const version = (await ask[name](url)) ?? 'unknown';
    // One stop ends all the containers.
    options.onProvided({
      name,
      url,
      version,
      choice: 'docker compose',
      ...(name === 'nats' && { natsUsers: options.natsUsers ?? [] }),
      stop: async () => (i === 0 ? containers.stop() : undefined),
    });
  }
}
