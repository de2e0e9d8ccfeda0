import { currentContext } from '@andvari/kit/base/context';
import { type AppError, type ErrorCode, errorCodes, isAppError } from '@andvari/kit/base/errors';
import type { Log } from '@andvari/kit/observe/log';
import { logTrouble, type TroubleLog } from '@andvari/kit/observe/log-trouble';
import { traceIdOf } from '@andvari/kit/observe/tracing';
import { GraphQLError } from 'graphql';
import { inputMessage, inputPath } from '../schema/input-path.ts';
import { literalAtFault, variableAtFault } from './input-at-fault.ts';

export type PublicError = (error: unknown) => GraphQLError;

/**
 * What the outside learns of an error: a refusal in its own words, a fault of ours as "Internal error", and always the
 * trace id to ask about. What is kept back is in the log under the same id.
 */
export function createPublicError(log: Log): PublicError {
  const silence = logTrouble(log, {
    event: 'service_unavailable',
    message: 'a service does not answer',
    calmMs: 60_000,
  });
  return (error) => {
    if (isGraphqlError(error) && alreadyPublic.has(error)) return error;
    const cause = originOf(error);
    const { message, extensions } = wordsFor(cause, log, silence);
    const traceId = traceIdOf(currentContext()?.traceparent);
    const at = isGraphqlError(error) ? error : undefined;
    const shown = new GraphQLError(message, {
      ...(at?.nodes === undefined ? {} : { nodes: at.nodes }),
      ...(at?.source === undefined ? {} : { source: at.source }),
      ...(at?.positions === undefined ? {} : { positions: at.positions }),
      ...(at?.path === undefined ? {} : { path: at.path }),
      extensions: {
        ...extensions,
        ...literalAtFault(at),
        ...variableAtFault(at),
        ...(traceId === undefined ? {} : { traceId }),
      },
    });
    // Compiled queries know the places by number alone, without the nodes that they were made from.
    if (shown.locations === undefined && at?.locations !== undefined) Object.assign(shown, { locations: at.locations });
    alreadyPublic.add(shown);
    return shown;
  };
}

const alreadyPublic = new WeakSet<GraphQLError>();

/** Refusals go out as they are; of who is not there the outside need not know the name. */
const fixedMessage: Partial<Record<ErrorCode, string>> = {
  unavailable: 'this is not available at the moment',
};

export interface Words {
  message: string;
  extensions: Record<string, unknown>;
}

export function wordsFor(cause: unknown, log: Log, silence?: TroubleLog): Words {
  if (isAppError(cause)) {
    const { code, reason, field } = cause;
    if (code === 'unavailable') {
      // Metrics count them; a line for each would bury the rest of the log while a service is away.
      log.debug({ event: 'answered_unavailable', err: cause }, 'a request is answered with unavailable');
      silence?.failed(cause);
    }
    return {
      message: fixedMessage[code] ?? inputMessage(cause),
      extensions: {
        code: code.toUpperCase(),
        ...(fixedMessage[code] === undefined && reason !== code ? { reason } : {}),
        ...(inputPath(field) === '' ? {} : { field: inputPath(field) }),
        ...retryAfter(cause),
      },
    };
  }
  if (isGraphqlError(cause)) {
    const { code, reason } = cause.extensions ?? {};
    return {
      message: withoutSuggestions(cause.message),
      extensions: {
        // Libraries have codes of their own; what they complain about is the request.
        code: ownCodes.has(code) ? code : 'INVALID_ARGUMENT',
        ...(typeof reason === 'string' ? { reason } : {}),
      },
    };
  }
  if (isTimeout(cause)) return { message: 'this took too long', extensions: { code: 'UNAVAILABLE' } };
  log.error({ event: 'request_failed', err: cause }, 'a request failed through a fault of ours');
  return { message: 'Internal error', extensions: { code: 'INTERNAL' } };
}

/** Whole seconds, as the header of the same name says them: a page counts them down. */
function retryAfter({ numbers }: AppError): { retryAfterSeconds?: number } {
  const ms = numbers['retry_after_ms'];
  return ms === undefined ? {} : { retryAfterSeconds: Math.ceil(Number(ms) / 1000) };
}

const ownCodes: ReadonlySet<unknown> = new Set([...errorCodes.map((code) => code.toUpperCase()), 'INTERNAL']);

/** A resolver's error arrives in one or more wrappings that know where in the query it happened. */
function originOf(error: unknown): unknown {
  let origin = error;
  while (isGraphqlError(origin) && origin.originalError !== undefined) origin = origin.originalError;
  return origin;
}

/** Compiled queries throw errors of a class of their own that has the same members. */
function isGraphqlError(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError || (error instanceof Error && 'locations' in error && 'path' in error);
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'TimeoutError' || error.name === 'AbortError');
}

/** "Did you mean" hands out the schema field by field to whoever guesses. */
function withoutSuggestions(message: string): string {
  return message.replace(/ Did you mean .*$/s, '');
}
