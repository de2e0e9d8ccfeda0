import { globSync, readFileSync } from 'node:fs';
import { printSchema } from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema } from '../src/schema/schema.ts';

test('schema.graphql is what the code says: npm run gen -w @andvari/gateway', () => {
  const file = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8');
  expect(file).toBe(`${printSchema(buildSchema())}\n`);
});

/** Files that add to what can be asked, and that nothing imports: their fields would not be there, and nobody would be told. */
function unlisted(files: Iterable<[path: string, text: string]>, schema: string): string[] {
  return [...files]
    .filter(([, text]) => /\bbuilder\s*\.(query|mutation|subscription)Fields?\(/.test(text))
    .map(([path]) => path)
    .filter((path) => !schema.includes(`import './${path}';`));
}

test('whatever adds a field to the roots has its line in schema.ts', () => {
  const folder = new URL('../src/schema/', import.meta.url).pathname;
  const read = (path: string): [string, string] => [path, readFileSync(folder + path, 'utf8')];
  const files = globSync('*/*.ts', { cwd: folder }).map(read);
  const [, schema] = read('schema.ts');
  expect(files.length).toBeGreaterThan(30);
  expect(unlisted(files, schema)).toEqual([]);
  expect(unlisted([['memo/memo.ts', "builder.mutationField('addMemo', (t) =>"]], schema)).toEqual(['memo/memo.ts']);
});
