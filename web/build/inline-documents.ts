import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

export const GENERATED = join(import.meta.dirname, '../src/api/generated/graphql.ts');

/**
 * Each page carries its own GraphQL documents as plain strings. Without this the generated map of all documents, each of them
 * twice, would be part of what every visitor loads first.
 */
export function inlineDocuments(): Plugin {
  let texts = new Map<string, string>();
  return {
    name: 'inline-documents',
    apply: 'build',
    enforce: 'pre',
    buildStart() {
      texts = documentsIn(readFileSync(GENERATED, 'utf8'));
    },
    transform(code, id) {
      if (!/\/src\/.*\.tsx?$/.test(id) || id.includes('/generated/') || !code.includes('graphql(`')) return;
      return code
        .replaceAll(/\bgraphql\(`([^`]*)`\)/g, (_, source: string) => {
          const name = /^\s*(?:query|mutation|subscription|fragment)\s+(\w+)/.exec(source)?.[1] ?? '';
          if (/^\s*fragment\b/.test(source)) return '""';
          const text = texts.get(name);
          if (text === undefined) throw new Error(`${id} has a document ${name} that is not generated: npm run gen`);
          return JSON.stringify(text);
        })
        .replace(/^import \{ graphql \} from .*$/m, '');
    },
  };
}

export function documentsIn(text: string): Map<string, string> {
  const documents = text.matchAll(/export const (\w+)Document = new TypedDocumentString\(`([^`]*)`/g);
  return new Map([...documents].map(([, name = '', source = '']) => [name, source.replaceAll(/\s+/g, ' ').trim()]));
}
