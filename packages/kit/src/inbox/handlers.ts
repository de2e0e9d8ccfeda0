import type { EventType } from '@andvari/proto/events';
import { assert } from '../base/errors.ts';
import type { Tx } from '../db/types.ts';
import type { ReceivedEvent } from '../events/event.ts';
import { SpanKind, traced } from '../observe/tracing.ts';

/** What a consumer does with events: which types it reads, and their effect, all of it through `tx`. */
export interface Handler {
  readonly types: readonly EventType<unknown>[];
  /**
   * Applies events that were never applied before, in the stream's order. It may be called again with the same ones
   * when the transaction did not commit, so it changes nothing but what `tx` can take back.
   */
  handle(events: readonly ReceivedEvent[], tx: Tx): Promise<void>;
}

/** `eventsOf(userRegistered, …)`: all events of one type in a batch at once, for a set-based statement. */
export function eventsOf<T>(
  type: EventType<T>,
  handle: (events: readonly ReceivedEvent<T>[], tx: Tx) => Promise<void>,
): Handler {
  return { types: [type], handle: (events, tx) => handle(events as readonly ReceivedEvent<T>[], tx) };
}

export interface EventHandler {
  readonly type: EventType<unknown>;
  handle(event: ReceivedEvent, tx: Tx): Promise<void>;
}

/** `eachEvent(on(profileUpdated, …), on(userDeleted, …))`: one at a time, where a set-based statement does not pay. */
export function eachEvent(...handlers: readonly EventHandler[]): Handler {
  const byType = new Map(handlers.map((handler) => [handler.type.type, handler]));
  return {
    types: handlers.map(({ type }) => type),
    async handle(events, tx) {
      for (const event of events) {
        const handler = byType.get(event.type.type);
        assert(handler, `no handler for ${event.type.type}`);
        await traced(
          `handle ${event.type.type}`,
          { kind: SpanKind.CONSUMER, parent: event.traceparent, attributes: attributesOf(event) },
          () => handler.handle(event, tx),
        );
      }
    },
  };
}

function attributesOf({ subject, type }: ReceivedEvent): Record<string, string> {
  return {
    'messaging.system': 'nats',
    'messaging.operation.type': 'process',
    'messaging.destination.name': type.stream,
    'messaging.destination.subject': subject,
  };
}

export function on<T>(type: EventType<T>, handle: (event: ReceivedEvent<T>, tx: Tx) => Promise<void>): EventHandler {
  return { type, handle: (event, tx) => handle(event as ReceivedEvent<T>, tx) };
}
