import type { Nats } from '@andvari/kit/nats/nats';
import type { Scope } from '@andvari/kit/process/scope';
import { notificationCreated } from '@andvari/proto/events';
import type { Clients } from '../clients.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { openAccountFeed } from './account-feed.ts';
import { openBooks, openQuotes, openTrades } from './quotes.ts';
import { openStreamFeed } from './stream-feed.ts';
import { createSystemStatus } from './system-status.ts';
import { tellWatched } from './tell-watched.ts';

/** Everything that subscriptions read from. */
export type Feeds = Awaited<ReturnType<typeof openFeeds>>;

const MAX_WAITING = 256;

export async function openFeeds(scope: Scope, nats: Nats, clients: Clients, metrics: GatewayMetrics) {
  const options = { nats, maxWaiting: MAX_WAITING, onMissed: (count: number) => metrics.missed.inc(count) };
  const notifications = await openStreamFeed(scope, notificationCreated, options);
  const accounts = openAccountFeed(scope, nats, options);
  const watching = tellWatched(scope, nats);
  const [quotes, books, trades] = [
    openQuotes(scope, nats, watching),
    openBooks(scope, nats, watching),
    openTrades(scope, nats, watching),
  ];
  metrics.readers(() => notifications.readers + accounts.readers + quotes.watchers);
  return { accounts, status: createSystemStatus(clients, nats), notifications, quotes, books, trades };
}
