import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { currentContext, withContext } from '@andvari/kit/base/context';
import { AppError } from '@andvari/kit/base/errors';
import type { Log } from '@andvari/kit/observe/log';
import { newTraceparent, traceIdOf } from '@andvari/kit/observe/tracing';
import { wordsFor } from '../graphql/public-error.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { refuse } from './answers.ts';
import type { TrustedProxies } from './client-address.ts';
import { allowOrigin, answerPreflight } from './cors.ts';
import type { Handle } from './graphql-route.ts';
import { anonymousContext, requestOriginOf } from './request-origin.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { STATEMENTS } from './statement-route.ts';
import type { WebApp } from './web-app.ts';

export interface RouteParts {
  graphql: Handle;
  /** POST only. */
  auth: Readonly<Record<string, Handle>>;
  /** All below its path. */
  statements: Handle;
  /** GET only. */
  pages: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>>>;
  /** In development: a browser that comes to /graphql without a question. */
  graphiql: RouteParts['pages'][string] | undefined;
  webApp: WebApp | undefined;
  isProduction: boolean;
  /** Answered whatever the load is. */
  probes: Readonly<Record<string, (response: ServerResponse) => Promise<void>>>;
  isBehind: () => boolean;
  allowedOrigins: ReadonlySet<string>;
  trustedProxies: TrustedProxies;
  metrics: GatewayMetrics;
  log: Log;
}

const TIMEOUT_MS = 10_000;

/** Which handler a request goes to; what none of them caught is answered here, without a word too many. */
export function createRoutes(parts: RouteParts): RequestListener {
  const { graphql, graphiql, webApp, auth, pages, statements, probes, isBehind, allowedOrigins, trustedProxies } =
    parts;
  const { metrics, log } = parts;

  const dispatch = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const probe = probes[path];
    if (probe !== undefined) return probe(response);
    setSecurityHeaders(response, parts.isProduction);
    if (request.headers.origin !== undefined) allowOrigin(request, response, allowedOrigins);
    if (webApp !== undefined) {
      // Before anybody is turned away: it costs no more than that, and a page that lacks a part of itself is broken.
      if (webApp.handles(request, path) && pages[path] === undefined) return webApp.serve(request, response, path);
      response.setHeader('x-build-id', webApp.buildId);
    }
    if (isBehind()) {
      metrics.refusals.inc({ limit: 'event_loop' });
      return turnAway(request, response, path);
    }
    if (request.method === 'OPTIONS') return answerPreflight(response);

    if (path === '/graphql') {
      if (graphiql !== undefined && isVisit(request)) return graphiql(request, response);
      return graphql(request, response, requestOriginOf(request, trustedProxies));
    }
    const requestOrigin = requestOriginOf(request, trustedProxies);
    await withContext(anonymousContext(requestOrigin, TIMEOUT_MS), async () => {
      try {
        const { route, handle } = routeOf(request.method, path);
        await measured(route, response, handle(request, response, requestOrigin));
      } catch (error) {
        answerError(request, response, error, log);
      }
    });
  };

  const routeOf = (method: string | undefined, path: string): { route: string; handle: Handle } => {
    if (path.startsWith(STATEMENTS)) return { route: STATEMENTS, handle: statements };
    const handle = method === 'GET' ? pages[path] : method === 'POST' ? auth[path] : undefined;
    if (handle === undefined) throw new AppError('not_found', 'nothing is here', { reason: 'no_route' });
    return { route: path, handle };
  };

  const measured = async (route: string, response: ServerResponse, work: Promise<void>): Promise<void> => {
    const startedAt = performance.now();
    try {
      await work;
    } finally {
      metrics.routes.observe({ route, status: response.statusCode }, (performance.now() - startedAt) / 1000);
    }
  };

  return (request, response) => {
    const url = request.url ?? '/';
    const question = url.indexOf('?');
    const path = question === -1 ? url : url.slice(0, question);
    dispatch(request, response, path).catch((error: unknown) => answerError(request, response, error, log));
  };
}

function isVisit({ method, url = '', headers }: IncomingMessage): boolean {
  return method === 'GET' && !url.includes('query=') && headers.accept?.includes('text/html') === true;
}

/** Costs next to nothing and no line in the log: whoever is behind has no time for more. */
function turnAway(request: IncomingMessage, response: ServerResponse, path: string): void {
  const error = new AppError('unavailable', 'too busy at the moment; try again later', { reason: 'overloaded' });
  const extensions = { code: 'UNAVAILABLE', reason: error.reason, traceId: traceIdOf(newTraceparent()) };
  const { message } = error;
  const isGraphql = path === '/graphql';
  refuse(
    request,
    response,
    error,
    isGraphql ? { errors: [{ message, extensions }] } : { error: { message, ...extensions } },
  );
}

function answerError(request: IncomingMessage, response: ServerResponse, error: unknown, log: Log): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { message, extensions } = wordsFor(error, log);
  const traceId = traceIdOf(currentContext()?.traceparent);
  const shown = { message, ...extensions, ...(traceId === undefined ? {} : { traceId }) };
  refuse(request, response, error, { error: shown });
}
