import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { closedLoop } from '../src/closed-loop.ts';
import { cpuOfProcesses, parseStat } from '../src/cpu.ts';
import { openLoop } from '../src/open-loop.ts';
import { median, Samples } from '../src/samples.ts';

test.each<[string, number[], number, number]>([
  ['the middle of an odd number', [3, 1, 2], 0.5, 2],
  ['the lower middle of an even number', [4, 1, 3, 2], 0.5, 2],
  ['the largest', [5, 9, 7], 1, 9],
  ['the smallest', [5, 9, 7], 0, 5],
  ['99 of a hundred', Array.from({ length: 100 }, (_, i) => i + 1), 0.99, 99],
  ['99 of a thousand and more', Array.from({ length: 5000 }, (_, i) => 5000 - i), 0.99, 4950],
  ['one value is every percentile', [7], 0.5, 7],
])('percentile: %s', (_, values, share, expected) => {
  const samples = new Samples();
  for (const value of values) samples.record(value);
  expect(samples.percentile(share)).toBe(expected);
  expect(samples.count).toBe(values.length);
});

test('values that come after a percentile was asked count in the next one', () => {
  const samples = new Samples();
  for (const value of [1, 3]) samples.record(value);
  expect(samples.percentile(1)).toBe(3);
  samples.record(2);
  expect([samples.percentile(0.5), samples.percentile(1)]).toEqual([2, 3]);
});

test('a median is a value that was measured', () => {
  expect([median([9, 1, 5]), median([4, 1, 2, 3])]).toEqual([5, 2]);
});

test('a process and what it runs are counted once, others are not', () => {
  const before = cpuOfProcesses([process.pid]);
  const end = performance.now() + 150;
  while (performance.now() < end);
  const after = cpuOfProcesses([process.pid]);
  expect(after - before).toBeGreaterThan(20_000);
  expect(cpuOfProcesses([process.pid, process.pid])).toBeLessThan(after * 1.5);
  expect(cpuOfProcesses([])).toBe(0);
});

test('a process may be called anything', () => {
  const stat = '42 (a (b) c) S 7 42 42 0 -1 4194560 1 0 0 0 150 50 25 5 20 0 1 0 100 0 0';
  expect(parseStat(stat)).toEqual({ pid: 42, parent: 7, cpuUs: 2_300_000 });
});

test('the loop keeps so many calls in flight, and measures each', async () => {
  let [inFlight, most] = [0, 0];
  const load = await closedLoop({ inFlight: 5, durationMs: 50 }, async () => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await new Promise(setImmediate);
    inFlight -= 1;
  });
  expect(most).toBe(5);
  expect(load.calls).toBe(load.latencyMs.count);
  expect(load.perSecond).toBeCloseTo(load.calls / load.seconds, 5);
});

test.each([[], ['nothing'], ['kit', 'engine']])(
  'asked for no suite it knows, it says which there are (%s)',
  async (...names) => {
    const main = `${import.meta.dirname}/../src/main.ts`;
    const outcome = await promisify(execFile)(process.execPath, [main, ...names]).catch((error: unknown) => error);
    expect(outcome).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('Suites: kit, engine, ledger, gateway') as string,
    });
  },
);

test('an open loop calls at its rate whoever waits, and counts from when a call was due', async () => {
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const { calls, latencyMs } = await openLoop({ perSecond: 200, durationMs: 100 }, () => {
    begun += 1;
    // The first twenty wait for the last of them.
    if (begun === 20) gate.resolve();
    return gate.promise;
  });
  expect([calls, begun, latencyMs.count]).toEqual([20, 20, 20]);
  expect(latencyMs.percentile(1)).toBeGreaterThanOrEqual(90);
});

test('an open loop ends with the first call that fails', async () => {
  const broken = openLoop({ perSecond: 100, durationMs: 60_000 }, () => Promise.reject(new Error('refused')));
  await expect(broken).rejects.toThrow('refused');
});
