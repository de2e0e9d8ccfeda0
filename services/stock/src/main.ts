import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { nowUs } from '@andvari/kit/base/clock';
import type { Log } from '@andvari/kit/observe/log';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { openRedis } from '@andvari/kit/redis/redis';
import { openFoundation } from '@andvari/kit/service/foundation';
import { Quote } from '@andvari/proto/stock/v1/stock';
import { type App, createApp } from './app/app.ts';
import { openListings } from './app/listings.ts';
import { type Config, readConfig } from './config.ts';
import { consumedStreams, consumeEvents } from './consumers/consume.ts';
import type { Instrument } from './domain/instrument.ts';
import { readInstrumentsFile } from './domain/instruments-file.ts';
import { createPlayedDays } from './domain/played-days.ts';
import { type TradingDays, tradingDays } from './domain/trading-days.ts';
import { quoteTo } from './messages/convert.ts';
import { stockMetrics } from './metrics.ts';
import { hearLive, hearWatched, sendLive } from './ports/live-quotes.ts';
import { isPolled, openFx, openProvider } from './ports/open-provider.ts';
import { createQuoteFeed } from './rpc/quote-feed.ts';
import { stockRpc } from './rpc/server.ts';
import { openSharedCopies } from './store/shared-copies.ts';

export const migrations = new URL('../migrations/', import.meta.url);

/**
 * A round of all symbols is sent out in so many parts while somebody watches, so that nobody downstream gets them in one burst. While nobody does,
 * those who only take note of prices are woken less often.
 */
const WATCHED_PARTS = 10;
const UNWATCHED_PARTS = 2;
const LOG_CHECK_MS = 10_000;

/** The world outside, which a test replaces. */
export interface Outside {
  now: () => bigint;
}

export async function start(
  scope: Scope,
  config: Config,
  overrides: Partial<Outside> = {},
): Promise<{ port: number; adminPort: number; app: App }> {
  const streams = ['MARKET', 'COMMANDS', ...consumedStreams] as const;
  const kit = await openFoundation(scope, 'stock', config, { migrations, streams });
  const { db, nats } = kit;
  const days = tradingDays[config.MARKET_HOURS];
  const now = overrides.now ?? marketTime(config, days);
  const listings = await openListings(db);
  const measured = stockMetrics(kit.metrics);
  const copies = openSharedCopies(
    await openRedis(scope, { url: config.REDIS_URL, service: 'stock', metrics: kit.metrics }),
  );
  const count = (name: string, outcome: string) => measured.upstream.inc({ provider: name, outcome });
  const provider = await openProvider(config, { days, actionsOf: listings.actionsOf, copies, now, count });

  const isWatched = hearWatched(scope, nats);
  const app = createApp(
    {
      ...kit,
      now,
      listings,
      provider,
      fx: openFx(config, { count }),
      days,
      partitions: config.ENGINE_PARTITIONS,
      quoteTtlMs: config.QUOTE_TTL_MS,
      logMadeAt: remembered(LOG_CHECK_MS, async () => (await nats.jsm.streams.info('COMMANDS')).created),
    },
    {
      publish(quote) {
        sendLive(nats, quote.symbol, Quote.encode(quoteTo(quote)).finish());
        measured.ticks.inc();
      },
      // Whoever asks over the network asks for all at once.
      ...(isPolled(config)
        ? { everyMs: config.POLL_EVERY_MS, parts: () => 1 }
        : { everyMs: config.TICK_EVERY_MS, parts: () => (isWatched() ? WATCHED_PARTS : UNWATCHED_PARTS) }),
    },
  );
  await app.instruments.seed(await instrumentsIn(config.INSTRUMENTS_FILE));

  consumeEvents(kit, app);
  const everyMs = config.SESSION_CHECK_MS;
  kit.job({ name: 'session clock', everyMs, run: () => app.sessionClock.advance() });
  kit.job({ name: 'corporate actions', everyMs, run: () => app.corporateActions.resumeNext() });
  refreshListings(scope, app, { everyMs: config.LISTINGS_REFRESH_MS, now });
  const ticking = kit.locks.hold('ticks', scope.signal, ({ signal }) => tick(app, signal, scope.log));
  scope.defer('ticks', () => ticking);

  const feed = createQuoteFeed(app.quotes, (heard) => hearLive(scope, nats, (payload) => heard(Quote.decode(payload))));
  const served = await kit.serve(stockRpc(app, feed));
  void listings.index();
  return { ...served, app };
}

/** Everybody's, but where days are played. */
function marketTime({ MARKET_SPEED, MARKET_SPEED_SINCE }: Config, days: TradingDays): () => bigint {
  if (MARKET_SPEED === 1 || MARKET_SPEED_SINCE === undefined) return nowUs;
  const playedAt = createPlayedDays(days, { speed: MARKET_SPEED, sinceMs: MARKET_SPEED_SINCE });
  return () => BigInt(Math.round(playedAt(Date.now()) * 1000));
}

async function instrumentsIn(path: string): Promise<readonly Instrument[]> {
  const read = readInstrumentsFile(await readFile(path, 'utf8'));
  if ('instruments' in read) return read.instruments;
  throw new Error(`${path} is wrong; nothing was listed.\n${read.problems.join('\n')}`);
}

/** The same answer for a while: what changes so rarely need not be asked every second. */
function remembered<T>(forMs: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: { value: T; until: number } | undefined;
  return async () => {
    if (answer === undefined || performance.now() > answer.until) {
      answer = { value: await ask(), until: performance.now() + forMs };
    }
    return answer.value;
  };
}

/** A provider that does not answer is told of when it begins and when it ends; the breaker decides how often it is asked. */
async function tick(app: App, signal: AbortSignal, log: Log): Promise<void> {
  let silent = false;
  while (!signal.aborted) {
    try {
      await app.ticks.next();
      if (silent) log.info({ event: 'prices_back' }, 'there are prices again');
      silent = false;
    } catch (error) {
      if (!silent) log.warn({ event: 'prices_missing', err: error }, 'there are no prices');
      silent = true;
    }
    await pause(app.ticks.partMs(), undefined, { signal }).catch(() => undefined);
  }
}

function refreshListings(scope: Scope, app: App, { everyMs, now }: { everyMs: number; now: () => bigint }): void {
  const refreshing = (async () => {
    while (!scope.signal.aborted) {
      await pause(everyMs, undefined, { signal: scope.signal }).catch(() => undefined);
      if (scope.signal.aborted) return;
      await app.listings
        .refresh(now())
        .catch((error: unknown) =>
          scope.log.warn({ event: 'listings_not_refreshed', err: error }, 'the listings could not be read again'),
        );
    }
  })();
  scope.defer('listings', () => refreshing);
}

if (import.meta.main) await runProcess('stock', readConfig, start);
