import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequest, formatDocument, stringifyDocument } from '@urql/core';
import type { DocumentNode } from 'graphql';
import type { Plugin } from 'vite';
import { documentsIn, GENERATED } from './inline-documents.ts';

const FILE = 'persisted-operations.json';

/** Beside the app, the list of all that it sends: a gateway that lets in known operations only reads it there. */
export function persistedOperations(): Plugin {
  let folder = '';
  return {
    name: 'persisted-operations',
    apply: 'build',
    configResolved: (config) => {
      folder = join(config.root, config.build.outDir);
    },
    writeBundle() {
      const documents = documentsIn(readFileSync(GENERATED, 'utf8'));
      writeFileSync(join(folder, FILE), JSON.stringify(operationsOf([...documents.values()])));
    },
  };
}

/** By SHA-256. Not as the code generator lists them: the client adds what its cache needs, and prints them in its own way. */
export function operationsOf(documents: readonly string[]): Record<string, string> {
  const texts = documents.flatMap((text) =>
    /\b(?:query|mutation|subscription) \w/.test(text)
      ? [text, stringifyDocument(formatDocument(createRequest(text, {}).query) as DocumentNode)]
      : [],
  );
  return Object.fromEntries(texts.map((text) => [createHash('sha256').update(text).digest('hex'), text]));
}
