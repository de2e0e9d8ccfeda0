import { invalid } from '@andvari/kit/base/errors';
import type { Delivery } from '../live/queue.ts';
import { builder } from './builder.ts';

type Started = Extract<Delivery<unknown>, { kind: 'started' }>;
type MissedSome = Extract<Delivery<unknown>, { kind: 'missed' }>;
export type Item<T> = Extract<Delivery<T>, { kind: 'item' }>;

const SubscriptionStarted = builder.objectRef<Started>('SubscriptionStarted').implement({
  description: 'The first word of a subscription: everything behind this position will come.',
  fields: (t) => ({ position: t.string({ resolve: ({ position }) => positionFrom(position) }) }),
});

const Missed = builder.objectRef<MissedSome>('Missed').implement({
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

type Arrival<T> = ReturnType<ReturnType<typeof builder.objectRef<Item<T>>>['implement']>;

/** What a subscription sends: where it starts, what arrives, and what was missed. */
export function subscriptionUpdate<T>(name: string, arrived: Arrival<T>) {
  const types = { started: SubscriptionStarted, item: arrived, missed: Missed };
  return builder.unionType(name, {
    types: [SubscriptionStarted, arrived, Missed],
    resolveType: ({ kind }: Delivery<T>) => types[kind],
  });
}

const POSITION = /^p([0-9a-z]{1,11})$/;

/** Opaque to the reader, so that what it means may change. */
export function positionFrom(sequence: number): string {
  return `p${sequence.toString(36)}`;
}

export function sinceFrom(position: string | null | undefined): number | undefined {
  if (position === null || position === undefined) return undefined;
  const digits = POSITION.exec(position)?.[1];
  if (digits === undefined) throw invalid('since', 'is not a position of this subscription');
  return Number.parseInt(digits, 36);
}
