import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from '@graphql-codegen/cli';

/** Types and documents from the gateway's schema. What is generated is not in the repository. */
const here = import.meta.dirname;
const gateway = join(here, '../services/gateway/schema.graphql');
// The account's stream, until the gateway's schema has it.
const isWhole = readFileSync(gateway, 'utf8').includes('type OrderMoved');

await generate(
  {
    schema: isWhole ? gateway : [gateway, join(here, 'schema-to-come.graphql')],
    documents: [join(here, 'src/**/*.{ts,tsx}'), `!${join(here, 'src/api/generated/**')}`],
    silent: true,
    ignoreNoDocuments: true,
    generates: {
      [join(here, 'src/api/generated/')]: {
        preset: 'client',
        presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: 'sha256' } },
        config: {
          documentMode: 'string',
          enumsAsTypes: true,
          strictScalars: true,
          useTypeImports: true,
          scalars: { Decimal: 'string', DateTime: 'string' },
          avoidOptionals: { field: true },
          importExtension: '.ts',
          emitLegacyCommonJSImports: false,
        },
      },
    },
  },
  true,
);
