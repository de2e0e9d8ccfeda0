import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scope } from '@andvari/kit/process/scope';

const GRACE_MS = 5000;

/** Takes requests until the scope closes; those under way then still finish, streams that nobody ends are cut off. */
export async function listen(scope: Scope, server: Server, at: { port: number; host: string }): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  scope.defer('http server', async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const cutOff = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    await closed;
    clearTimeout(cutOff);
  });
  return (server.address() as AddressInfo).port;
}
