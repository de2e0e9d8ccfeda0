import type { IncomingMessage, ServerResponse } from 'node:http';

/** Only the origins that were named get to read our answers from another page. */
export function allowOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  allowedOrigins: ReadonlySet<string>,
): void {
  const { origin = '' } = request.headers;
  response.setHeader('vary', 'Origin');
  if (!allowedOrigins.has(origin)) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader(
    'access-control-expose-headers',
    'retry-after, x-andvari-session, x-build-id, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset',
  );
}

/** An origin that is not allowed finds no permission in the answer; the browser does the rest. */
export async function answerPreflight(response: ServerResponse): Promise<void> {
  if (response.hasHeader('access-control-allow-origin')) {
    response.setHeader('access-control-allow-methods', 'GET, POST');
    response.setHeader(
      'access-control-allow-headers',
      'content-type, authorization, last-event-id, x-andvari-csrf, x-api-key-id, x-api-key-secret',
    );
    response.setHeader('access-control-max-age', '600');
  }
  response.writeHead(204).end();
}
