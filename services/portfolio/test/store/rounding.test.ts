import { divideWide } from '@andvari/money';
import { expect, test } from 'vitest';
import { useLedger } from './ledger-fixture.ts';

const ledger = useLedger();

/** What the verification computes in SQL is what the domain computes: to the last figure, however large and however near a half. */
test('half_even in the database is divide in the domain', async () => {
  const half = 10n ** 12n;
  const cases: [bigint, bigint][] = [
    [5n, 2n],
    [7n, 2n],
    [-5n, 2n],
    [-7n, 2n],
    [-1n, 3n],
    [0n, 7n],
    // A quotient that numeric division rounds to a half, and is less or more.
    ...[-1n, 0n, 1n].flatMap((off): [bigint, bigint][] => [
      [(10n ** 13n + 7n) * 2n * half + half + off, 2n * half],
      [-((10n ** 13n + 7n) * 2n * half + half + off), 2n * half],
    ]),
    ...Array.from({ length: 500 }, (_, at): [bigint, bigint] => {
      const seed = BigInt(at) * 7_919_777_777_777n + 104_729n;
      return [(seed * seed) % 10n ** 26n, (seed % 10n ** 13n) + 1n];
    }),
  ];
  const rows = await ledger.db<{ rounded: string }[]>`
    select half_even(dividend::numeric, divisor::numeric)::text as rounded
    from unnest(${cases.map(([dividend]) => `${dividend}`)}::text[], ${cases.map(([, divisor]) => `${divisor}`)}::text[])
      with ordinality as given (dividend, divisor, place)
    order by place`;
  expect(rows.map(({ rounded }) => rounded)).toEqual(
    cases.map(([dividend, divisor]) => `${divideWide(dividend, divisor)}`),
  );
});
