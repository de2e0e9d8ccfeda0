import { join } from 'node:path';
import { generate } from '@graphql-codegen/cli';

/** Types and documents from the gateway's schema. What is generated is not in the repository. */
const here = import.meta.dirname;
const gateway = join(here, '../services/gateway/schema.graphql');

await generate(
  {
    schema: gateway,
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
