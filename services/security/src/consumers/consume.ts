import type { Tx } from '@andvari/kit/db/types';
import { isEvent, type OutgoingEvent, type ReceivedEvent } from '@andvari/kit/events/event';
import { type ConsumerOptions, startConsumer } from '@andvari/kit/inbox/consumer';
import type { Handler } from '@andvari/kit/inbox/handlers';
import type { Scope } from '@andvari/kit/process/scope';
import type { EventType } from '@andvari/proto/events';
import * as events from '@andvari/proto/events';
import type { App } from '../app/app.ts';
import type { AuditTrail } from '../app/audit-trail.ts';
import { userErasedEvent } from '../messages/events.ts';
import { actionFrom } from './recorded-actions.ts';

/** Where security and money are told of, and what operators do to the market. The engine's reports are many and say what the ledger says again. */
export const auditedStreams = ['AUTH', 'SECURITY', 'USER', 'ORDER', 'PORTFOLIO', 'MARKET'] as const;

/** Every event has its place in one chain, so all the streams' consumers wait for one another at its end. */
const BATCH = 500;

export interface AuditConsumers extends Pick<ConsumerOptions, 'db' | 'nats' | 'locks' | 'metrics'> {
  app: App;
  trail: AuditTrail;
  append: (tx: Tx, events: readonly OutgoingEvent[]) => Promise<void>;
  wakeRelay: () => void;
  streams: readonly string[];
}

export function consumeAudited(scope: Scope, { app, trail, append, wakeRelay, streams, ...kit }: AuditConsumers): void {
  for (const stream of streams) {
    const durable = `audit-${stream.toLowerCase()}`;
    const handler = auditHandler({ app, trail, append, wakeRelay });
    startConsumer(scope, { ...kit, stream, durable, batch: BATCH, handler });
  }
}

export function auditHandler(to: Pick<AuditConsumers, 'app' | 'trail' | 'append' | 'wakeRelay'>): Handler {
  return {
    types: allTypes,
    async handle(received, tx) {
      await to.trail.record(
        tx,
        received.map(actionFrom).filter((action) => action !== undefined),
      );
      await eraseAsAsked(to, received, tx);
    },
  };
}

/** Recorded first: the entry of the erasure is what later explains why the personal parts are gone. */
async function eraseAsAsked(
  { app, trail, append, wakeRelay }: Pick<AuditConsumers, 'app' | 'trail' | 'append' | 'wakeRelay'>,
  received: readonly ReceivedEvent[],
  tx: Tx,
): Promise<void> {
  const users = received
    .filter((event) => isEvent(event, events.userErasureStarted))
    .map(({ message }) => message.userId);
  if (users.length === 0) return;
  await trail.eraseUsers(tx, users);
  for (const userId of users) await app.eraseUser(tx, userId);
  await append(tx, users.map(userErasedEvent));
  wakeRelay();
}

const allTypes = Object.values(events).filter(
  (value): value is EventType<never> => 'codec' in value,
) as unknown as readonly EventType<unknown>[];
