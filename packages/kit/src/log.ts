import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { currentContext } from './context.ts';
import { traceIdOf } from './tracing.ts';

export type Log = Logger;

/**
 * JSON lines on stdout, each with the trace, request and user it belongs to. What must never be written is removed by
 * name, wherever it turns up in the first two levels of an entry.
 */
export function openLog(
  service: string,
  level = process.env['LOG_LEVEL'] ?? 'info',
  destination: DestinationStream = pino.destination(1),
): Log {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: secretPaths, censor: '[redacted]' },
    serializers: { err: describeError },
    mixin: () => {
      const context = currentContext();
      return context === undefined ? {} : contextFields(context);
    },
  };
  return pino(options, destination);
}

const secretNames = [
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  'authorization',
  'cookie',
  'email',
  'phone',
  'givenName',
  'familyName',
];
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`]);

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
