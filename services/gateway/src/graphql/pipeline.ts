import { invalid } from '@andvari/kit/base/errors';
import type { Log } from '@andvari/kit/observe/log';
import { RequestCache } from '@pothos/plugin-scope-auth';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
} from 'graphql';
import { createYoga, isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { GatewayMetrics } from '../metrics.ts';
import type { GatewayContext } from '../schema/context.ts';
import { compiledQueries } from './compiled-queries.ts';
import { operationMetrics } from './operation-metrics.ts';
import type { PersistedOperations } from './persisted-operations.ts';
import { createPublicError, type PublicError } from './public-error.ts';
import { queryLimits } from './query-limits.ts';
import { statusOfResult } from './result-status.ts';

export interface PipelineParts {
  schema: GraphQLSchema;
  persisted: PersistedOperations;
  metrics: GatewayMetrics;
  log: Log;
  development: boolean;
  maxCost: number;
  maxBodyBytes: number;
}

export type Pipeline = ReturnType<typeof createPipeline>;

/**
 * One instance of yoga with one list of plugins. Plain JSON requests go through `run` straight from node:http, because
 * yoga's own way over fetch objects costs more than the rest; streams, GraphiQL and GET go through `yoga`.
 */
export function createPipeline(parts: PipelineParts) {
  const { schema, persisted, metrics, log, development } = parts;
  const publicError = createPublicError(log);
  const plugins: Plugin[] = [
    queryLimits(schema, { maxCost: parts.maxCost, introspection: development }),
    compiledQueries(schema, log),
    operationMetrics(metrics, persisted.names),
    {
      onParams({ params, setParams }) {
        setParams({ ...params, query: persisted.textOf(params) });
      },
      // What never got as far as being executed has not been through the masking yet.
      onExecutionResult(payload) {
        const { result } = payload;
        if (result === undefined || Array.isArray(result) || isAsyncIterable(result)) return;
        const masked = shown(result as ExecutionResult, publicError);
        payload.setResult({ ...masked, extensions: { http: { status: statusOfResult(masked) } } });
      },
    },
  ];
  const yoga = createYoga<{ gateway: GatewayContext }>({
    schema,
    plugins,
    context: ({ gateway }) => gateway,
    graphiql: development,
    landingPage: false,
    cors: false,
    multipart: false,
    logging: false,
    maxRequestBodySize: parts.maxBodyBytes,
    maskedErrors: { maskError: (error) => withStatusOf(error, publicError(error)) },
  });

  /** Yoga's own functions for one operation, with all plugins in them; what yoga types as anything has its types here. */
  const envelop = (gateway: GatewayContext): Enveloped =>
    yoga.getEnveloped({ gateway } as never) as unknown as Enveloped;

  return {
    yoga,
    publicError,
    persisted,
    envelop,
    /** Parses, checks and executes one request; everything that can go wrong is in the result. */
    async run(params: OperationParams, gateway: GatewayContext): Promise<ExecutionResult> {
      try {
        const query = persisted.textOf(params);
        const { parse, validate, contextFactory, execute } = envelop(gateway);
        const document = parse(query);
        const problems = validate(schema, document);
        if (problems.length > 0) return { errors: problems.map(publicError) };
        const { variables, operationName } = params;
        if (getOperationAST(document, operationName)?.operation === OperationTypeNode.SUBSCRIPTION) {
          throw invalid('query', 'is a subscription: ask for text/event-stream or open a WebSocket');
        }
        const contextValue = await contextFactory();
        const result = await execute({
          schema,
          document,
          contextValue,
          variableValues: variables ?? {},
          operationName,
        });
        // Left in its weak map, what was decided about this request would go only with a collection of the whole heap.
        RequestCache.clearForContext(contextValue);
        return shown(result, publicError);
      } catch (error) {
        return { errors: [publicError(error)] };
      }
    },
  };
}

export interface Enveloped {
  schema: GraphQLSchema;
  parse: (query: string) => DocumentNode;
  validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];
  contextFactory: () => Promise<object>;
  execute: (args: ExecutionArgs) => Promise<ExecutionResult>;
  subscribe: (args: ExecutionArgs) => Promise<AsyncIterable<ExecutionResult> | ExecutionResult>;
}

export interface OperationParams {
  query?: string;
  variables?: Record<string, unknown>;
  operationName?: string;
  extensions?: Record<string, unknown>;
}

/** Yoga has a word of its own on how something was asked, like a mutation by GET; it keeps that word to itself. */
function withStatusOf(error: unknown, shownError: GraphQLError): GraphQLError {
  const http = (error as Partial<GraphQLError> | undefined)?.extensions?.['http'];
  if (http !== undefined) shownError.extensions['http'] = http;
  return shownError;
}

function shown(result: ExecutionResult, publicError: PublicError): ExecutionResult {
  return result.errors === undefined ? result : { ...result, errors: result.errors.map(publicError) };
}
