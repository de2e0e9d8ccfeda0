import { expect, test } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import { eventually } from '../src/testing/eventually.ts';
import { all, echo, rejection, type Text } from './echo-service.ts';

const MANY = 20_000;
/** Far more than the buffers on the way hold. */
const long = 'x'.repeat(10_000);

test('everything arrives, in order', async () => {
  const { list } = await echo({
    list: async function* () {
      for (let i = 0; i < 1000; i += 1) yield { text: String(i) };
    },
  });
  const texts = (await all(list({ text: '' }))).map(({ text }) => Number(text));
  expect(texts).toEqual(Array.from({ length: 1000 }, (_, i) => i));
});

test('an error in the middle comes after what was sent before it', async () => {
  const { list } = await echo({
    list: async function* () {
      yield { text: 'first' };
      throw new AppError('failed_precondition', 'no further', { reason: 'end_of_it' });
    },
  });
  const received: string[] = [];
  const reading = (async () => {
    for await (const { text } of list({ text: '' })) received.push(text);
  })();
  expect(await rejection(reading)).toMatchObject({ code: 'failed_precondition', reason: 'end_of_it' });
  expect(received).toEqual(['first']);
});

test('a slow reader holds the writer back', async () => {
  const source = endless();
  const { list, ask } = await echo({ list: source.list });
  const reader = list({ text: '' }, { timeoutMs: 20_000 })[Symbol.asyncIterator]();
  await reader.next();
  // While the reader waits, the service has all the time it wants for writing.
  for (let i = 0; i < 200; i += 1) await ask({ text: '' });
  expect(source.written()).toBeLessThan(1000);
  const before = source.written();
  for (let i = 0; i < 1000; i += 1) await reader.next();
  expect(source.written()).toBeGreaterThan(before);
  await reader.return?.();
});

type Reader = ReturnType<Awaited<ReturnType<typeof echo>>['list']>;
test.each<[string, (stream: Reader, hangUp: AbortController) => Promise<void>]>([
  [
    'a reader that leaves the loop',
    async (stream) => {
      for await (const _ of stream) break;
    },
  ],
  [
    'a reader that gives up by its signal',
    async (stream, hangUp) => {
      const reading = rejection(
        (async () => {
          for await (const _ of stream) hangUp.abort();
        })(),
      );
      expect(await reading).toMatchObject({ code: 'unavailable', reason: 'cancelled' });
    },
  ],
  [
    'a reader that fails',
    async (stream) => {
      const reading = (async () => {
        for await (const _ of stream) throw new Error('of its own');
      })();
      expect(await rejection(reading)).toMatchObject({ message: 'of its own' });
    },
  ],
])('%s ends the writer, and its place is free again', async (_, read) => {
  const source = endless();
  const { list, ask } = await echo({ list: source.list }, { maxConcurrent: 1 });
  const hangUp = new AbortController();
  await read(list({ text: '' }, { signal: hangUp.signal, timeoutMs: 20_000 }), hangUp);
  await eventually(() => expect(source.ended()).toBe(true));
  await eventually(async () => expect(await ask({ text: 'free' })).toEqual({ text: 'free' }));
});

test('a stream whose time is up ends on both sides, though nobody reads', async () => {
  const source = endless();
  const { list } = await echo({ list: source.list });
  const reader = list({ text: '' }, { timeoutMs: 200 })[Symbol.asyncIterator]();
  await reader.next();
  await eventually(() => expect(source.ended()).toBe(true));
  const rest = (async () => {
    while ((await reader.next()).done !== true);
  })();
  expect(await rejection(rest)).toMatchObject({ code: 'unavailable', reason: 'deadline_exceeded' });
});

test('a stream given up before it began is not read', async () => {
  const source = endless();
  const { list } = await echo({ list: source.list });
  const reading = all(list({ text: '' }, { signal: AbortSignal.abort() }));
  expect(await rejection(reading)).toMatchObject({ code: 'unavailable', reason: 'cancelled' });
});

function endless(): { list: () => AsyncGenerator<Text>; written: () => number; ended: () => boolean } {
  let written = 0;
  let ended = false;
  return {
    written: () => written,
    ended: () => ended,
    list: async function* () {
      try {
        for (; written < MANY; written += 1) yield { text: long };
      } finally {
        ended = true;
      }
    },
  };
}
