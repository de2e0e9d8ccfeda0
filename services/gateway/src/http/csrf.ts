import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@andvari/kit/base/errors';

/**
 * Whether a request that a browser may have sent on its own comes from a page of ours. Fetch metadata decides where the
 * browser sends it, the Origin where not; a request with neither comes from no browser.
 */
export function requireOwnPage(headers: IncomingHttpHeaders, allowedOrigins: ReadonlySet<string>): void {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (origin !== undefined && allowedOrigins.has(origin)) return;
  if (site === 'same-origin' || site === 'none') return;
  if (site !== undefined) throw foreignPageError('cross_site');
  if (origin !== undefined && !isOwnHost(origin, headers.host)) throw foreignPageError('foreign_origin');
}

/** A form or an image cannot send it, and a script of another origin only after we allowed it. */
export function requireCsrfHeader(headers: IncomingHttpHeaders): void {
  if (headers['x-andvari-csrf'] !== '1') throw foreignPageError('csrf_header_missing');
}

/** The scheme is not compared: a proxy in front may have taken off the TLS. */
function isOwnHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

function foreignPageError(reason: string): AppError {
  return new AppError('permission_denied', 'the request does not come from a page of ours', { reason });
}
