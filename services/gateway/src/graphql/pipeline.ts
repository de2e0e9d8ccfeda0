import { withContext } from '@andvari/kit/base/context';
import { AppError } from '@andvari/kit/base/errors';
import type { Log } from '@andvari/kit/observe/log';
import { SpanKind, traced } from '@andvari/kit/observe/tracing';
import { RequestCache } from '@pothos/plugin-scope-auth';
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { createCostLimit } from '../limits/query-cost.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { refusalFor } from '../schema/builder.ts';
import { chooseOperation } from './choose-operation.ts';
import { createCompiledExecute, createExecute, type Execution } from './compiled-queries.ts';
import { createDocuments } from './documents.ts';
import { createOperationMetrics } from './operation-metrics.ts';
import type { OperationOrigin } from './operation-origin.ts';
import type { PersistedOperations } from './persisted-operations.ts';
import { createPublicError } from './public-error.ts';
import { createSharedResults } from './shared-results.ts';
import { openSubscription, type Update } from './subscription-updates.ts';

export interface PipelineParts {
  schema: GraphQLSchema;
  persisted: PersistedOperations;
  metrics: GatewayMetrics;
  log: Log;
  development: boolean;
  maxCost: number;
  timeoutMs: number;
}

export interface OperationParams {
  readonly query?: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
  readonly extensions?: Record<string, unknown>;
}

/** What comes of a request before anything of it is done. `work` is what it takes of us, in fields visited and compared. */
export type Prepared =
  | { readonly kind: 'refused'; readonly result: ExecutionResult; readonly work: number }
  | {
      readonly kind: 'query' | 'mutation';
      readonly document: DocumentNode;
      readonly work: number;
      readonly execute: () => Promise<ExecutionResult>;
    }
  | {
      readonly kind: 'subscription';
      readonly document: DocumentNode;
      readonly work: number;
      /** An iterator that never throws, or the refusal. */
      readonly subscribe: () => Promise<AsyncIterableIterator<Update> | ExecutionResult>;
    };

export type Pipeline = ReturnType<typeof createPipeline>;

/**
 * The one way through GraphQL, behind POST, GET, event streams and WebSockets: what is known beforehand, parsed, measured,
 * validated, its operation chosen, its variables read and its cost counted; then executed, and what went wrong put into words
 * for the outside.
 */
export function createPipeline(parts: PipelineParts) {
  const { schema, persisted, log, timeoutMs } = parts;
  const publicError = createPublicError(log);
  const documents = createDocuments(schema, { introspection: parts.development });
  const costLimit = createCostLimit(schema, parts.maxCost);
  const execute = createCompiledExecute(schema, createExecute(schema), log);
  const shared = createSharedResults();
  const metrics = createOperationMetrics(parts.metrics, persisted.names);

  const masked = (result: ExecutionResult): ExecutionResult =>
    result.errors === undefined ? result : { ...result, errors: result.errors.map(publicError) };

  const inTime = async (work: Promise<ExecutionResult>): Promise<ExecutionResult> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<ExecutionResult>((resolve) => {
      timer = setTimeout(() => {
        const error = new AppError('unavailable', 'took too long', { reason: 'deadline_exceeded' });
        resolve({ errors: [publicError(error)] });
      }, timeoutMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  };

  const executed = async (execution: Execution): Promise<ExecutionResult> => {
    let result: ExecutionResult;
    try {
      result = masked(await execute(execution));
    } catch (error) {
      result = { errors: [publicError(error)] };
    }
    // Left in its weak map, what was decided about this request would go only with a collection of the whole heap.
    RequestCache.clearForContext(execution.context);
    return result;
  };

  /** What its caller was told is what counts: an answer that comes too late is none. */
  const measured = async (execution: Execution): Promise<ExecutionResult> => {
    const startedAt = performance.now();
    const result = await inTime(executed(execution));
    metrics.executed(execution.operation, result, startedAt);
    return result;
  };

  const once = (execution: Omit<Execution, 'context'>, origin: OperationOrigin) => (): Promise<ExecutionResult> => {
    const call = origin.call();
    return withContext(call, () =>
      traced(
        'graphql',
        { kind: SpanKind.SERVER, parent: call.traceparent, attributes: metrics.spanOf(execution.operation) },
        () => measured({ ...execution, context: origin.gateway() }),
      ),
    );
  };

  const notExecuted = (errors: readonly unknown[], work: number): Prepared => {
    const shown = errors.map(publicError);
    metrics.refused(shown);
    return { kind: 'refused', result: { errors: shown }, work };
  };

  const prepare = (params: OperationParams, origin: OperationOrigin): Prepared => {
    const checked = documents.check(persisted.textOf(params));
    if (!checked.ok) return notExecuted(checked.errors, checked.work);
    const { document } = checked;
    const operation = chooseOperation(document, params.operationName);
    if (operation instanceof GraphQLError) return notExecuted([operation], checked.work);
    const variables = params.variables ?? {};
    const problems = problemsOf(schema, operation, variables);
    if (problems.length > 0) return notExecuted(problems, checked.work);
    const cost = costLimit({ document, operation, variables });
    if (cost instanceof GraphQLError) return notExecuted([cost], checked.work);

    const execution = { document, operation, variables };
    const work = checked.work + cost;
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      return { kind: operation.operation, document, work, execute: once(execution, origin) };
    }
    const { viewer } = origin.gateway();
    if (viewer.kind === 'anonymous') return notExecuted([refusalFor(viewer)], checked.work);
    const subscribe = async (): Promise<AsyncIterableIterator<Update> | ExecutionResult> => {
      const opened = await openSubscription({ schema, ...execution, origin, masked, publicError, shared, inTime });
      metrics.subscribed(operation, Symbol.asyncIterator in opened ? undefined : opened.errors);
      return opened;
    };
    return { kind: 'subscription', document, work, subscribe };
  };

  return {
    publicError,
    /** Never throws: whatever is wrong is in what comes back. */
    prepare(params: OperationParams, origin: OperationOrigin): Prepared {
      try {
        return prepare(params, origin);
      } catch (error) {
        return notExecuted([error], 0);
      }
    },
  };
}

/** What is wrong with the variables: found here, so that it is the same whichever way the operation is executed. */
function problemsOf(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Record<string, unknown>,
): readonly GraphQLError[] {
  if (variableDefinitions.length === 0) return [];
  return getVariableValues(schema, variableDefinitions, variables, { maxErrors: 10 }).errors ?? [];
}
