import type { EventType } from '@andvari/proto/events';
import { AppError, assert } from '../base/errors.ts';
import { pooledUuidV7 } from '../base/uuid-v7.ts';
import { activeTraceparent } from '../observe/tracing.ts';

/** An event ready to leave: what the outbox stores and the relay publishes. */
export interface OutgoingEvent {
  /** The id by which a stream drops repetitions; a fresh one for every row. */
  readonly id: string;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
}

export interface EventAttributes {
  /** The service that says so. */
  source: string;
  /** Variables of the subject that are no fields of the message, or stand in for one. */
  subject?: Readonly<Record<string, SubjectToken>>;
  /** Where the event follows from something, the same id every time it is made. */
  id?: string;
  time?: Date;
  /** The trace it belongs to; by default the one that is under way. */
  traceparent?: string | undefined;
}

export type SubjectToken = string | number | bigint;

/** `newEvent(profileUpdated, { userId, … }, { source: 'user' })`: the message with its subject and CloudEvents attributes. */
export function newEvent<T extends object>(type: EventType<T>, message: T, attributes: EventAttributes): OutgoingEvent {
  const id = pooledUuidV7();
  const traceparent = attributes.traceparent ?? activeTraceparent();
  return {
    id,
    subject: subjectOf(type, message, attributes.subject),
    headers: {
      'ce-id': attributes.id ?? id,
      'ce-type': type.type,
      'ce-source': attributes.source,
      'ce-time': (attributes.time ?? new Date()).toISOString(),
      ...(traceparent === undefined ? {} : { traceparent }),
    },
    payload: type.codec.encode(message).finish(),
  };
}

/** The subject with its variables filled in from the message's fields, or from `extra` where it has them. */
export function subjectOf<T extends object>(
  type: Pick<EventType<T>, 'type' | 'subject'>,
  message: T,
  extra: Readonly<Record<string, SubjectToken>> = {},
): string {
  const fields = message as Readonly<Record<string, unknown>>;
  return type.subject.replaceAll(VARIABLE, (_, name: string) => {
    const value = extra[name] ?? fields[camelCase(name)];
    const token = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? `${value}` : '';
    // A dot or a wildcard in a value would address somebody else's subject.
    assert(TOKEN.test(token), `${type.type}: ${JSON.stringify(token)} cannot be the {${name}} of ${type.subject}`);
    return token;
  });
}

export const VARIABLE = /\{(\w+)\}/g;
export const TOKEN = /^[^\s.*>\p{Cc}]+$/u;

/** A message as it came from a stream or a live subject. */
export interface RawEvent {
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
}

export interface ReceivedEvent<T = unknown> {
  readonly id: string;
  readonly type: EventType<T>;
  readonly source: string;
  readonly time: Date;
  readonly subject: string;
  readonly traceparent: string | undefined;
  readonly message: T;
  /** As it came: what the message was read from. */
  readonly raw: RawEvent;
}

/** Reads an event of one of the types; a type that is not among them is a failure, never silently passed over. */
export function decodeEvent(raw: RawEvent, types: ReadonlyMap<string, EventType<unknown>>): ReceivedEvent {
  const id = raw.headers['ce-id'] ?? '';
  const name = raw.headers['ce-type'] ?? '';
  const type = types.get(name);
  if (id === '') throw unreadable('event_without_id', `a message on ${raw.subject} has no ce-id`);
  if (type === undefined)
    throw unreadable('unknown_event_type', `nothing here reads ${name || 'an event without a type'}`);
  return {
    id,
    type,
    source: raw.headers['ce-source'] ?? '',
    time: new Date(raw.headers['ce-time'] ?? Number.NaN),
    subject: raw.subject,
    traceparent: raw.headers['traceparent'],
    message: decodePayload(type, raw.payload),
    raw,
  };
}

/** Narrows to one type: `if (isEvent(event, profileUpdated)) event.message.userId`. */
export function isEvent<T>(event: ReceivedEvent, type: EventType<T>): event is ReceivedEvent<T> {
  return event.type.type === type.type;
}

export function typesByName(types: readonly EventType<unknown>[]): ReadonlyMap<string, EventType<unknown>> {
  return new Map(types.map((type) => [type.type, type]));
}

function decodePayload(type: EventType<unknown>, payload: Uint8Array): unknown {
  try {
    return type.codec.decode(payload);
  } catch (error) {
    throw unreadable('event_unreadable', `the bytes are no ${type.type}`, error);
  }
}

function unreadable(reason: string, message: string, cause?: unknown): AppError {
  return new AppError('failed_precondition', message, { reason, cause });
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
