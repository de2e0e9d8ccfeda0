import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { withContext } from '@andvari/kit/base/context';
import { AppError } from '@andvari/kit/base/errors';
import type { Scope } from '@andvari/kit/process/scope';
import type { ExecutionArgs, GraphQLError } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clients } from '../clients.ts';
import type { Enveloped, Pipeline } from '../graphql/pipeline.ts';
import type { LiveCredentials } from '../identity/live-credentials.ts';
import type { Viewer } from '../identity/viewer.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { Feeds } from '../live/feeds.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { GatewayContext } from '../schema/context.ts';
import { retryAfterSeconds, statusFor } from './answers.ts';
import { type Arrival, anonymousContext, arrivalOf, RequestContext } from './arrival.ts';
import { requireOwnPage } from './csrf.ts';
import { type Entrance, tooMany } from './entrance.ts';
import { holdStream } from './graphql-route.ts';
import { MAX_BODY_BYTES } from './read-body.ts';

export interface SocketParts {
  pipeline: Pipeline;
  entrance: Entrance;
  limits: RateLimits;
  clients: Clients;
  feeds: Feeds;
  credentials: LiveCredentials;
  allowedOrigins: ReadonlySet<string>;
  trustedProxies: ReadonlySet<string>;
  isBehind: () => boolean;
  metrics: GatewayMetrics;
  timeoutMs: number;
}

/** Operations that one socket may have open at a time. */
const MAX_OPEN = 50;
const PATH = /^\/graphql(?:\?|$)/;

interface Guest {
  viewer: Viewer;
  arrival: Arrival;
  ended: AbortSignal;
  open: Set<string>;
}

/** GraphQL over WebSocket on the same port: whoever may not come in is refused before there is a socket. */
export function openSockets(scope: Scope, server: Server, parts: SocketParts): void {
  const { entrance, metrics, timeoutMs } = parts;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_BODY_BYTES, perMessageDeflate: false });
  const guests = new WeakMap<WebSocket, Guest>();
  const guestOf = (socket: WebSocket): Guest => {
    const guest = guests.get(socket);
    if (guest === undefined) throw new Error('a socket that nobody let in');
    return guest;
  };

  const graphql = useServer(
    {
      onSubscribe: async ({ extra }, id, payload) => {
        const guest = guestOf(extra.socket);
        return withContext(contextOf(guest, timeoutMs), () => prepare(parts, guest, id, payload));
      },
      execute: (args) => inGuestContext(args, timeoutMs, (prepared) => prepared.execute(args)),
      subscribe: (args) => inGuestContext(args, Number.POSITIVE_INFINITY, (prepared) => prepared.subscribe(args)),
      onComplete: ({ extra }, id) => void guestOf(extra.socket).open.delete(id),
    },
    sockets,
  );

  const letIn = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const arrival = arrivalOf(request, parts.trustedProxies);
    try {
      if (!PATH.test(request.url ?? '')) throw new AppError('not_found', 'nothing is here');
      if (parts.isBehind()) throw new AppError('unavailable', 'too busy at the moment');
      // A page can open a socket anywhere and the browser sends the cookies along: the origin decides, cookie or not.
      requireOwnPage(request.headers, parts.allowedOrigins);
      const viewer = await withContext(anonymousContext(arrival, timeoutMs), () =>
        entrance.admit(request, undefined, arrival, 'reading'),
      );
      sockets.handleUpgrade(request, socket, head, (opened) => {
        const ended = new AbortController();
        guests.set(opened, { viewer, arrival, ended: ended.signal, open: new Set() });
        const letGo = viewer.kind === 'anonymous' ? () => undefined : holdStream(viewer, parts.credentials, ended);
        ended.signal.addEventListener('abort', () => opened.close(4401, 'the credential has ended'), { once: true });
        metrics.subscriptions.inc({ transport: 'websocket' });
        opened.once('close', () => {
          letGo();
          ended.abort();
          metrics.subscriptions.dec({ transport: 'websocket' });
        });
        sockets.emit('connection', opened, request);
      });
    } catch (error) {
      const seconds = retryAfterSeconds(error);
      const retry = seconds === undefined ? '' : `retry-after: ${seconds}\r\n`;
      socket.end(`HTTP/1.1 ${statusFor(error)} Refused\r\n${retry}connection: close\r\ncontent-length: 0\r\n\r\n`);
    }
  };

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    void letIn(request, socket, head);
  });
  scope.defer('sockets', () => graphql.dispose());
}

/** What one operation needs to be executed, carried where graphql-ws keeps the root value. */
interface Prepared {
  guest: Guest;
  execute: Enveloped['execute'];
  subscribe: Enveloped['subscribe'];
}

async function prepare(
  { pipeline, limits, clients, feeds }: SocketParts,
  guest: Guest,
  id: string,
  payload: SubscribePayload,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  try {
    if (guest.open.size >= MAX_OPEN) throw tooMany({ allowed: false, limit: MAX_OPEN, remaining: 0, resetMs: 0 });
    const taken = await limits.request(guest.viewer, guest.arrival.addressGroup);
    if (taken?.allowed === false) throw tooMany(taken);
    const params = { query: payload.query, extensions: payload.extensions ?? undefined };
    const query = pipeline.persisted.textOf(params);
    const gateway: GatewayContext = { viewer: guest.viewer, clients, feeds, signal: () => guest.ended };
    const { schema, parse, validate, contextFactory, execute, subscribe } = pipeline.envelop(gateway);
    const document = parse(query);
    const problems = validate(schema, document);
    if (problems.length > 0) return problems.map(pipeline.publicError);
    guest.open.add(id);
    const prepared: Prepared = { guest, execute, subscribe };
    return {
      schema,
      document,
      contextValue: await contextFactory(),
      rootValue: prepared,
      ...(payload.operationName ? { operationName: payload.operationName } : {}),
      ...(payload.variables ? { variableValues: payload.variables } : {}),
    };
  } catch (error) {
    return [pipeline.publicError(error)];
  }
}

function inGuestContext<T>(args: ExecutionArgs, timeoutMs: number, work: (prepared: Prepared) => T): T {
  const prepared = args.rootValue as Prepared;
  return withContext(contextOf(prepared.guest, timeoutMs), () => work(prepared));
}

function contextOf({ arrival, viewer }: Guest, timeoutMs: number): RequestContext {
  return new RequestContext(arrival, viewer, Date.now() + timeoutMs);
}
