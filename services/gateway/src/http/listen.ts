import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Scope } from '@andvari/kit/process/scope';

const GRACE_MS = 5000;
/** Whoever has not asked again for so long after an answer has nothing on its way to us. */
const QUIET_MS = 250;

/**
 * Takes requests until the scope closes; those under way then still finish, streams that nobody ends are cut off. Whoever keeps a connection
 * is told with the next answer that it is the last one: a request that is on its way while a connection is closed is lost.
 */
export async function listen(scope: Scope, server: Server, at: { port: number; host: string }): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const answering = new Set<ServerResponse>();
  let isClosing = false;
  let keptAt = Number.NEGATIVE_INFINITY;
  server.prependListener('request', (_, response) => {
    if (isClosing) response.setHeader('connection', 'close');
    answering.add(response);
    response.once('close', () => {
      answering.delete(response);
      if (!isClosing) keptAt = performance.now();
    });
  });
  scope.defer('http server', async () => {
    isClosing = true;
    for (const response of answering) if (!response.headersSent) response.setHeader('connection', 'close');
    const quietInMs = keptAt + QUIET_MS - performance.now();
    if (quietInMs > 0) await pause(quietInMs);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const cutOff = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    await closed;
    clearTimeout(cutOff);
  });
  return (server.address() as AddressInfo).port;
}
