import { withContext } from '@andvari/kit/base/context';
import { AppError, isAppError } from '@andvari/kit/base/errors';
import { RequestCache } from '@pothos/plugin-scope-auth';
import { createSourceEventStream, type ExecutionResult, execute, type GraphQLSchema } from 'graphql';
import { isForAll, positionOf } from '../schema/subscription.ts';
import type { Execution } from './compiled-queries.ts';
import type { OperationOrigin } from './operation-origin.ts';
import type { PublicError } from './public-error.ts';
import type { SharedResults } from './shared-results.ts';

/** One result of a subscription, with the position to come back to where its event has one. */
export interface Update {
  readonly result: ExecutionResult;
  readonly position?: string | undefined;
}

interface Parts extends Omit<Execution, 'context'> {
  schema: GraphQLSchema;
  origin: OperationOrigin;
  masked: (result: ExecutionResult) => ExecutionResult;
  publicError: PublicError;
  shared: SharedResults;
  inTime: (work: Promise<ExecutionResult>) => Promise<ExecutionResult>;
}

/**
 * The results of a subscription as its events come. Each event is executed with a context and a deadline of its own, but for those
 * that say the same to everybody: they are executed for the first reader and sent to all who ask the same of them. When the
 * signal of the request aborts with an AppError, that is the last result: whoever reads learns why it ends.
 */
export async function openSubscription(parts: Parts): Promise<AsyncIterableIterator<Update> | ExecutionResult> {
  const { schema, document, operation, variables, origin, masked, publicError } = parts;
  const operationName = operation.name?.value;
  const args = { schema, document, operationName, variableValues: variables };
  const gateway = origin.gateway();
  const signal = gateway.signal();
  const source = await withContext(origin.call(), async () => {
    try {
      return await createSourceEventStream({ ...args, contextValue: gateway });
    } catch (error) {
      return { errors: [publicError(error)] };
    }
  });
  RequestCache.clearForContext(gateway);
  if (!(Symbol.asyncIterator in source)) return masked(source);

  const ownResultOf = (event: unknown): Promise<ExecutionResult> => {
    const contextValue = origin.gateway();
    return withContext(origin.call(), async () => {
      try {
        return masked(await parts.inTime(Promise.resolve(execute({ ...args, rootValue: event, contextValue }))));
      } catch (error) {
        return { errors: [publicError(error)] };
      } finally {
        RequestCache.clearForContext(contextValue);
      }
    });
  };
  const sharedResultOf = parts.shared.readerOf(operation, variables);
  const resultOf = (event: unknown): Promise<ExecutionResult> =>
    isForAll(event) ? sharedResultOf(event, ownResultOf) : ownResultOf(event);
  const inOwnContext = <T>(work: () => T): T => withContext(origin.call(), work);
  return updates(source[Symbol.asyncIterator](), { signal, resultOf, publicError, inOwnContext });
}

function updates(
  events: AsyncIterator<unknown>,
  parts: {
    signal: AbortSignal;
    resultOf: (event: unknown) => Promise<ExecutionResult>;
    publicError: PublicError;
    inOwnContext: <T>(work: () => T) => T;
  },
): AsyncIterableIterator<Update> {
  const { signal, resultOf, publicError, inOwnContext } = parts;
  let isOver = false;
  // A race against one promise of the whole stream would keep something of every event until its end.
  let onAbort: (() => void) | undefined;
  const aborted = (): void => onAbort?.();
  signal.addEventListener('abort', aborted, { once: true });
  const leave = async (): Promise<void> => {
    isOver = true;
    signal.removeEventListener('abort', aborted);
    await events.return?.().catch(() => undefined);
  };
  const nextEvent = (): Promise<IteratorResult<unknown> | 'aborted'> =>
    new Promise((resolve, reject) => {
      onAbort = () => resolve('aborted');
      if (signal.aborted) resolve('aborted');
      else inOwnContext(() => events.next()).then(resolve, reject);
    });
  const last = (error: unknown): IteratorResult<Update> => ({
    done: false,
    value: { result: { errors: [inOwnContext(() => publicError(error))] } },
  });

  return {
    async next() {
      if (isOver) return { done: true, value: undefined };
      try {
        const next = await nextEvent();
        if (next !== 'aborted' && next.done !== true) {
          return { done: false, value: { result: await resultOf(next.value), position: positionOf(next.value) } };
        }
        void leave();
        if (signal.aborted && isAppError(signal.reason)) return last(signal.reason);
        if (signal.aborted) return { done: true, value: undefined };
        return last(
          new AppError('unavailable', 'the source of this subscription has ended', { reason: 'source_ended' }),
        );
      } catch (error) {
        void leave();
        return last(error);
      }
    },
    async return() {
      await leave();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
