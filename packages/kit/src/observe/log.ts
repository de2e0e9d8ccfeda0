import { type DestinationStream, type LoggerOptions, pino } from 'pino';
import { currentContext } from '../base/context.ts';
import { traceIdOf } from './tracing.ts';

/** Each line is a sentence for people with a code for machines; docs/operations/log-events.md lists the codes. */
export interface Log {
  trace(entry: LogEntry, message: string): void;
  debug(entry: LogEntry, message: string): void;
  info(entry: LogEntry, message: string): void;
  warn(entry: LogEntry, message: string): void;
  error(entry: LogEntry, message: string): void;
  fatal(entry: LogEntry, message: string): void;
  /** The same log, with something that belongs to every line. */
  child(bindings: Record<string, unknown>): Log;
}

export interface LogEntry {
  /** Stable and in snake_case, and of this one call alone: searches and alerts go by it. */
  readonly event: string;
  readonly [field: string]: unknown;
}

/**
 * JSON lines on stdout, each with the trace, request and user it belongs to. What must never be written is removed by
 * name, however deep in an entry it turns up; in a message and in what a child log carries along it is not.
 */
export function openLog(
  service: string,
  level = levelOr('info', process.env['LOG_LEVEL']),
  destination: DestinationStream = pino.destination(1),
): Log {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }), log: withoutSecrets },
    serializers: { err: describeError },
    mixin: () => {
      const context = currentContext();
      return context === undefined ? {} : contextFields(context);
    },
  };
  return pino(options, destination);
}

/** A level that there is not is the configuration's to complain of, and the complaint must not fail for want of a log. */
function levelOr(otherwise: string, given: string | undefined): string {
  return given === 'silent' || pino.levels.values[given ?? ''] !== undefined ? (given as string) : otherwise;
}

/** In lower case and without `_` and `-`, so that every way of writing a name is met. */
const secretNames = new Set([
  'password',
  'currentpassword',
  'newpassword',
  'token',
  'accesstoken',
  'refreshtoken',
  'secret',
  'apikey',
  'authorization',
  'cookie',
  'setcookie',
  'email',
  'phone',
  'givenname',
  'familyname',
]);
const MAX_DEPTH = 8;

function withoutSecrets(entry: Record<string, unknown>, depth = 1): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(entry)) {
    const isSecret = value !== undefined && secretNames.has(name.toLowerCase().replaceAll(/[_-]/g, ''));
    kept[name] = isSecret ? '[redacted]' : cleaned(value, depth);
  }
  return kept;
}

/** Only plain values are looked into: errors, dates and secrets say themselves how they are written. */
function cleaned(value: unknown, depth: number): unknown {
  const isList = Array.isArray(value);
  if (!isList && !isPlain(value)) return value;
  if (depth === MAX_DEPTH) return '[too deep]';
  return isList ? value.map((item) => cleaned(item, depth + 1)) : withoutSecrets(value, depth + 1);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function contextFields(context: NonNullable<ReturnType<typeof currentContext>>): Record<string, string> {
  const fields: Record<string, string> = { requestId: context.requestId };
  if (context.caller.userId !== '') fields['userId'] = context.caller.userId;
  const traceId = traceIdOf(context.traceparent);
  if (traceId !== undefined) fields['traceId'] = traceId;
  return fields;
}

/**
 * Name, message and stack, and the causes behind it, but none of the extra properties: database errors carry the
 * parameters of the statement, and those are people's data.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const described: Record<string, unknown> = { name: error.name, message: error.message, stack: error.stack };
  for (const key of ['code', 'reason', 'field', 'constraint_name', 'table_name'] as const) {
    const value = (error as unknown as Record<string, unknown>)[key];
    if (typeof value === 'string' && value !== '') described[key] = value;
  }
  if (error.cause !== undefined) described['cause'] = describeError(error.cause);
  return described;
}
