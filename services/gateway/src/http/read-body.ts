import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AppError, invalid } from '@andvari/kit/base/errors';

export const MAX_BODY_BYTES = 100_000;

/** What came in is too large; unlike other refusals it has a status of its own. */
export class BodyTooLarge extends AppError {
  constructor() {
    super('invalid_argument', `a request has at most ${MAX_BODY_BYTES} bytes`, { reason: 'body_too_large' });
  }
}

/** A page's form may send anything anywhere, but never this type. */
export class WrongType extends AppError {
  constructor() {
    super('invalid_argument', 'content-type: should be application/json', {
      reason: 'not_json',
      field: 'content-type',
    });
  }
}

/** Reads a JSON object, and no more of it than is allowed: a length that lies is found out on the way. */
export async function readJsonObject(request: IncomingMessage): Promise<Record<string, unknown>> {
  requireJson(request);
  const text = await readText(request);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw invalid('body', 'is no JSON', 'not_json');
  }
  if (Array.isArray(body)) throw invalid('body', 'should be one request, not a batch', 'batch_not_allowed');
  if (typeof body !== 'object' || body === null) throw invalid('body', 'should be a JSON object', 'not_json');
  return body as Record<string, unknown>;
}

export function requireJson({ headers }: IncomingMessage): void {
  if (!/^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')) throw new WrongType();
}

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
      reject(new BodyTooLarge());
      return;
    }
    let size = 0;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) {
        chunks.push(chunk);
        return;
      }
      request.pause();
      reject(new BodyTooLarge());
    });
    request.on('end', () => {
      const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      // Read leniently it would say something else than was sent.
      if (isUtf8(bytes)) resolve(bytes.toString());
      else reject(invalid('body', 'is no UTF-8', 'not_json'));
    });
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new AppError('invalid_argument', 'the request ended half-way'));
    });
  });
}
