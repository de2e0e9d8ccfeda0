import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { nowUs } from '@andvari/kit/base/clock';
import { startJob } from '@andvari/kit/db/jobs';
import type { Nats } from '@andvari/kit/nats/nats';
import { appendEvents } from '@andvari/kit/outbox/append';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { serveRpc } from '@andvari/kit/rpc/server';
import { openFoundation } from '@andvari/kit/service/foundation';
import { Quote } from '@andvari/proto/stock/v1/stock';
import { type App, createApp } from './app/app.ts';
import { openListings } from './app/listings.ts';
import { type Config, readConfig } from './config.ts';
import { consumedStreams, consumeEvents } from './consumers/consume.ts';
import type { Instrument } from './domain/instrument.ts';
import { readInstrumentsFile } from './domain/instruments-file.ts';
import { tradingDays } from './domain/trading-days.ts';
import { quoteTo } from './messages/convert.ts';
import { simulatedFx } from './ports/fx-source.ts';
import { hearLive, sendLive } from './ports/live-quotes.ts';
import { simulatedProvider } from './ports/simulated.ts';
import { createQuoteFeed } from './rpc/quote-feed.ts';
import { stockRpc } from './rpc/server.ts';

export const migrations = new URL('../migrations/', import.meta.url);

/** A round of all symbols is sent out in so many parts, so that nobody downstream gets them in one burst. */
const TICK_PARTS = 10;

/** What a test puts in the place of the world outside. */
export interface StartOptions {
  now?: () => bigint;
}

export async function start(
  scope: Scope,
  config: Config,
  options: StartOptions = {},
): Promise<{ port: number; adminPort: number; app: App }> {
  const streams = ['MARKET', 'COMMANDS', ...consumedStreams] as const;
  const kit = await openFoundation(scope, 'stock', config, { migrations, streams });
  const { metrics, health, db, nats, locks, relay } = kit;
  const now = options.now ?? nowUs;
  const days = tradingDays[config.MARKET_HOURS];
  const listings = await openListings(db);
  const provider = simulatedProvider({ seed: config.SIMULATION_SEED, days, actionsOf: listings.actionsOf });

  const app = createApp(
    {
      db,
      log: scope.log,
      now,
      append: appendEvents,
      wakeRelay: () => relay.wake(),
      listings,
      provider,
      fx: simulatedFx(config.SIMULATION_SEED),
      days,
      partitions: config.ENGINE_PARTITIONS,
      quoteTtlMs: config.QUOTE_TTL_MS,
      logMadeAt: () => logMadeAt(nats),
    },
    {
      publish: (quote) => sendLive(nats, quote.symbol, Quote.encode(quoteTo(quote)).finish()),
      everyMs: config.TICK_EVERY_MS,
      parts: TICK_PARTS,
    },
  );
  await app.instruments.seed(await instrumentsIn(config.INSTRUMENTS_FILE));

  consumeEvents(scope, { app, db, nats, locks, metrics });
  const job = (name: string, everyMs: number, run: () => Promise<unknown>) =>
    startJob(scope, { name, locks, everyMs, run });
  job('session clock', config.SESSION_CHECK_MS, () => app.sessionClock.advance());
  job('corporate actions', config.SESSION_CHECK_MS, () => app.corporateActions.resumeNext());
  refreshListings(scope, app, { everyMs: config.LISTINGS_REFRESH_MS, now });
  const ticking = locks.hold('ticks', scope.signal, ({ signal }) => tick(app, signal));
  scope.defer('ticks', () => ticking);

  const feed = createQuoteFeed(app.quotes, (heard) => hearLive(scope, nats, (payload) => heard(Quote.decode(payload))));
  const { port } = await serveRpc(scope, {
    port: config.GRPC_PORT,
    services: [stockRpc(app, feed)],
    callerKey: config.CALLER_KEY,
    tlsDir: config.TLS_DIR,
    reflection: config.ENVIRONMENT !== 'production',
    metrics,
  });
  health.started();
  return { port, adminPort: health.port, app };
}

async function instrumentsIn(path: string): Promise<readonly Instrument[]> {
  const read = readInstrumentsFile(await readFile(path, 'utf8'));
  if ('instruments' in read) return read.instruments;
  throw new Error(`${path} is wrong; nothing was listed.\n${read.problems.join('\n')}`);
}

async function logMadeAt(nats: Nats): Promise<string> {
  return (await nats.jsm.streams.info('COMMANDS')).created;
}

async function tick(app: App, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await app.ticks.next();
    await pause(app.ticks.partMs, undefined, { signal }).catch(() => undefined);
  }
}

function refreshListings(scope: Scope, app: App, { everyMs, now }: { everyMs: number; now: () => bigint }): void {
  const refreshing = (async () => {
    while (!scope.signal.aborted) {
      await pause(everyMs, undefined, { signal: scope.signal }).catch(() => undefined);
      if (scope.signal.aborted) return;
      await app.listings
        .refresh(now())
        .catch((error: unknown) => scope.log.warn({ err: error }, 'the listings could not be read again'));
    }
  })();
  scope.defer('listings', () => refreshing);
}

if (import.meta.main) await runProcess('stock', readConfig, start);
