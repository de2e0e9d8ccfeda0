import { expect, test } from 'vitest';
import { batch } from '../src/base/batch.ts';
import { AppError } from '../src/base/errors.ts';
import { rejection } from './echo-service.ts';

const limits = { maxBatch: 3, maxWaiting: 100, onFull: () => new AppError('resource_exhausted', 'full') };

test('requests of one turn make one batch, and each gets its own answer', async () => {
  const batches: number[][] = [];
  const double = batch(async (requests: number[]) => {
    batches.push(requests);
    return requests.map((n) => n * 2);
  }, limits);
  expect(await Promise.all([1, 2, 3].map(double))).toEqual([2, 4, 6]);
  expect(batches).toEqual([[1, 2, 3]]);
});

test('what comes while a batch is under way waits for the next, in order, at most so many at a time', async () => {
  const work = manual();
  const ask = batch(work.run, limits);
  const answers = [ask('a')];
  await work.started(1);
  answers.push(...['b', 'c', 'd', 'e'].map(ask));
  work.finish();
  await work.started(2);
  work.finish();
  await work.started(3);
  work.finish();
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(work.batches).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
});

test('a lone request does not wait for company', async () => {
  const work = manual();
  const ask = batch(work.run, limits);
  const answer = ask('a');
  await Promise.resolve();
  await Promise.resolve();
  expect(work.batches).toEqual([['a']]);
  work.finish();
  expect(await answer).toBe('a');
});

test('it goes on after it has been idle', async () => {
  const ask = batch(async (requests: string[]) => requests, limits);
  expect(await ask('a')).toBe('a');
  expect(await ask('b')).toBe('b');
});

test('an answer that is an error rejects that one request', async () => {
  const wrong = new AppError('not_found', 'no b');
  const ask = batch(
    async (requests: string[]) => requests.map((request) => (request === 'b' ? wrong : request)),
    limits,
  );
  const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(ask));
  expect(outcomes).toEqual([
    { status: 'fulfilled', value: 'a' },
    { status: 'rejected', reason: wrong },
    { status: 'fulfilled', value: 'c' },
  ]);
});

test('a batch that fails rejects its own requests and no others', async () => {
  const ask = batch(async (requests: string[]) => {
    if (requests.includes('bad')) throw new Error('the batch failed');
    return requests;
  }, limits);
  const outcomes = await Promise.allSettled(['a', 'bad', 'b', 'c'].map(ask));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'fulfilled']);
  expect(await ask('later')).toBe('later');
});

test('an answer that is missing is an error, undefined is an answer', async () => {
  const short = batch(async (requests: string[]) => requests.slice(1), limits);
  const outcomes = await Promise.allSettled(['a', 'b'].map(short));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  const empty = batch(async (requests: string[]) => requests.map(() => undefined), limits);
  expect(await empty('a')).toBeUndefined();
});

test('when too many wait the next one is refused at once, and those that wait are served', async () => {
  const work = manual();
  const ask = batch(work.run, { ...limits, maxWaiting: 2 });
  const underWay = ask('a');
  await work.started(1);
  const waiting = [ask('b'), ask('c')];
  expect(await rejection(ask('d'))).toMatchObject({ code: 'resource_exhausted' });
  work.finish();
  await work.started(2);
  work.finish();
  expect(await Promise.all([underWay, ...waiting])).toEqual(['a', 'b', 'c']);
});

test('two lanes run two batches at once, and no third', async () => {
  const work = manual();
  const ask = batch(work.run, { ...limits, lanes: 2 });
  const answers = [ask('a')];
  await work.started(1);
  answers.push(ask('b'));
  await work.started(2);
  answers.push(ask('c'));
  await new Promise(setImmediate);
  expect(work.batches).toEqual([['a'], ['b']]);
  work.finish();
  await work.started(3);
  work.finish();
  work.finish();
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
});

/** Batches that end when the test says so, the oldest first. */
function manual() {
  const batches: string[][] = [];
  const finishes: (() => void)[] = [];
  return {
    batches,
    run: (requests: string[]): Promise<string[]> => {
      batches.push(requests);
      return new Promise((resolve) => finishes.push(() => resolve(requests)));
    },
    finish: () => finishes.shift()?.(),
    async started(count: number): Promise<void> {
      while (batches.length < count) await new Promise(setImmediate);
    },
  };
}
