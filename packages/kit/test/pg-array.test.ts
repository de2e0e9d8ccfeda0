import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { connectDb } from '../src/db/db.ts';
import { bigintArray, literalArray, textArray, uuidArray } from '../src/db/pg-array.ts';
import { infraUrls } from '../src/testing/infra-urls.ts';

const db = connectDb(infraUrls().postgresUrl, { maxConnections: 1 });
afterAll(() => db.end());

test('numbers, uuids and texts arrive as they were sent', async () => {
  const text = fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0'));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.array(fc.option(fc.uuid())),
      fc.array(fc.option(fc.oneof(text, fc.constantFrom('null', 'NULL', '', ' ', '"', '\\', '{}', ',', '\n', "'")))),
      async (some, ids, lines) => {
        const [row] = await db`
          select ${bigintArray(some)}::bigint[] as some, to_jsonb(${uuidArray(ids)}::uuid[]) as ids, to_jsonb(${textArray(lines)}::text[]) as lines`;
        expect(row).toEqual({ some, ids, lines });
      },
    ),
    { numRuns: 200 },
  );
});

test('literals of any kind arrive as they were sent, null among them', async () => {
  const times = literalArray([null, new Date(0), new Date('2026-02-28T23:59:59.999Z')]);
  const bytes = literalArray([null, Buffer.from([]), Buffer.from([0, 34, 92, 255])]);
  const [row] = await db`
    select ${times}::timestamptz[] = array[null, to_timestamp(0), '2026-02-28 23:59:59.999+00'] as times,
      ${bytes}::bytea[] = array[null, '', decode('00225cff', 'hex')] as bytes,
      ${literalArray([1n, null, -5n])}::bigint[] = array[1, null, -5]::bigint[] as numbers,
      ${literalArray([true, null, false])}::boolean[] = array[true, null, false] as yes,
      to_jsonb(${literalArray(['a"\\,', null, 'null'])}::text[]) as lines,
      ${literalArray([])}::uuid[] = array[]::uuid[] as none`;
  expect(row).toEqual({
    times: true,
    bytes: true,
    numbers: true,
    yes: true,
    lines: ['a"\\,', null, 'null'],
    none: true,
  });
});
