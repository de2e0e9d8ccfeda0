import { type DocumentNode, GraphQLError, getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createCostLimit } from '../src/limits/query-cost.ts';
import { buildSchema } from '../src/schema/schema.ts';

const schema = buildSchema();

/** What one operation of a document costs, asked as often as it is given variables for. */
function costs(text: string, maxCost: number, variables: Record<string, unknown>[] = [{}], name?: string): unknown[] {
  const cost = createCostLimit(schema, maxCost);
  const document = parse(text);
  const operation = getOperationAST(document, name);
  if (operation === null || operation === undefined) throw new Error('no such operation');
  return variables.map((each) => cost({ document, operation, variables: each }));
}

describe('an operation costs', () => {
  const rows: [rule: string, text: string, cost: number][] = [
    ['one for a field', '{ health }', 1],
    ['as many as it has fields', '{ health me { userId } }', 3],
    ['its list as often as it may be long', '{ grants(first: 3) { nodes { role } } }', 4],
    ['the same by way of a fragment', 'query { ...F } fragment F on Query { grants(first: 3) { nodes { role } } }', 4],
  ];
  test.each(rows)('%s', (_, text, cost) => {
    expect(costs(text, 1000)).toEqual([cost]);
  });

  const two = 'query A { health } query B { grants(first: 3) { nodes { role } } }';
  test.each([
    ['A', 1],
    ['B', 4],
  ])('nothing of another in the same document: %s', (name, cost) => {
    expect(costs(two, 1000, [{}], name)).toEqual([cost]);
  });

  const sized = 'query ($n: Int!) { grants(first: $n) { nodes { role } } }';
  test('what its variables make of it, each time anew', () => {
    expect(costs(sized, 1000, [{ n: 1 }, { n: 50 }, { n: 1 }])).toEqual([2, 51, 2]);
  });

  test('the same each time where no variable changes it', () => {
    const text = 'query ($x: Boolean!) { health @include(if: $x) me { userId } }';
    expect(costs(text, 1000, [{ x: true }, { x: true }])).toEqual([3, 3]);
  });
});

/** How often a document is read at each of two times that its operation is asked for. */
function readings(text: string): [first: number, second: number] {
  const cost = createCostLimit(schema, 1000);
  const parsed = parse(text);
  let reads = 0;
  const document: DocumentNode = {
    ...parsed,
    get definitions() {
      reads += 1;
      return parsed.definitions;
    },
  };
  const operation = getOperationAST(parsed);
  if (operation === null || operation === undefined) throw new Error('no such operation');
  const read = [1, 2].map(() => {
    reads = 0;
    cost({ document, operation, variables: { n: 1, x: true } });
    return reads;
  });
  return [read[0] ?? 0, read[1] ?? 0];
}

describe('what an operation costs', () => {
  test.each([
    ['without lists', '{ health }'],
    ['of a list whose length it says itself', '{ grants(first: 3) { nodes { role } } }'],
    ['with variables that no list goes by', 'query ($x: Boolean!) { health @include(if: $x) }'],
  ])('%s is reckoned once', (_, text) => {
    expect(readings(text)[1]).toBe(0);
  });

  test('with lists and variables is reckoned each time, but not whether it has to be', () => {
    const [first, second] = readings('query ($n: Int!) { grants(first: $n) { nodes { role } } }');
    expect(second).toBeGreaterThan(0);
    expect(second).toBeLessThan(first);
  });
});

describe('an operation', () => {
  test('that costs all that is allowed is let in', () => {
    expect(costs('{ health me { userId } }', 3)).toEqual([3]);
  });

  test('that costs more is refused, and is told how much it costs', () => {
    const [refusal] = costs('{ health me { userId } }', 2);
    expect(refusal).toBeInstanceOf(GraphQLError);
    expect(refusal).toMatchObject({
      message: 'the query costs 3; 2 are allowed',
      extensions: { code: 'INVALID_ARGUMENT', reason: 'too_costly' },
    });
  });
});
