import { array, assert, constantFrom, property } from 'fast-check';
import { GraphQLError, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createDocuments } from '../src/graphql/documents.ts';
import { MAX_FIELDS, MAX_SAME_PATH, measureDocument } from '../src/limits/document-limits.ts';
import { unitsOf } from '../src/limits/rate-limits.ts';
import { buildSchema } from '../src/schema/schema.ts';
import { madeUpOperations } from './made-up-operations.ts';

/** What checking a document may cost is bounded before it is checked, and whoever sends costly ones is charged for it. */
const schema = buildSchema();

const attacks: Record<string, [text: string, reason: string]> = {
  'one field again and again': [`{ ${'me { id } '.repeat(240)} }`, 'too_repetitive'],
  'the same by fragments': [`{ me { ${'...F '.repeat(41)} } } fragment F on User { id }`, 'too_repetitive'],
  'repeated at every level': [
    `{ ${`me { ${`onboarding { ${'state '.repeat(7)} } `.repeat(7)} } `.repeat(7)} }`,
    'too_repetitive',
  ],
  'a fragment in a fragment in a fragment': [
    `{ ...A } ${'ABCDEFGHIJ'
      .split('')
      .map(
        (name, at) =>
          `fragment ${name} on Query { ${at === 9 ? 'health' : `...${'BCDEFGHIJ'[at]} ...${'BCDEFGHIJ'[at]}`} }`,
      )
      .join(' ')}`,
    'too_repetitive',
  ],
  'fragments that nobody spreads': [`{ health } fragment F on Query { ${'me { id } '.repeat(100)} }`, 'too_repetitive'],
  'many fragments': [
    `{ health } ${Array.from({ length: 60 }, (_, at) => `fragment F${at} on Query { health }`).join(' ')}`,
    'too_many_fragments',
  ],
  'many operations, each with much': [
    Array.from({ length: 6 }, (_, at) => `query Q${at} { ${'me { id email } '.repeat(30)} }`).join(' '),
    'too_many_fields',
  ],
};

describe('before it is validated', () => {
  test.each(Object.entries(attacks))('%s is refused', (_, [text, reason]) => {
    let validated = 0;
    const documents = createDocuments(schema, {
      introspection: false,
      validateDocument: (...args) => {
        validated += 1;
        return validate(...args);
      },
    });
    const checked = documents.check(text);
    expect(checked).toMatchObject({ ok: false, errors: [{ extensions: { reason } }] });
    expect(validated).toBe(0);
  });

  test('a fragment that contains itself is left to validation', () => {
    const documents = createDocuments(schema, { introspection: false });
    const checked = documents.check('{ ...F } fragment F on Query { health ...F }');
    expect(checked).toMatchObject({ ok: false });
    expect(!checked.ok && checked.errors[0]?.message).toContain('spread fragment "F" within itself');
  });

  test('whatever a document looks like, the pairs that validation compares are bounded by its fields', () => {
    const field = constantFrom(
      'id',
      'givenName',
      'me { id }',
      'onboarding { state state }',
      '...F',
      '... on User { id }',
    );
    assert(
      property(array(field, { minLength: 1, maxLength: 300 }), (fields) => {
        const text = `{ me { ${fields.join(' ')} } } fragment F on User { id email }`;
        const size = measureDocument(parse(text));
        if (size instanceof GraphQLError) return;
        expect(size.work).toBeLessThanOrEqual(MAX_FIELDS * (1 + MAX_SAME_PATH / 2));
      }),
    );
  });
});

const times = (count: number, of: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => of(at)).join(' ');
const levels = (count: number, field = 'me'): string => `${`{ ${field} `.repeat(count - 1)}{ id ${'}'.repeat(count)}`;

describe('a document may have', () => {
  const refusals: [rule: string, text: string, reason: string, message: string][] = [
    [
      'no sixteenth alias',
      `{ ${times(16, (at) => `a${at}: health`)} }`,
      'too_many_aliases',
      'the query has more than the 15 aliases that are allowed',
    ],
    ['no ninth level', levels(9), 'too_deep', 'the query has more than the 8 levels that are allowed'],
    [
      'no ninth level within a fragment',
      `{ ...F } fragment F on Query { ... on Query ${levels(9)} }`,
      'too_deep',
      'the query has more than the 8 levels that are allowed',
    ],
    [
      'no 501st field',
      `{ ${times(501, (at) => `f${at}`)} }`,
      'too_many_fields',
      'the document has more than the 500 fields that are allowed',
    ],
    [
      'no field 41 times',
      `{ ${times(41, () => 'health')} }`,
      'too_repetitive',
      'a field is asked for more than the 40 times that are allowed',
    ],
    [
      'no 51st fragment',
      `{ health } ${times(51, (at) => `fragment F${at} on Query { health }`)}`,
      'too_many_fragments',
      'the document has 51 fragments; 50 are allowed',
    ],
    [
      'nothing of it in a second operation',
      `query A { health } query B ${levels(9)}`,
      'too_deep',
      'the query has more than the 8 levels that are allowed',
    ],
    [
      'nothing of it in a fragment that nobody spreads',
      `{ health } fragment F on Query ${levels(9)}`,
      'too_deep',
      'the query has more than the 8 levels that are allowed',
    ],
    [
      'no ninth level beside introspection',
      `{ __schema { types { name } } me ${levels(8)} }`,
      'too_deep',
      'the query has more than the 8 levels that are allowed',
    ],
  ];
  test.each(refusals)('%s', (_, text, reason, message) => {
    expect(measureDocument(parse(text))).toMatchObject({ message, extensions: { code: 'INVALID_ARGUMENT', reason } });
  });

  const works: [rule: string, text: string, work: number][] = [
    ['fifteen aliases', `{ ${times(15, (at) => `a${at}: health`)} }`, 15],
    [
      'fifteen in each of its operations',
      times(2, (by) => `query Q${by} { ${times(15, (at) => `a${at}: health`)} }`),
      30,
    ],
    ['eight levels', levels(8), 8],
    ['any levels of introspection', levels(12, '__schema'), 12],
    ['any levels beneath it', `{ __schema ${levels(12, 'ofType')} }`, 13],
    ['five hundred fields', `{ ${times(500, (at) => `f${at}`)} }`, 500],
    // The first is compared with none, the second with one, and so on.
    ['one field forty times', `{ ${times(40, () => 'health')} }`, 40 + (40 * 39) / 2],
    ['fifty fragments', `{ health } ${times(50, (at) => `fragment F${at} on Query { health }`)}`, 51],
    ['what is not an operation beside it', 'type A { b: Int c: Int } { health }', 1],
  ];
  test.each(works)('%s', (_, text, work) => {
    expect(measureDocument(parse(text))).toEqual({ work });
  });
});

describe('it is work', () => {
  const rows: [rule: string, text: string, work: number][] = [
    ['to visit a field', '{ a b { c } }', 3],
    ['to compare it with those of its name', '{ a a a }', 6],
    ['by the name in the response, not by its own', '{ a: x a: y b: x x }', 5],
    ['but not with those of another path', '{ a { c } b { c } }', 4],
    [
      'of one path, however it is reached',
      '{ a { c } ... on Query { a { c } } ...F } fragment F on Query { a { c } }',
      8 + 3 + 3,
    ],
    ['to visit a fragment as often as it is spread', '{ ...F ...F } fragment F on Query { a }', 4 + 1],
    ['to visit one that nobody spreads, once', '{ a } fragment F on Query { a b }', 3],
    ['but not one that is not there', '{ a ...F }', 2],
    ['nor one within itself', '{ ...F } fragment F on Query { a ...F }', 3],
  ];
  test.each(rows)('%s', (_, text, work) => {
    expect(measureDocument(parse(text))).toEqual({ work });
  });
});

test('every operation that the schema has passes with room', () => {
  for (const operation of madeUpOperations(schema)) {
    expect(measureDocument(parse(operation.textWith('x'))), operation.name).not.toBeInstanceOf(GraphQLError);
  }
});

describe('what it costs the sender', () => {
  const documents = createDocuments(schema, { introspection: false });

  test('an address that sends nothing but the worst keeps the gateway at work for a hundredth of its time', () => {
    let sent = 0;
    let work = 0;
    // What one address gets in a minute, in units; a request of any size is let in while one is left.
    let left = 6000;
    while (left > 0) {
      const checked = documents.check(worst(sent));
      expect(checked.ok).toBe(true);
      sent += 1;
      work += checked.work;
      left -= unitsOf(checked.work);
    }
    // A unit is a hundred fields visited or compared: well under a tenth of a millisecond. A victim finds the gateway free.
    expect(work).toBeLessThanOrEqual(6000 * 100 + unitsOf(work / sent) * 100);
    expect(sent).toBeLessThan(100);
  });

  test('what is known costs nothing to check again', () => {
    const text = worst(1_000_000);
    expect(documents.check(text).work).toBeGreaterThan(1000);
    expect(documents.check(text).work).toBe(0);
  });

  test('what was refused is charged for, too, and pushes nothing out', () => {
    documents.check('{ health }');
    for (let at = 0; at < 3000; at += 1) expect(documents.check(`{ nothing${at} }`).work).toBeGreaterThan(0);
    expect(documents.check('{ health }').work).toBe(0);
  });
});

function worst(salt: number): string {
  const groups = Array.from({ length: 12 }, (_, at) => `a${at === 0 ? `x${salt}` : at}: me { ${'id '.repeat(38)} } `);
  return `{ ${groups.join('')} }`;
}
