import { setTimeout as pause } from 'node:timers/promises';
import { OPERATOR_TOOL } from '@andvari/deploy/services';
import { Secret } from '@andvari/kit/base/config';
import { noCaller, withContext } from '@andvari/kit/base/context';
import { connectDb } from '@andvari/kit/db/db';
import type { Db } from '@andvari/kit/db/types';
import { type Nats, openNats } from '@andvari/kit/nats/nats';
import { openLog } from '@andvari/kit/observe/log';
import { openMetrics } from '@andvari/kit/observe/metrics';
import { newTraceparent } from '@andvari/kit/observe/tracing';
import { Scope } from '@andvari/kit/process/scope';
import { connectRpc, type RpcClient } from '@andvari/kit/rpc/client';
import type { Definition } from '@andvari/kit/rpc/types';
import { CommandError, type SystemPlaces } from './system.ts';

/** The parts of a system, each connected to when it is first asked for. */
export interface World {
  readonly places: SystemPlaces;
  readonly scope: Scope;
  db(name: string): Db;
  nats(): Promise<Nats>;
  /** Those named are sent again where nothing says whether they were heard. */
  rpc<D extends Definition>(service: string, definition: D, idempotent?: readonly (keyof D)[]): RpcClient<D>;
}

const STATEMENT_TIMEOUT_MS = 120_000;
const COMMAND_TIMEOUT_MS = 3_600_000;

const NATS_PATIENCE_MS = 10_000;

/** Runs work in a world of its own and leaves nothing open behind it. */
export async function inWorld<T>(
  places: SystemPlaces,
  work: (world: World) => Promise<T>,
  { natsPatienceMs = NATS_PATIENCE_MS } = {},
): Promise<T> {
  // What the command says is all that is on the other stream: what it waits for it says itself, in words.
  const scope = new Scope(openLog('seedctl', 'error', process.stderr));
  const metrics = openMetrics('seedctl', { runtime: false });
  const databases = new Map<string, Db>();
  let nats: Promise<Nats> | undefined;
  const world: World = {
    places,
    scope,
    db(name) {
      const known = databases.get(name);
      if (known !== undefined) return known;
      const url = places.databases[name];
      if (url === undefined) throw new CommandError(`this system has no database ${name}`);
      const db = connectDb(url, { service: 'seedctl', maxConnections: 4, statementTimeoutMs: STATEMENT_TIMEOUT_MS });
      scope.defer(`database ${name}`, () => db.end({ timeout: 1 }));
      databases.set(name, db);
      return db;
    },
    nats: () => (nats ??= natsWithin(scope, places.nats, natsPatienceMs)),
    rpc(service, definition, idempotent = []) {
      const place = places.services[service];
      if (place === undefined) throw new CommandError(`this system has no service ${service}`);
      const keys = Object.entries(places.keys).map(([name, key]): [string, Secret] => [name, new Secret(key)]);
      return connectRpc(scope, definition, {
        address: place.address,
        service: OPERATOR_TOOL.name,
        callees: new Map(keys),
        tlsDir: places.tls,
        metrics,
        idempotent,
        timeoutMs: 10_000,
      });
    },
  };
  const context = {
    requestId: 'seedctl',
    caller: noCaller(OPERATOR_TOOL.name),
    deadline: Date.now() + COMMAND_TIMEOUT_MS,
    signal: scope.signal,
    traceparent: newTraceparent(),
  };
  try {
    return await withContext(context, () => work(world));
  } finally {
    await scope.close();
  }
}

/** A service waits for NATS as long as it takes; whoever asks what is wrong wants to hear that this is. */
async function natsWithin(scope: Scope, url: string, patienceMs: number): Promise<Nats> {
  const answered = new AbortController();
  const patience = pause(patienceMs, undefined, { signal: answered.signal }).then(() => {
    throw new CommandError('NATS does not answer: docs/runbooks/nats-down.md');
  });
  try {
    return await Promise.race([openNats(scope, { url: new Secret(url), service: 'seedctl' }), patience]);
  } finally {
    answered.abort();
  }
}
