import { setTimeout as pause } from 'node:timers/promises';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import type { Secret } from '../base/config.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Health } from '../process/health.ts';
import type { Scope } from '../process/scope.ts';
import { untilAnswered } from '../process/until-answered.ts';
import { WindowPublisher } from './window-publisher.ts';

export interface NatsOptions {
  /** `nats://user:password@host:port`, several hosts with commas between. */
  url: Secret;
  service: string;
  /** Given by who cannot answer a request without NATS; with an outbox, a service goes on and is ready. */
  health?: Health;
  metrics?: Metrics;
}

export interface Nats {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** For publishing many messages at once. */
  readonly acks: WindowPublisher;
  /** Of the server connected to at the start. */
  readonly version: string;
  has(feature: ServerFeature): boolean;
  /** Aborts when the connection that is up now goes down; aborted already while none is up. */
  session(): AbortSignal;
  /** Resolves when a connection is up. */
  connected(signal: AbortSignal): Promise<void>;
}

/**
 * A connection to NATS with JetStream. Waits for the server at the start and says so; afterwards it reconnects as long as
 * the service lives.
 */
export async function openNats(scope: Scope, options: NatsOptions): Promise<Nats> {
  const address = addressOf(options.url.reveal(), options.service);
  const connection = await untilAnswered(scope, 'NATS', () =>
    connect({ ...settings, ...address, name: options.service }),
  );
  scope.defer('nats', () => close(connection));
  const version = serverVersion(connection);
  const session = watchSession(scope, connection, options.metrics);
  const jsm = await untilAnswered(scope, 'JetStream', () => jetstreamManager(connection));
  options.health?.check('nats', async () => {
    if (session.current().aborted) throw new Error('not connected');
    await jsm.getAccountInfo();
  });
  return {
    connection,
    js: jetstream(connection),
    jsm,
    acks: new WindowPublisher(connection, address.inboxPrefix),
    version,
    has: (feature) => atLeast(version, since[feature]),
    session: session.current,
    async connected(signal) {
      while (session.current().aborted) {
        signal.throwIfAborted();
        if (connection.isClosed()) throw new Error('the connection to NATS is closed');
        await pause(20, undefined, { signal });
      }
    },
  };
}

const settings = {
  reconnect: true,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 200,
  reconnectJitter: 400,
  // Credentials may be rotated while we run: refused is not the end.
  ignoreAuthErrorAbort: true,
  pingInterval: 10_000,
  maxPingOut: 2,
  timeout: 5000,
  // An Error object for every request made would cost more than the request.
  noAsyncTraces: true,
} satisfies NodeConnectionOptions;

/** What newer servers can do. An older one silently ignores an option it does not know. */
export type ServerFeature = 'several_filters' | 'sync_interval' | 'message_ttl' | 'atomic_batch';
const since: Record<ServerFeature, readonly [number, number]> = {
  several_filters: [2, 10],
  sync_interval: [2, 10],
  message_ttl: [2, 11],
  atomic_batch: [2, 12],
};
const OLDEST = [2, 9] as const;

export function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ours = 0, minorOurs = 0] = version.split('.').map(Number);
  return ours > major || (ours === major && minorOurs >= minor);
}

export function assertServerVersion(version: string): void {
  if (!atLeast(version, OLDEST)) throw new Error(`NATS ${version} is too old: ${OLDEST.join('.')} or newer is needed`);
}

function serverVersion(connection: NatsConnection): string {
  const version = connection.info?.version ?? '0.0.0';
  assertServerVersion(version);
  return version;
}

/** The client takes neither user nor password from a URL. */
function addressOf(url: string, service: string) {
  const addresses = url.split(',').map((part) => new URL(part.includes('://') ? part : `nats://${part}`));
  const { username, password } = addresses[0] ?? new URL('nats://127.0.0.1:4222');
  return {
    // Answers come to an inbox that only this user may listen to.
    inboxPrefix: `_INBOX.${username === '' ? service : decodeURIComponent(username)}`,
    servers: addresses.map(({ hostname, port }) => `${hostname}:${port || '4222'}`),
    ...(username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
  };
}

function watchSession(scope: Scope, connection: NatsConnection, metrics?: Metrics): { current: () => AbortSignal } {
  let session = new AbortController();
  metrics?.gauge('nats_connected', 'Whether a connection to NATS is up', [], (gauge) =>
    gauge.set(session.signal.aborted ? 0 : 1),
  );
  const reconnects = metrics?.counter('nats_reconnects_total', 'Connections to NATS made anew');
  const lost = () => session.abort(new Error('the connection to NATS was lost'));
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect' || status.type === 'close') {
        if (!session.signal.aborted && !connection.isClosed())
          scope.log.warn({ event: 'nats_lost' }, 'the connection to NATS was lost');
        lost();
      } else if (status.type === 'reconnect') {
        scope.log.info({ event: 'nats_back', server: status.server }, 'connected to NATS again');
        reconnects?.inc();
        session = new AbortController();
      } else if (status.type === 'error') {
        scope.log.warn({ event: 'nats_error', err: status.error }, 'NATS reports an error');
      } else if (status.type === 'slowConsumer') {
        scope.log.warn(
          { event: 'subscription_lags', subject: status.sub.getSubject(), waiting: status.pending },
          'a subscription lags behind',
        );
      }
    }
    lost();
  })();
  return { current: () => session.signal };
}

async function close(connection: NatsConnection): Promise<void> {
  if (connection.isClosed()) return;
  // Draining waits for the server's answer, which does not come while it is away.
  await Promise.race([connection.drain(), pause(2000, undefined, { ref: false })]).catch(() => undefined);
  await connection.close();
}
