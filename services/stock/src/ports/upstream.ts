/** Why a provider did not answer. No address, header or body goes into it: they may carry a key. */
export type UpstreamFault = 'timeout' | 'unreachable' | 'refused' | 'limited' | 'failing' | 'malformed';

export class UpstreamError extends Error {
  readonly fault: UpstreamFault;
  /** When it said that one may ask again. */
  readonly retryAfterMs: number | undefined;

  constructor(provider: string, fault: UpstreamFault, detail: { status?: number; retryAfterMs?: number } = {}) {
    super(`${provider}: ${fault}${detail.status === undefined ? '' : ` (status ${detail.status})`}`);
    this.name = 'UpstreamError';
    this.fault = fault;
    this.retryAfterMs = detail.retryAfterMs;
  }
}

export interface Upstream {
  readonly provider: string;
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

const MAX_BYTES = 16 * 1024 * 1024;
/** Whoever says that one should wait for days is not believed. */
const MAX_RETRY_AFTER_MS = 600_000;

/** The answer's JSON; undefined where there is no such thing (404). The time-out covers the whole of it. */
export async function getJson(
  upstream: Upstream,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<unknown> {
  const { provider, baseUrl, headers, timeoutMs } = upstream;
  const url = new URL(`${baseUrl.replace(/\/$/, '')}${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, { headers, signal, redirect: 'error' });
    const { status } = response;
    if (status === 200) return parsed(provider, await bodyOf(provider, response));
    await response.body?.cancel();
    if (status === 404) return undefined;
    if (status === 429) throw new UpstreamError(provider, 'limited', { status, retryAfterMs: retryAfterOf(response) });
    throw new UpstreamError(provider, status >= 500 ? 'failing' : 'refused', { status });
  } catch (error) {
    if (error instanceof UpstreamError) throw error;
    throw new UpstreamError(provider, signal.aborted ? 'timeout' : 'unreachable');
  }
}

async function bodyOf(provider: string, { body }: Response): Promise<string> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new UpstreamError(provider, 'malformed');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(provider: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UpstreamError(provider, 'malformed');
  }
}

/** In seconds, or as a date. */
function retryAfterOf({ headers }: Response): number {
  const value = headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Math.min(Math.max(Number.isFinite(ms) ? ms : 1000, 0), MAX_RETRY_AFTER_MS);
}

/** What is read of an answer: nothing of it is believed before it has been looked at. */
export function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

const MAX_MICROS = 1_000_000_000_000;

/** A price as a JSON number, in whole micro-units; undefined of what is none, or none that anybody trades at. */
export function micros(value: unknown): number | undefined {
  if (typeof value !== 'number') return undefined;
  const rounded = Math.round(value * 1_000_000);
  return rounded > 0 && rounded <= MAX_MICROS ? rounded : undefined;
}

/** Shares, as micro-shares. */
export function volume(value: unknown): number | undefined {
  if (typeof value !== 'number') return undefined;
  const rounded = Math.round(value * 1_000_000);
  return rounded >= 0 && Number.isSafeInteger(rounded) ? rounded : undefined;
}

export function timeOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(ms) ? ms : undefined;
}
