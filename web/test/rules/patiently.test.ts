import { expect, test } from 'vitest';
import { patiently } from '../../src/api/patiently.ts';

const turnedAway = (afterS: number) => new Response('{}', { status: 429, headers: { 'retry-after': String(afterS) } });

async function sent(answers: Response[]): Promise<{ status: number; tries: number; pausesMs: number[] }> {
  const pausesMs: number[] = [];
  let tries = 0;
  const { status } = await patiently(
    async () => answers[tries++] ?? new Response('{}'),
    async (ms) => void pausesMs.push(ms),
  );
  return { status, tries, pausesMs };
}

test('who is turned away comes again, no sooner than told', async () => {
  const { status, tries, pausesMs } = await sent([turnedAway(1), turnedAway(2)]);
  expect({ status, tries }).toEqual({ status: 200, tries: 3 });
  expect(pausesMs[0]).toBeGreaterThanOrEqual(1000);
  expect(pausesMs[1]).toBeGreaterThanOrEqual(2000);
});

test('not for ever, and not where the wait is long', async () => {
  expect(await sent(Array.from({ length: 9 }, () => turnedAway(1)))).toMatchObject({ status: 429, tries: 4 });
  expect(await sent([turnedAway(60)])).toMatchObject({ status: 429, tries: 1 });
});

test('what was heard is never sent again, whatever came of it', async () => {
  for (const status of [200, 400, 401, 500, 503]) {
    expect(await sent([new Response('{}', { status })])).toEqual({ status, tries: 1, pausesMs: [] });
  }
});
