import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Health } from '@andvari/kit/process/health';
import type { SigningKeys } from '../identity/signing-keys.ts';

/** The public keys that tokens are signed with. */
export function jwksPage(keys: Pick<SigningKeys, 'json'>) {
  return async (_: IncomingMessage, response: ServerResponse): Promise<void> => {
    const jwks = await keys.json();
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' });
    response.end(jwks);
  };
}

/** For whoever balances the load. What exactly is missing is told on the admin port only. */
export function probesOf(
  health: Pick<Health, 'problems'>,
): Record<string, (response: ServerResponse) => Promise<void>> {
  return {
    '/healthz': async (response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n'),
    '/readyz': async (response) => {
      const isReady = (await health.problems()).length === 0;
      response.writeHead(isReady ? 200 : 503, { 'content-type': 'text/plain' });
      response.end(isReady ? 'ready\n' : 'not ready\n');
    },
  };
}
