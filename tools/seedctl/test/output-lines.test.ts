import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { commands } from '../src/commands.ts';
import { misfits, OUTPUT_VERSION, outputLines, outputSchema } from '../src/output-lines.ts';
import { lostFields, schemaFile } from '../src/output-schema-file.ts';
import { runWords } from './run-words.ts';

/** What --json says is a promise to whoever reads it. What commands about a system say, tests/e2e holds against the same. */
const folder = mkdtempSync(join(tmpdir(), 'andvari-output-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('every command is described, and nothing else', () => {
  expect(Object.keys(outputLines).toSorted()).toEqual(commands.map(({ name }) => name).toSorted());
});

test('output.schema.json is what the code says: npm run write -w @andvari/seedctl', () => {
  expect(JSON.parse(readFileSync(schemaFile, 'utf8'))).toEqual(outputSchema());
});

test.each([
  ['certs', [folder]],
  ['completion', ['bash']],
  ['config check', ['portfolio', '--env', '/dev/null']],
])('%s says what it may', async (command, words) => {
  const { said } = await runWords(...command.split(' '), ...words, '--json');
  expect(said).not.toBe('');
  expect(misfits(command, said)).toEqual([]);
});

describe('a line that is not as it was', () => {
  const row = { side: 'buy', price: '1.5', quantity: '2', orders: 3 };
  test.each([
    ['without a field', { side: 'buy', price: '1.5', quantity: '2' }],
    ['with one of another kind', { ...row, price: 1.5 }],
    ['with one that nobody has described', { ...row, colour: 'red' }],
  ])('%s', (_, line) => {
    expect(misfits('engine book', JSON.stringify(row))).toEqual([]);
    expect(misfits('engine book', `${JSON.stringify(row)}\n${JSON.stringify(line)}`)).toEqual([JSON.stringify(line)]);
  });

  test('no JSON at all, and a command that nobody has described', () => {
    expect(misfits('verify', 'All agree')).toEqual(['All agree']);
    expect(misfits('frobnicate', '{}')).toHaveLength(1);
  });
});

const of = (fields: object, required: string[], version = OUTPUT_VERSION) => ({
  version,
  $defs: { status: { anyOf: [{ properties: fields, required }] } },
});

describe('a version loses nothing', () => {
  const before = of({ a: { type: 'string' }, b: { type: 'integer' } }, ['a']);
  test.each<[what: string, now: object, lost: string[]]>([
    ['the same', before, []],
    ['one more', of({ a: { type: 'string' }, b: { type: 'integer' }, c: {} }, ['a', 'c']), []],
    ['one less', of({ a: { type: 'string' } }, ['a']), ['status: b']],
    ['another kind', of({ a: { type: 'number' }, b: { type: 'integer' } }, ['a']), ['status: a']],
    [
      'no longer always',
      of({ a: { type: 'string' }, b: { type: 'integer' } }, []),
      ['status: a, which was always there'],
    ],
    ['no such command', { version: OUTPUT_VERSION, $defs: {} }, ['status: the line of a, b']],
    ['another version', of({}, [], OUTPUT_VERSION + 1), []],
  ])('%s', (_, now, lost) => {
    expect(lostFields(before, now)).toEqual(lost);
  });
});
