import { invalid } from '@andvari/kit/base/errors';
import type { Delivery } from '../live/queue.ts';
import { builder } from './builder.ts';
import type { GatewayContext } from './context.ts';

/** A place in one stream, or one in each of several. */
type Position = number | readonly number[];

interface Started {
  readonly kind: 'started';
  readonly position: Position;
}

interface MissedSome {
  readonly kind: 'missed';
  readonly count: number | undefined;
  readonly since: Position;
}

export type Item<T> = Extract<Delivery<T>, { kind: 'item' }>;

export const SubscriptionStarted = builder.objectRef<Started>('SubscriptionStarted').implement({
  description: 'The first word of a subscription: everything behind this position will come.',
  fields: (t) => ({
    position: t.string({
      description: 'Given as `since`, it brings everything behind it.',
      resolve: ({ position }) => positionFrom(position),
    }),
  }),
});

export const Missed = builder.objectRef<MissedSome>('Missed').implement({
  description: 'Something was left out: the reader was too slow, or the position is too long ago.',
  fields: (t) => ({
    count: t.int({
      nullable: true,
      description: 'How many; null when nobody knows.',
      resolve: (it) => it.count ?? null,
    }),
    since: t.string({
      description: 'Subscribing anew since this position brings what there still is.',
      resolve: ({ since }) => positionFrom(since),
    }),
  }),
});

type ItemRef<T> = ReturnType<ReturnType<typeof builder.objectRef<Item<T>>>['implement']>;

/** What a subscription sends: where it starts, what arrives, and what was missed. */
export function subscriptionUpdate<T>(name: string, arrived: ItemRef<T>) {
  const types = { started: SubscriptionStarted, item: arrived, missed: Missed };
  return builder.unionType(name, {
    types: [SubscriptionStarted, arrived, Missed],
    resolveType: ({ kind }: { readonly kind: Delivery<T>['kind'] }) => types[kind],
  });
}

/** Opaque to the reader, so that what it means may change. */
export function positionFrom(position: Position): string {
  return `p${[position]
    .flat()
    .map((place) => place.toString(36))
    .join('.')}`;
}

const POSITION = /^p[0-9a-z]{1,11}(?:\.[0-9a-z]{1,11}){0,7}$/;

/** The same for a reader of several streams at once. */
export function placesFrom(
  position: string | null | undefined,
  { lastEventId }: Pick<GatewayContext, 'lastEventId'> = {},
): number[] | undefined {
  const since = lastEventId ?? position;
  if (since === null || since === undefined) return undefined;
  if (!POSITION.test(since)) throw invalid('since', 'is not a position of this subscription');
  return since
    .slice(1)
    .split('.')
    .map((place) => Number.parseInt(place, 36));
}

/** Where an event lies, in the words of its reader; undefined for events that have no place to come back to. */
export function positionOf(event: unknown): string | undefined {
  const position = (event as { position?: unknown } | null | undefined)?.position;
  if (typeof position === 'number') return positionFrom(position);
  if (Array.isArray(position)) return positionFrom(position as number[]);
  return typeof position === 'string' ? position : undefined;
}

/** Whether everybody who is told of this event is told the same. */
export function isForAll(event: unknown): event is object {
  return (event as { isForAll?: unknown } | null | undefined)?.isForAll === true;
}

/** Where a reader goes on; what a browser says by itself, when it comes back, is later than what it asked for at first. */
export function sinceFrom(
  position: string | null | undefined,
  context: Pick<GatewayContext, 'lastEventId'> = {},
): number | undefined {
  const [place, ...others] = placesFrom(position, context) ?? [];
  if (others.length > 0) throw invalid('since', 'is not a position of this subscription');
  return place;
}
