import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../observe/metrics.ts';
import { type Scope, within } from './scope.ts';

const CHECK_TIMEOUT_MS = 1000;

/**
 * Live: the process can still answer. Ready: it has started, is not shutting down, and everything it cannot work
 * without answers. A dependency that is down makes a service not ready, never not live: a restart would not help.
 */
export interface Health {
  /** Adds something that must answer for the service to be ready. */
  check(name: string, answers: () => Promise<unknown>): void;
  /** The start is over; until then the service is not ready, whatever the checks say. */
  started(): void;
  /** Undefined when ready, else what is missing. */
  problems(): Promise<string[]>;
  readonly port: number;
}

/** Serves /livez, /readyz and /metrics; the first thing a service opens and the last it closes. */
export async function openHealth(
  scope: Scope,
  options: { port: number; metrics: Metrics; host?: string },
): Promise<Health> {
  const checks = new Map<string, () => Promise<unknown>>();
  let starting = true;

  const problems = async (): Promise<string[]> => {
    if (scope.signal.aborted) return ['shutting down'];
    const found = starting ? ['starting'] : [];
    const outcomes = await Promise.all(
      [...checks].map(async ([name, answers]) => {
        try {
          await within(answers(), CHECK_TIMEOUT_MS);
          return [];
        } catch (error) {
          return [`${name}: ${(error as Error).message || 'no answer'}`];
        }
      }),
    );
    return found.concat(...outcomes);
  };

  const routes: Record<string, (response: ServerResponse, request: IncomingMessage) => Promise<void>> = {
    '/livez': async (response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end('live\n'),
    '/readyz': async (response) => {
      const found = await problems();
      response.writeHead(found.length === 0 ? 200 : 503, { 'content-type': 'text/plain' });
      response.end(found.length === 0 ? 'ready\n' : `${found.join('\n')}\n`);
    },
    '/metrics': async (response, { headers }) => {
      const { contentType, body } = await options.metrics.scrape(headers.accept);
      response.writeHead(200, { 'content-type': contentType }).end(body);
    },
  };

  const server = createServer((request, response) => {
    const route = routes[request.url?.split('?')[0] ?? ''];
    if (route === undefined) {
      response.writeHead(404).end();
      return;
    }
    route(response, request).catch((error: unknown) => {
      scope.log.error(
        { event: 'admin_request_failed', err: error, url: request.url },
        'the admin server could not answer',
      );
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '127.0.0.1', resolve);
  });
  scope.defer('admin server', () => {
    server.close();
    server.closeAllConnections();
  });

  return {
    check: (name, answers) => void checks.set(name, answers),
    started: () => {
      starting = false;
      scope.log.info({ event: 'ready' }, 'ready');
    },
    problems,
    port: (server.address() as AddressInfo).port,
  };
}
