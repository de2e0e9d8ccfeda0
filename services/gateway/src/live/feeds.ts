import type { Nats } from '@andvari/kit/nats/nats';
import type { Scope } from '@andvari/kit/process/scope';
import { notificationCreated } from '@andvari/proto/events';
import type { GatewayMetrics } from '../metrics.ts';
import { openStreamFeed } from './stream-feed.ts';

/** Everything that subscriptions read from. */
export type Feeds = Awaited<ReturnType<typeof openFeeds>>;

const MAX_WAITING = 256;

export async function openFeeds(scope: Scope, nats: Nats, metrics: GatewayMetrics) {
  const options = { nats, maxWaiting: MAX_WAITING, onMissed: (count: number) => metrics.missed.inc(count) };
  const notifications = await openStreamFeed(scope, notificationCreated, options);
  metrics.readers(() => notifications.readers);
  return { notifications };
}
