import type { IncomingMessage, ServerResponse } from 'node:http';
import { withContext } from '@andvari/kit/base/context';
import { AppError, invalid } from '@andvari/kit/base/errors';
import { SpanKind, traced } from '@andvari/kit/observe/tracing';
import type { ExecutionResult } from 'graphql';
import type { Clients } from '../clients.ts';
import type { OperationParams, Pipeline } from '../graphql/pipeline.ts';
import { statusOfResult } from '../graphql/result-status.ts';
import { apiKeyKey, type LiveCredentials, sessionKey, userKey } from '../identity/live-credentials.ts';
import type { SignedIn, Viewer } from '../identity/viewer.ts';
import type { Feeds } from '../live/feeds.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { GatewayContext } from '../schema/context.ts';
import { json, refuse } from './answers.ts';
import { type Arrival, anonymousContext, RequestContext } from './arrival.ts';
import type { Entrance } from './entrance.ts';
import { readJsonObject, requireJson } from './read-body.ts';

export interface GraphqlParts {
  pipeline: Pipeline;
  entrance: Entrance;
  clients: Clients;
  feeds: Feeds;
  credentials: LiveCredentials;
  metrics: GatewayMetrics;
  timeoutMs: number;
}

export type Handle = (request: IncomingMessage, response: ServerResponse, arrival: Arrival) => Promise<void>;

/** GraphQL over HTTP: plain JSON on the short way, everything else by way of yoga. */
export function createGraphqlRoute(parts: GraphqlParts): Handle {
  const { pipeline, entrance, timeoutMs } = parts;
  const shortWay = shortWayOf(parts);
  const longWay = longWayOf(parts);

  return async (request, response, arrival) => {
    const isPost = request.method === 'POST';
    const isStream = acceptsStream(request);
    try {
      if (isPost) requireJson(request);
      const manner = isPost ? 'action' : 'reading';
      if (!isPost || isStream) {
        const viewer = await withContext(anonymousContext(arrival, timeoutMs), () =>
          entrance.admit(request, response, arrival, manner),
        );
        // Read here and not by yoga, so that both ways let in the same.
        if (isPost) Object.assign(request, { body: paramsFrom(await readJsonObject(request)) });
        await longWay(request, response, arrival, viewer, isStream);
        return;
      }
      // The body arrives while the limits are being asked.
      const body = readJsonObject(request);
      body.catch(() => undefined);
      const viewer = await entrance.admit(request, response, arrival, manner);
      await shortWay(response, arrival, viewer, paramsFrom(await body), wantsGraphqlResponse(request));
    } catch (error) {
      if (response.headersSent || response.destroyed) return;
      // Never executed: the error has the shape of GraphQL's and the status of HTTP's.
      const errors = withContext(anonymousContext(arrival, timeoutMs), () => [pipeline.publicError(error)]);
      refuse(request, response, error, { errors });
    }
  };
}

function shortWayOf({ pipeline, clients, feeds, timeoutMs }: GraphqlParts) {
  return async (
    response: ServerResponse,
    arrival: Arrival,
    viewer: Viewer,
    params: OperationParams,
    newType: boolean,
  ): Promise<void> => {
    const context = new RequestContext(arrival, viewer, Date.now() + timeoutMs, response);
    const gateway = gatewayContext(context, { viewer, clients, feeds });
    await withContext(context, async () => {
      const result = await traced('graphql', { kind: SpanKind.SERVER, parent: arrival.traceparent }, () =>
        inTime(pipeline.run(params, gateway), timeoutMs, pipeline),
      );
      context.answered();
      if (response.destroyed) return;
      json(
        response,
        statusOfResult(result),
        result,
        newType ? 'application/graphql-response+json' : 'application/json',
      );
    });
  };
}

/** By itself, so that what outlives the request holds on to nothing else of it. */
function gatewayContext(context: RequestContext, parts: Omit<GatewayContext, 'signal'>): GatewayContext {
  return { ...parts, signal: () => context.signal };
}

function longWayOf({ pipeline, clients, feeds, credentials, metrics, timeoutMs }: GraphqlParts) {
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    arrival: Arrival,
    viewer: Viewer,
    isStream: boolean,
  ): Promise<void> => {
    const deadline = isStream ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
    const context = new RequestContext(arrival, viewer, deadline, response);
    const ended = new AbortController();
    const letGo = isStream && viewer.kind !== 'anonymous' ? holdStream(viewer, credentials, ended) : () => undefined;
    context.signal.addEventListener('abort', () => ended.abort(), { once: true });
    if (isStream) {
      metrics.subscriptions.inc({ transport: 'sse' });
      response.once('close', () => metrics.subscriptions.dec({ transport: 'sse' }));
    }
    response.once('close', letGo);
    const gateway: GatewayContext = { viewer, clients, feeds, signal: () => ended.signal };
    await withContext(context, () => pipeline.yoga(request, response, { gateway }));
  };
}

/** A stream ends with its credential: when that is taken away, or has to be shown anew. */
export function holdStream(viewer: SignedIn, credentials: LiveCredentials, ended: AbortController): () => void {
  const own = viewer.kind === 'session' ? sessionKey(viewer.sessionId) : apiKeyKey(viewer.apiKeyId);
  const letGo = credentials.hold([own, userKey(viewer.userId)], ended);
  const timer = setTimeout(() => ended.abort(), Math.max(0, viewer.untilMs - Date.now()));
  return () => {
    clearTimeout(timer);
    letGo();
  };
}

async function inTime(work: Promise<ExecutionResult>, timeoutMs: number, pipeline: Pipeline): Promise<ExecutionResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ExecutionResult>((resolve) => {
    timer = setTimeout(() => {
      const error = new AppError('unavailable', 'took too long', { reason: 'deadline_exceeded' });
      resolve({ errors: [pipeline.publicError(error)] });
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function paramsFrom(body: Record<string, unknown>): OperationParams {
  for (const key of Object.keys(body)) {
    if (!allowedParams.has(key)) throw invalid('body', 'has a member that no GraphQL request has');
  }
  const { query, variables, operationName, extensions } = body;
  if (query !== undefined && query !== null && typeof query !== 'string') throw invalid('query', 'should be a string');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    throw invalid('operationName', 'should be a string');
  }
  return {
    ...(typeof query === 'string' ? { query } : {}),
    ...(typeof operationName === 'string' ? { operationName } : {}),
    ...objectUnder('variables', variables),
    ...objectUnder('extensions', extensions),
  };
}

const allowedParams = new Set(['query', 'variables', 'operationName', 'extensions']);

function objectUnder(name: string, value: unknown): Record<string, Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(name, 'should be an object');
  return { [name]: value as Record<string, unknown> };
}

function acceptsStream(request: IncomingMessage): boolean {
  return request.headers.accept?.includes('text/event-stream') === true;
}

function wantsGraphqlResponse(request: IncomingMessage): boolean {
  return request.headers.accept?.includes('application/graphql-response+json') === true;
}
