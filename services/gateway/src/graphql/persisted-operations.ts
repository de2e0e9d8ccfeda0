import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, invalid } from '@andvari/kit/base/errors';
import { parse } from 'graphql';
import { z } from 'zod';

/** The operations that our own clients send, known beforehand by their SHA-256. */
export interface PersistedOperations {
  /** The text that is meant, or an AppError. */
  textOf(params: { query?: string | undefined; extensions?: unknown }): string;
  /** Names of the operations, which may therefore be labels of metrics. */
  readonly names: ReadonlySet<string>;
}

/** As code generators write it, with `sha256:` before the hash, or the hash alone. */
const file = z.record(z.string().regex(/^(?:sha256:)?[0-9a-f]{64}$/, 'should be a SHA-256 in lower case'), z.string());

/**
 * Those of the list and, where nothing else is let in, of the app in its folder. Without any, such a gateway would let in nothing, and says so before it starts.
 */
export function knownOperations(
  config: Readonly<{ PERSISTED_OPERATIONS?: string | undefined; PERSISTED_ONLY: boolean; WEB_DIR: string }>,
): Record<string, string> {
  const ofApp = join(config.WEB_DIR, 'persisted-operations.json');
  const operations = {
    ...(config.PERSISTED_ONLY && existsSync(ofApp) ? readOperations(ofApp) : {}),
    ...(config.PERSISTED_OPERATIONS === undefined ? {} : readOperations(config.PERSISTED_OPERATIONS)),
  };
  if (config.PERSISTED_ONLY && Object.keys(operations).length === 0)
    throw new Error(
      `PERSISTED_ONLY lets in known operations only, and none are known: PERSISTED_OPERATIONS is not set, and there is no ${ofApp}`,
    );
  return operations;
}

/** Reads the list, or refuses with what is wrong with it: a hash that does not fit would let in something else. */
export function readOperations(path: string): Record<string, string> {
  const operations = file.parse(JSON.parse(readFileSync(path, 'utf8')));
  const byHash: Record<string, string> = {};
  for (const [key, text] of Object.entries(operations)) {
    const hash = key.replace(/^sha256:/, '');
    if (sha256(text) !== hash) throw new Error(`${path}: the operation under ${hash} has another hash`);
    parse(text);
    byHash[hash] = text;
  }
  return byHash;
}

export function createPersistedOperations(
  operations: Readonly<Record<string, string>>,
  options: { only: boolean },
): PersistedOperations {
  const byHash = new Map(Object.entries(operations));
  const texts = new Set(byHash.values());

  return {
    textOf({ query, extensions }) {
      const hash = hashOf(extensions);
      if (hash !== undefined) {
        const text = byHash.get(hash);
        if (text !== undefined) return text;
        // In the words that clients know: they send the text along then, which is not kept for the next.
        if (query === undefined || query === '')
          throw new AppError('not_found', 'PersistedQueryNotFound', { reason: 'operation_unknown' });
        if (sha256(query) !== hash) throw invalid('extensions', 'has the hash of another operation', 'hash_mismatch');
      }
      if (query === undefined || query === '') throw invalid('query', 'is missing');
      if (options.only && !texts.has(query)) {
        throw new AppError('permission_denied', 'only known operations are let in', { reason: 'operation_unknown' });
      }
      return query;
    },
    names: new Set([...texts].flatMap((text) => operationNames(text))),
  };
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hashOf(extensions: unknown): string | undefined {
  const persisted = (extensions as { persistedQuery?: { sha256Hash?: unknown } } | undefined)?.persistedQuery;
  return typeof persisted?.sha256Hash === 'string' ? persisted.sha256Hash.replace(/^sha256:/, '') : undefined;
}

function operationNames(text: string): string[] {
  return parse(text).definitions.flatMap((definition) =>
    'operation' in definition && definition.name !== undefined ? [definition.name.value] : [],
  );
}
