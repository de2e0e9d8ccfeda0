import { withContext } from '@andvari/kit/base/context';
import { AppError } from '@andvari/kit/base/errors';
import type { Log } from '@andvari/kit/observe/log';
import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import { CloseCode, type Context, makeServer, type SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { OperationOrigin } from '../graphql/operation-origin.ts';
import type { OperationParams, Prepared } from '../graphql/pipeline.ts';
import type { Update } from '../graphql/subscription-updates.ts';
import { type Credential, credentialFrom } from '../identity/authenticate.ts';
import type { Viewer } from '../identity/viewer.ts';
import type { GraphqlParts } from './graphql-route.ts';
import { paramsFromBody } from './operation-params.ts';
import { RequestContext, type RequestOrigin } from './request-origin.ts';

/** Operations that one socket may have open at a time. */
const MAX_OPEN = 50;
/** Messages of any kind, pings too, that one socket may send within ten seconds. */
const MAX_MESSAGES = 200;
const WINDOW_MS = 10_000;
const PING_MS = 12_000;
/** For the last word of each operation to get out before the socket closes. */
const FAREWELL_MS = 500;

export interface ProtocolParts extends GraphqlParts {
  /** How long a socket may stay that does not say who it is. */
  anonymousMs: number;
  log: Log;
}

/** Who is at the other end of a socket. */
export interface Guest {
  readonly viewer: Viewer;
  readonly requestOrigin: RequestOrigin;
}

interface Talk {
  guest: Guest;
  readonly socket: WebSocket;
  readonly ended: AbortController;
  readonly open: Set<string>;
  letGo: () => void;
}

type Extra = { talk: Talk };
type SocketContext = Context<Record<string, unknown>, Extra>;

/** The protocol graphql-transport-ws over sockets that were let in; their operations go the way that all operations go. */
export function createSocketProtocol(parts: ProtocolParts): (socket: WebSocket, guest: Guest) => void {
  const { streams, anonymousMs, log } = parts;
  const server = makeServer<Record<string, unknown>, Extra>({
    onConnect: ({ extra, connectionParams }) => identified(parts, extra.talk, connectionParams),
    onSubscribe: ({ extra }, id, payload) => prepared(parts, extra.talk, id, payload),
    execute: (args) => (args.rootValue as Operation).execute(),
    subscribe: (args) => (args.rootValue as Operation).subscribe(),
    onComplete: ({ extra }: SocketContext, id) => void extra.talk.open.delete(id),
  });

  return (socket, guest) => {
    const ended = new AbortController();
    const talk: Talk = { guest, socket, ended, open: new Set(), letGo: streams.hold(guest.viewer, ended) };
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (text) => sendText(socket, text),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) => onMessage(parts, talk, handle),
      },
      { talk },
    );
    ended.signal.addEventListener('abort', () => void sayGoodbye(talk), { once: true });
    const stopPings = keepAlive(socket);
    const anonymousUntil = setTimeout(() => {
      if (talk.guest.viewer.kind === 'anonymous') socket.close(CloseCode.Forbidden, 'not_signed_in');
    }, anonymousMs);
    socket.on('error', (error) => {
      log.info({ event: 'socket_failed', err: error }, 'a socket failed');
      socket.terminate();
    });
    socket.once('close', (code, reason) => {
      clearTimeout(anonymousUntil);
      stopPings();
      talk.letGo();
      ended.abort();
      void closed(code, String(reason));
    });
  };
}

/** Credentials of the handshake or of the first message, but not both: nobody is two. */
async function identified(
  { entrance, streams, pipeline, timeoutMs }: ProtocolParts,
  talk: Talk,
  connectionParams: Record<string, unknown> | undefined,
): Promise<boolean> {
  const { viewer, requestOrigin } = talk.guest;
  try {
    const credential = credentialOf(connectionParams);
    if (credential.kind === 'none') return true;
    if (viewer.kind !== 'anonymous') throw new AppError('invalid_argument', 'shows a second credential');
    const context = new RequestContext(requestOrigin, viewer, Date.now() + timeoutMs);
    const known = await withContext(context, () => entrance.identify(credential, requestOrigin));
    talk.letGo();
    talk.guest = { requestOrigin, viewer: known };
    talk.letGo = streams.hold(known, talk.ended);
    return true;
  } catch (error) {
    // Clients take this code as a reason to come back with a fresh credential, where 4401 ends them for good.
    const { extensions } = pipeline.publicError(error);
    const { reason, code } = extensions;
    talk.socket.close(CloseCode.Forbidden, String(reason ?? code).slice(0, 120));
    return new Promise(() => undefined);
  }
}

const credentialHeaders = new Set(['authorization', 'x-api-key-id', 'x-api-key-secret']);

function credentialOf(connectionParams: Record<string, unknown> | undefined): Credential {
  const headers: Record<string, string> = {};
  const nested = connectionParams?.['headers'];
  const given = { ...(typeof nested === 'object' ? nested : {}), ...connectionParams };
  for (const [name, value] of Object.entries(given)) {
    if (credentialHeaders.has(name.toLowerCase())) headers[name.toLowerCase()] = String(value);
  }
  return credentialFrom(headers);
}

/** What an operation does, carried where graphql-ws keeps the root value. */
interface Operation {
  execute: () => Promise<ExecutionResult>;
  subscribe: () => Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
}

async function prepared(
  parts: ProtocolParts,
  talk: Talk,
  id: string,
  payload: SubscribePayload,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const { pipeline, entrance, timeoutMs } = parts;
  const { viewer, requestOrigin } = talk.guest;
  const call = (): RequestContext => new RequestContext(requestOrigin, viewer, Date.now() + timeoutMs);
  try {
    if (talk.open.size >= MAX_OPEN) throw tooManyOpen();
    // Counted before anything is waited for: of many that come at once, no more start than may.
    talk.open.add(id);
    await entrance.count(viewer, requestOrigin);
    const params = paramsOf(payload);
    const origin: OperationOrigin = {
      gateway: () => ({ viewer, clients: parts.clients, feeds: parts.feeds, signal: () => talk.ended.signal }),
      call,
    };
    const operation = withContext(call(), () => pipeline.prepare(params, origin));
    entrance.charge(viewer, requestOrigin, operation.work);
    if (operation.kind === 'refused') {
      talk.open.delete(id);
      return operation.result.errors ?? [];
    }
    return argsOf(operation, params);
  } catch (error) {
    talk.open.delete(id);
    return [withContext(call(), () => pipeline.publicError(error))];
  }
}

function paramsOf({ query, variables, operationName, extensions }: SubscribePayload): OperationParams {
  return paramsFromBody({ query, variables, operationName, extensions });
}

function argsOf(operation: Exclude<Prepared, { kind: 'refused' }>, params: OperationParams): ExecutionArgs {
  const rootValue: Operation =
    operation.kind === 'subscription'
      ? {
          execute: never,
          subscribe: async () => {
            const opened = await operation.subscribe();
            return Symbol.asyncIterator in opened ? results(opened) : opened;
          },
        }
      : { execute: operation.execute, subscribe: never };
  return {
    // Not looked at: what is executed is in the root value.
    schema: undefined as never,
    document: operation.document,
    contextValue: undefined,
    rootValue,
    ...(params.operationName === undefined ? {} : { operationName: params.operationName }),
  };
}

function never(): never {
  throw new Error('an operation was taken for one of another kind');
}

async function* results(updates: AsyncIterableIterator<Update>): AsyncGenerator<ExecutionResult, undefined> {
  for await (const { result } of updates) yield result;
}

/** Each operation is told by its last result why it ends; then the socket closes with a code that lets clients come back. */
async function sayGoodbye({ socket, ended, open }: Talk): Promise<void> {
  const { reason } = ended.signal;
  if (!(reason instanceof AppError)) return;
  const until = Date.now() + FAREWELL_MS;
  const close = (): void => {
    const isOut = open.size === 0 && socket.bufferedAmount === 0;
    if (!isOut && Date.now() < until && socket.readyState === socket.OPEN) {
      setTimeout(close, 10);
      return;
    }
    socket.close(reason.code === 'unavailable' ? 1001 : CloseCode.Forbidden, reason.reason);
  };
  close();
}

/** Messages are counted whatever they are: a ping costs a wake-up and an answer. */
function onMessage({ log }: ProtocolParts, { socket }: Talk, handle: (text: string) => Promise<void>): void {
  let windowAt = 0;
  let count = 0;
  const counted = (): boolean => {
    const now = Date.now();
    if (now - windowAt > WINDOW_MS) {
      windowAt = now;
      count = 0;
    }
    count += 1;
    return count <= MAX_MESSAGES;
  };
  const refuse = (): void => {
    if (socket.readyState === socket.OPEN) socket.close(4429, 'too_many_messages');
  };
  socket.on('ping', () => {
    if (!counted()) refuse();
  });
  socket.on('message', (data) => {
    if (!counted()) {
      refuse();
      return;
    }
    handle(textOf(data)).catch((error: unknown) => {
      log.error({ event: 'socket_message_failed', err: error }, 'a message of a socket could not be handled');
      socket.close(CloseCode.InternalServerError, 'internal');
    });
  });
}

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}

/** Resolves when the text has left this process, so that a reader who is slow is waited for. */
function sendText(socket: WebSocket, text: string): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve();
  return new Promise((resolve, reject) => socket.send(text, (error) => (error ? reject(error) : resolve())));
}

/** Ends a socket whose other end is gone without a word. */
function keepAlive(socket: WebSocket): () => void {
  let isAnswered = true;
  socket.on('pong', () => (isAnswered = true));
  const timer = setInterval(() => {
    if (!isAnswered) {
      socket.terminate();
      return;
    }
    isAnswered = false;
    socket.ping();
  }, PING_MS);
  return () => clearInterval(timer);
}

function tooManyOpen(): AppError {
  return new AppError('resource_exhausted', 'too many operations are open on this socket', {
    reason: 'too_many_operations',
  });
}
