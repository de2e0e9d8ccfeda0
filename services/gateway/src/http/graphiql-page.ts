import type { IncomingMessage, ServerResponse } from 'node:http';

/** The page writes its own scripts, and its editor works in workers made of blobs. It is for development only. */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' blob:",
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  "connect-src 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** GraphiQL from its package: nothing of it comes from elsewhere. Whoever is signed in by cookie is so here. */
export function createGraphiqlPage(): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  let page: string | undefined;
  return async (_, response) => {
    // Nine megabytes that only those who open it need.
    page ??= (await import('@graphql-yoga/render-graphiql')).renderGraphiQL({
      title: 'Andvari GraphiQL',
      endpoint: '/graphql',
      credentials: 'same-origin',
      headers: JSON.stringify({ 'x-andvari-csrf': '1' }),
    });
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY });
    response.end(page);
  };
}
