import type { Tx } from '@andvari/kit/db/types';
import { isEvent, type ReceivedEvent } from '@andvari/kit/events/event';
import type { Handler } from '@andvari/kit/inbox/handlers';
import type { Append } from '@andvari/kit/outbox/commit';
import type { Foundation } from '@andvari/kit/service/foundation';
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

interface Audited {
  app: App;
  trail: AuditTrail;
  append: Append;
}

export function consumeEvents(
  kit: Pick<Foundation, 'consume' | 'append'>,
  { app, trail }: Omit<Audited, 'append'>,
  streams: readonly string[],
): void {
  const handler = auditHandler({ app, trail, append: kit.append });
  for (const stream of streams) {
    kit.consume({ stream, durable: `audit-${stream.toLowerCase()}`, batch: BATCH, handler });
  }
}

function auditHandler(to: Audited): Handler {
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
  { app, trail, append }: Audited,
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
}

const allTypes = Object.values(events).filter(
  (value): value is EventType<never> => 'codec' in value,
) as unknown as readonly EventType<unknown>[];
