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
