import type { ServiceStatus, SystemStatus as Status, StreamStatus } from '../../live/system-status.ts';
import { builder } from '../builder.ts';
import { MarketClock } from '../market/clock.ts';

const ServiceState = builder.enumType('ServiceState', {
  description: 'Whether somebody answers.',
  values: { UP: { description: 'It answers.' }, DOWN: { description: 'It does not, or is not ready.' } },
});

const ServiceStatusType = builder.objectRef<ServiceStatus>('ServiceStatus').implement({
  description: 'One of the services behind the gateway.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Which.' }),
    state: t.field({
      type: ServiceState,
      description: 'Whether it answers.',
      resolve: ({ isUp }) => (isUp ? ('UP' as const) : ('DOWN' as const)),
    }),
    latencyMs: t.exposeInt('latencyMs', { description: 'How long the answer took, in milliseconds.' }),
  }),
});

const StreamStatusType = builder.objectRef<StreamStatus>('StreamStatus').implement({
  description: 'A stream of events between the services.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Which.' }),
    messages: t.exposeInt('messages', { description: 'Events that it holds.' }),
    lag: t.int({
      nullable: true,
      description: 'Events that the slowest reader with a name has still before it; null where nobody could tell.',
      resolve: ({ lag }) => lag ?? null,
    }),
  }),
});

const SystemStatus = builder.objectRef<Status>('SystemStatus').implement({
  description: 'How the system is, as everybody may know.',
  fields: (t) => ({
    checkedAt: t.field({
      type: 'DateTime',
      description: 'When it was looked at: two seconds ago at the most.',
      resolve: ({ checkedAtMs }) => BigInt(checkedAtMs) * 1000n,
    }),
    services: t.field({
      type: [ServiceStatusType],
      description: 'Behind the gateway.',
      resolve: ({ services }) => [...services],
    }),
    streams: t.field({
      type: [StreamStatusType],
      description: 'Between the services.',
      resolve: ({ streams }) => [...streams],
    }),
    marketClock: t.field({
      type: MarketClock,
      nullable: true,
      description: 'Where the market was in its day then; null while nobody can tell.',
      resolve: ({ clock }) => clock ?? null,
    }),
  }),
});

builder.queryField('status', (t) =>
  t.field({
    type: SystemStatus,
    nullable: true,
    description: 'How the system is. Readable signed out.',
    skipTypeScopes: true,
    complexity: 20,
    resolve: (_, _args, { feeds }) => feeds.status(),
  }),
);
