import type { ServerResponse } from 'node:http';

/** Nothing of ours is a page but where it says so, and nothing of ours is shown inside another's page. */
const ANSWER_POLICY = "default-src 'none'; frame-ancestors 'none'";

/**
 * What every answer has, whatever it is. Answers are somebody's own and are kept nowhere, but where a handler says otherwise.
 * HSTS is for production: a browser keeps it for the host, and on a developer's machine the host is everybody's.
 */
export function setSecurityHeaders(response: ServerResponse, isProduction: boolean): void {
  response.setHeader('cache-control', 'no-store');
  response.setHeader('content-security-policy', ANSWER_POLICY);
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('x-content-type-options', 'nosniff');
  if (isProduction) response.setHeader('strict-transport-security', 'max-age=63072000; includeSubDomains');
}
