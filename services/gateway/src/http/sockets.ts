import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { withContext } from '@andvari/kit/base/context';
import { AppError } from '@andvari/kit/base/errors';
import type { Scope } from '@andvari/kit/process/scope';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import { retryAfterSeconds, statusFor } from './answers.ts';
import type { TrustedProxies } from './client-address.ts';
import { requireOwnPage } from './csrf.ts';
import { MAX_BODY_BYTES } from './read-body.ts';
import { anonymousContext, type RequestOrigin, requestOriginOf } from './request-origin.ts';
import { createSocketProtocol, type ProtocolParts } from './socket-protocol.ts';

export interface SocketParts extends ProtocolParts {
  allowedOrigins: ReadonlySet<string>;
  trustedProxies: TrustedProxies;
  isBehind: () => boolean;
}

const PATH = /^\/graphql(?:\?|$)/;

/** GraphQL over WebSocket on the same port: whoever may not come in is refused before there is a socket. */
export function openSockets(scope: Scope, server: Server, parts: SocketParts): void {
  const { pipeline, entrance, connections, metrics, timeoutMs } = parts;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_BODY_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  });
  const speak = createSocketProtocol(parts);

  const letIn = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const requestOrigin = requestOriginOf(request, parts.trustedProxies);
    let release: (() => void) | undefined;
    try {
      if (!PATH.test(request.url ?? '')) throw new AppError('not_found', 'nothing is here', { reason: 'no_route' });
      if (parts.isBehind()) throw new AppError('unavailable', 'too busy at the moment', { reason: 'overloaded' });
      // A page can open a socket anywhere and the browser sends the cookies along: the origin decides, cookie or not.
      requireOwnPage(request.headers, parts.allowedOrigins);
      const viewer = await withContext(anonymousContext(requestOrigin, timeoutMs), () =>
        entrance.admit(request, undefined, requestOrigin, 'reading'),
      );
      release = connections.take(viewer, requestOrigin.addressGroup);
      socket.once('close', release);
      sockets.handleUpgrade(request, socket, head, (opened) => {
        metrics.subscriptions.inc({ transport: 'websocket' });
        opened.once('close', () => metrics.subscriptions.dec({ transport: 'websocket' }));
        speak(opened, { viewer, requestOrigin });
      });
    } catch (error) {
      release?.();
      refuseUpgrade(socket, error, requestOrigin);
    }
  };

  const refuseUpgrade = (socket: Duplex, error: unknown, requestOrigin: RequestOrigin): void => {
    const shown = withContext(anonymousContext(requestOrigin, timeoutMs), () => pipeline.publicError(error));
    const body = JSON.stringify({ errors: [shown] });
    const seconds = retryAfterSeconds(error);
    const head = [
      `HTTP/1.1 ${statusFor(error)} Refused`,
      ...(seconds === undefined ? [] : [`retry-after: ${seconds}`]),
      'connection: close',
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  };

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    void letIn(request, socket, head);
  });
  scope.defer('sockets', async () => {
    for (const socket of sockets.clients) socket.close(1001, 'gateway_closing');
    await new Promise<void>((resolve) => sockets.close(() => resolve()));
  });
}
