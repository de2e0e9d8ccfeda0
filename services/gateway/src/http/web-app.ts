import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';

/** The page that people trade on, as its build left it in a folder. */
export interface WebApp {
  /** Changes with every build: a page that was loaded earlier learns that there is a newer one. */
  readonly buildId: string;
  /** Whether the request is one for the app: an asset, or any page that is nobody else's. */
  handles(request: IncomingMessage, path: string): boolean;
  serve(request: IncomingMessage, response: ServerResponse, path: string): void;
}

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** Undefined where there is no build. Only files that were there at the start are served, from memory: no path leads anywhere else. */
export function openWebApp(dir: string): WebApp | undefined {
  const indexFile = join(dir, 'index.html');
  if (!existsSync(indexFile)) return undefined;
  const index = readFileSync(indexFile);
  const buildId = createHash('sha256').update(index).digest('hex').slice(0, 16);
  const files = filesIn(dir);

  const serveIndex = (request: IncomingMessage, response: ServerResponse): void => {
    const etag = `"${buildId}"`;
    const headers = { ...pageHeaders(buildId), etag };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(200, { ...headers, 'content-type': types['.html'], 'content-length': index.length });
    response.end(request.method === 'HEAD' ? undefined : index);
  };

  const serveFile = (request: IncomingMessage, response: ServerResponse, path: string, file: Buffer): void => {
    const isHashed = path.startsWith('/assets/');
    const smaller = /\bbr\b/.test(request.headers['accept-encoding'] ?? '') ? files.get(`${path}.br`) : undefined;
    const content = smaller ?? file;
    response.writeHead(200, {
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      'content-length': content.length,
      'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
      'cross-origin-resource-policy': 'same-origin',
      vary: 'Accept-Encoding',
      ...(smaller === undefined ? {} : { 'content-encoding': 'br' }),
    });
    response.end(request.method === 'HEAD' ? undefined : content);
  };

  return {
    buildId,
    handles({ method, headers }, path) {
      if (method !== 'GET' && method !== 'HEAD') return false;
      if (files.has(path) && path !== '/index.html') return true;
      if (isReserved(path) || path.startsWith('/assets/')) return false;
      // The links of mails are opened by whatever reads mails: some say nothing of what they take.
      return MAIL_LINKS.has(path) || headers.accept?.includes('text/html') === true;
    },
    serve(request, response, path) {
      const file = path === '/index.html' ? undefined : files.get(path);
      if (file === undefined) serveIndex(request, response);
      else serveFile(request, response, path, file);
    },
  };
}

const MAIL_LINKS: ReadonlySet<string> = new Set(['/verify', '/reset']);

function pageHeaders(buildId: string): Record<string, string> {
  return {
    'cache-control': 'no-cache',
    'content-security-policy': PAGE_POLICY,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'x-build-id': buildId,
  };
}

/** What answers by itself, or is missing if it does not. */
function isReserved(path: string): boolean {
  return /^\/(?:graphql|auth|statements|\.well-known|healthz|readyz)(?:\/|$)/.test(path);
}

function filesIn(dir: string): ReadonlyMap<string, Buffer> {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [`/${relative(dir, path).split(sep).join('/')}`, readFileSync(path)]));
}
