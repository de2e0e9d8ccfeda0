import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { outputSchema } from './output-lines.ts';
import { lostFields, schemaFile } from './output-schema-file.ts';

/** `npm run write -w @andvari/seedctl`: keeps output.schema.json as the code says, but takes no field away from a version. */
const before: unknown = existsSync(schemaFile) ? JSON.parse(readFileSync(schemaFile, 'utf8')) : { version: 0 };
const lost = lostFields(before, outputSchema());
if (lost.length > 0) {
  console.error(`Whoever reads these would miss them: raise OUTPUT_VERSION.\n${lost.join('\n')}`);
  process.exitCode = 1;
} else {
  writeFileSync(schemaFile, `${JSON.stringify(outputSchema(), null, 2)}\n`);
}
