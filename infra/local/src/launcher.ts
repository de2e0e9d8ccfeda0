import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Service } from '@andvari/deploy/services';
import { keepSecret } from '@andvari/servers/keep-secret';
import type { NatsUser } from '@andvari/servers/nats';
import type { ProgramName } from '@andvari/servers/program-name';
import { titles } from '@andvari/servers/programs';
import { endLeftover } from '@andvari/servers/running';
import { makeFolder } from '@andvari/servers/server';
import { Board } from './board.ts';
import { createDatabases, type DatabaseUrls, migrateDatabases } from './databases.ts';
import { followLogs } from './follow-logs.ts';
import { type InfraMode, type Provided, provideInfra } from './infra.ts';
import { infraPart, keepInfra, keepService, type Watch } from './keep-running.ts';
import { natsUrlsOf, natsUsersOf } from './nats-users.ts';
import { assignPorts } from './ports.ts';
import { openProgress } from './progress.ts';
import { type Part, readState, type Topology } from './run-state.ts';
import { seedDemo } from './seed-demo.ts';
import { existing, type Surroundings, secretFile } from './service-environment.ts';
import type { Supervised } from './supervise.ts';
import { unitsOf } from './units.ts';
import { whereToGo } from './where-to-go.ts';

const infraNames: ProgramName[] = ['postgres', 'nats', 'redis'];

export interface LaunchOptions {
  root: string;
  home: string;
  services: Service[];
  mode: InfraMode | undefined;
  topology: Topology;
  ports: 'fixed' | 'free';
  /** The first death of a service ends everything with exit code 1, instead of a restart. */
  once: boolean;
  /** Nobody watches: once all is ready the log is not repeated, only what the launcher itself has to say. */
  background: boolean;
  /** Shows the infrastructure's logs too, not only its warnings. */
  verbose: boolean;
  write: (text: string) => void;
  colour: boolean;
  /** Aborted when it is time to stop. */
  signal: AbortSignal;
}

/**
 * Runs the whole system until it is told to stop: infrastructure, databases, services. Either all of it gets ready, or what was
 * started is stopped again and this throws.
 */
export async function runSystem(options: LaunchOptions): Promise<void> {
  const { root, home, topology, signal, write, colour } = options;
  const logs = join(home, 'logs');
  makeFolder(logs);
  const board = new Board(home, topology);
  const progress = openProgress(write, colour);
  const view = followLogs(write, colour);
  const end = endOf(signal);
  const stopping = new AbortController();
  const watch: Watch = { board, progress, view, signal: stopping.signal, once: options.once, onBroken: end.breakDown };
  const infra: { provided: Provided; part: Part; kept?: Supervised }[] = [];
  const kept: Supervised[] = [];

  try {
    await endLeftovers(home);
    const services = await assignPorts(existing(root, options.services), options.ports);
    board.enter('starting');

    const providing = provideInfra({
      root,
      home,
      mode: options.mode,
      names: infraNames,
      natsUsers: natsUsersOf(services, home),
      report: (step) => progress.say(step),
      onProvided(provided) {
        const part = infraPart(provided);
        infra.push({ provided, part });
        board.add(part);
        if (part.log) view.add(provided.name, part.log, { quiet: !options.verbose });
        const at = part.port === undefined ? '' : ` on 127.0.0.1:${part.port}`;
        progress.say(`${titles[provided.name]} ${provided.version} (${provided.choice})${at}`);
      },
    });
    try {
      await end.unless(progress.step('Starting PostgreSQL, NATS and Redis', () => providing));
    } finally {
      // What is half started must be known before it can be stopped.
      await Promise.allSettled([providing]);
    }
    board.sort(infraNames);
    for (const entry of infra) entry.kept = await keepInfra(entry.provided, entry.part, watch);

    const urls = infraUrls(infra.map(({ provided }) => provided));
    const natsUsers = infra.flatMap(({ provided }) => provided.natsUsers ?? []);
    const around = await end.unless(
      progress.step('Creating databases', () => prepare(root, home, urls, services, natsUsers)),
    );
    const units = unitsOf({ services, topology, root, logs });
    const ready: Promise<void>[] = [];
    for (const unit of units) {
      view.add(unit.name, unit.log, { fromStart: false });
      const service = await keepService(unit, around, watch);
      kept.push(service);
      ready.push(service.ready);
    }
    const names = services.map(({ name }) => name).join(', ');
    if (units.length > 0) await end.unless(progress.step(`Waiting for ${names}`, () => Promise.all(ready)));

    view.flush();
    progress.say(whereToGo(board.state, home, { inBackground: options.background }));
    const people = await end.unless(seedDemo(root, board.state, signal));
    if (people !== '') progress.say(people);
    board.enter('ready');
    if (options.background) view.stop();
    await end.unless(new Promise<never>(() => {}));
  } catch (error) {
    view.flush();
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    stopping.abort();
    if (infra.length > 0) progress.say('Stopping …');
    board.enter('stopping');
    // The way in goes first, so that nobody enters while the rest goes.
    await kept.pop()?.stop();
    await Promise.all(kept.map((service) => service.stop()));
    view.stop();
    await Promise.all(infra.map(({ provided, kept: server }) => (server ?? provided).stop()));
    board.clear();
    if (infra.length > 0) progress.say('Stopped.');
  }
}

class Interrupted extends Error {}

/** The two ways in which work ends early: we are told to stop, or something broke that the whole cannot do without. */
function endOf(signal: AbortSignal) {
  const { promise, reject } = Promise.withResolvers<never>();
  // It may come while nobody waits.
  promise.catch(() => {});
  if (signal.aborted) reject(new Interrupted());
  signal.addEventListener('abort', () => reject(new Interrupted()));
  return {
    breakDown: (why: Error) => reject(why),
    unless: <T>(work: Promise<T>): Promise<T> => Promise.race([promise, work]),
  };
}

/** After a launcher was killed its services go by themselves; this is for those that did not. */
async function endLeftovers(home: string): Promise<void> {
  for (const { pid, mark } of readState(home)?.parts ?? []) {
    if (pid !== undefined && mark !== undefined) await endLeftover(pid, [mark], 'SIGTERM');
  }
}

type InfraUrls = Record<ProgramName, string>;

function infraUrls(provided: Provided[]): InfraUrls {
  const urlOf = (name: ProgramName) => provided.find((one) => one.name === name)?.url ?? '';
  return { postgres: urlOf('postgres'), nats: urlOf('nats'), redis: urlOf('redis') };
}

async function prepare(
  root: string,
  home: string,
  urls: InfraUrls,
  services: Service[],
  natsUsers: readonly NatsUser[],
): Promise<Surroundings> {
  const names = services.flatMap(({ database }) => (database === undefined ? [] : [database]));
  const databases = await createDatabases(urls.postgres, names, home);
  await migrateDatabases(root, services, databases);
  // For the developer's own tools: psql, seedctl, nats.
  writeFileSync(join(home, 'run', 'urls.json'), JSON.stringify({ ...urls, databases: ownersOf(databases) }, null, 2), {
    mode: 0o600,
  });
  return {
    databases,
    natsUrl: natsUrlsOf(urls.nats, natsUsers),
    redisUrl: urls.redis,
    all: services,
    compileCache: join(home, 'compile-cache'),
    secret: (name) => keepSecret(secretFile(home, name), 32),
  };
}

function ownersOf(databases: Record<string, DatabaseUrls>): Record<string, string> {
  return Object.fromEntries(Object.entries(databases).map(([name, { ownerUrl }]) => [name, ownerUrl]));
}
