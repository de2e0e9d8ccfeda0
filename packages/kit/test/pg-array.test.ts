import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { connectDb } from '../src/db/db.ts';
import { numbers, texts, words } from '../src/db/pg-array.ts';
import { infraUrls } from '../src/testing/infra-urls.ts';

const db = connectDb(infraUrls().postgresUrl, { maxConnections: 1 });
afterAll(() => db.end());

test('numbers, words and texts arrive as they were sent', async () => {
  const text = fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0'));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.array(fc.option(fc.uuid())),
      fc.array(fc.option(fc.oneof(text, fc.constantFrom('null', 'NULL', '', ' ', '"', '\\', '{}', ',', '\n', "'")))),
      async (some, ids, lines) => {
        const [row] = await db`
          select ${numbers(some)}::bigint[] as some, to_jsonb(${words(ids)}::uuid[]) as ids, to_jsonb(${texts(lines)}::text[]) as lines`;
        expect(row).toEqual({ some, ids, lines });
      },
    ),
    { numRuns: 200 },
  );
});
