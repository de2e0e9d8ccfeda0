import { writeFileSync } from 'node:fs';
import { printSchema } from 'graphql';
import { buildSchema } from './schema/schema.ts';

/** Writes schema.graphql: what the outside sees, in one file that reviews can be held over. */
const file = new URL('../schema.graphql', import.meta.url);
writeFileSync(file, `${printSchema(buildSchema())}\n`);
