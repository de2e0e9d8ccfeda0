import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { buildSchema, isInterfaceType } from 'graphql';

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

// What is which interface. Without it the cache guesses, and of a refusal that is no entity it guesses wrong and drops the message.
const schema = buildSchema(readFileSync(gateway, 'utf8'));
const interfaces = Object.values(schema.getTypeMap()).filter(isInterfaceType);
const possibleTypes = Object.fromEntries(
  interfaces.map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
);
writeFileSync(
  join(here, 'src/api/generated/possible-types.ts'),
  `export const possibleTypes: Record<string, string[]> = ${JSON.stringify(possibleTypes)};\n`,
);
