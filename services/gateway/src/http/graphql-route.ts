import type { IncomingMessage, ServerResponse } from 'node:http';
import { withContext } from '@andvari/kit/base/context';
import { invalid } from '@andvari/kit/base/errors';
import type { ExecutionResult } from 'graphql';
import type { Clients } from '../clients.ts';
import type { OperationOrigin } from '../graphql/operation-origin.ts';
import type { OperationParams, Pipeline, Prepared } from '../graphql/pipeline.ts';
import { statusOfResult } from '../graphql/result-status.ts';
import type { Viewer } from '../identity/viewer.ts';
import type { OpenConnections } from '../limits/open-connections.ts';
import type { Feeds } from '../live/feeds.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { json, refuse, WrongMethod } from './answers.ts';
import type { Entrance } from './entrance.ts';
import { sendEvents, sendOneEvent } from './event-stream.ts';
import type { HeldStreams } from './held-streams.ts';
import { paramsFromBody, paramsFromUrl } from './operation-params.ts';
import { readJsonObject, requireJson } from './read-body.ts';
import { anonymousContext, RequestContext, type RequestOrigin } from './request-origin.ts';

export interface GraphqlParts {
  pipeline: Pipeline;
  entrance: Entrance;
  connections: OpenConnections;
  clients: Clients;
  feeds: Feeds;
  streams: HeldStreams;
  metrics: GatewayMetrics;
  timeoutMs: number;
}

export type Handle = (
  request: IncomingMessage,
  response: ServerResponse,
  requestOrigin: RequestOrigin,
) => Promise<void>;

interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestOrigin: RequestOrigin;
  readonly viewer: Viewer;
  readonly params: OperationParams;
}

/** GraphQL over HTTP: the answer is JSON, or an event stream where a subscription is asked for or nothing else is accepted. */
export function createGraphqlRoute(parts: GraphqlParts): Handle {
  const { pipeline, entrance, timeoutMs } = parts;
  const answerStream = streamOf(parts);

  const answer = async (visit: Visit): Promise<void> => {
    const { request, requestOrigin, viewer, params, response } = visit;
    const context = new RequestContext(requestOrigin, viewer, Date.now() + timeoutMs, response);
    const ended = new AbortController();
    const isStreamAccepted = accepts(request, 'text/event-stream');
    const since = lastEventId(request);
    const origin: OperationOrigin = {
      // By itself, so that what outlives the request holds on to nothing else of it.
      gateway: () => ({
        viewer,
        clients: parts.clients,
        feeds: parts.feeds,
        signal: () => (isStreamAccepted ? ended.signal : context.signal),
        ...(since === undefined ? {} : { lastEventId: since }),
      }),
      call: () => (isStreamAccepted ? new RequestContext(requestOrigin, viewer, Date.now() + timeoutMs) : context),
    };
    const prepared = withContext(context, () => pipeline.prepare(params, origin));
    entrance.charge(viewer, requestOrigin, prepared.work);
    if (prepared.kind === 'subscription') {
      if (!isStreamAccepted) {
        throw invalid(
          'query',
          'is a subscription: accept text/event-stream or open a WebSocket',
          'stream_not_accepted',
        );
      }
      await answerStream(visit, prepared, ended);
    } else {
      if (prepared.kind === 'mutation' && request.method === 'GET')
        throw new WrongMethod('a mutation needs a POST', 'POST');
      await answerOnce(visit, prepared);
      context.answered();
    }
  };

  return async (request, response, requestOrigin) => {
    try {
      const isPost = request.method === 'POST';
      if (!isPost && request.method !== 'GET')
        throw new WrongMethod('only GET and POST are answered here', 'GET', 'POST');
      if (isPost) requireJson(request);
      // The body arrives while the limits are being asked.
      const body = isPost ? readJsonObject(request) : undefined;
      body?.catch(() => undefined);
      const viewer = await entrance.admit(request, response, requestOrigin, isPost ? 'action' : 'reading');
      const params = body === undefined ? paramsFromUrl(request.url) : paramsFromBody(await body);
      await answer({ request, response, requestOrigin, viewer, params });
    } catch (error) {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      // Never executed: the error has the shape of GraphQL's and the status of HTTP's.
      const errors = withContext(anonymousContext(requestOrigin, timeoutMs), () => [pipeline.publicError(error)]);
      refuse(request, response, error, { errors });
    }
  };
}

async function answerOnce(
  { request, response }: Visit,
  prepared: Exclude<Prepared, { kind: 'subscription' }>,
): Promise<void> {
  const result = prepared.kind === 'refused' ? prepared.result : await prepared.execute();
  if (response.destroyed) return;
  const isEventsOnly = accepts(request, 'text/event-stream') && !acceptsJson(request);
  if (isEventsOnly && prepared.kind !== 'refused') sendOneEvent(response, result);
  else sendResult(request, response, result);
}

function sendResult(request: IncomingMessage, response: ServerResponse, result: ExecutionResult): void {
  const type = accepts(request, 'application/graphql-response+json')
    ? 'application/graphql-response+json'
    : 'application/json';
  json(response, statusOfResult(result), result, type);
}

function streamOf({ connections, streams, metrics }: GraphqlParts) {
  return async (
    { request, response, requestOrigin, viewer }: Visit,
    { subscribe }: Extract<Prepared, { kind: 'subscription' }>,
    ended: AbortController,
  ): Promise<void> => {
    // Counted before anything is waited for: of many that come at once, no more get in than may.
    const release = connections.take(viewer, requestOrigin.addressGroup);
    const letGo = streams.hold(viewer, ended);
    response.once('close', () => ended.abort());
    metrics.subscriptions.inc({ transport: 'sse' });
    try {
      const opened = await subscribe();
      if (Symbol.asyncIterator in opened) await sendEvents(response, opened);
      else sendResult(request, response, opened);
    } finally {
      metrics.subscriptions.dec({ transport: 'sse' });
      letGo();
      release();
    }
  };
}

const POSITION = /^[\w.:~-]{1,200}$/;

function lastEventId({ headers }: IncomingMessage): string | undefined {
  const given = headers['last-event-id'];
  if (given === undefined || given === '') return undefined;
  if (typeof given !== 'string' || !POSITION.test(given)) throw invalid('last-event-id', 'is not a position');
  return given;
}

function accepts(request: IncomingMessage, type: string): boolean {
  return request.headers.accept?.includes(type) === true;
}

function acceptsJson(request: IncomingMessage): boolean {
  return ['application/json', 'application/graphql-response+json', 'application/*', '*/*'].some((type) =>
    accepts(request, type),
  );
}
