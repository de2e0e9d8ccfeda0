import { expect, test } from 'vitest';
import { logTrouble } from '../src/observe/log-trouble.ts';
import { capturedLog } from '../src/testing/captured-log.ts';

test('a thousand failures in two minutes are told three times, and their end once', () => {
  const { log, lines } = capturedLog();
  let now = 0;
  const trouble = logTrouble(log, { event: 'publish_failed', message: 'events are not published yet' }, () => now);
  for (; now < 125_000; now += 125) trouble.failed(new Error('no server'), { waiting: 3 });
  trouble.recovered();
  trouble.recovered();
  expect(lines().map(({ level, event, failures, msg }) => ({ level, event, failures, msg }))).toEqual([
    { level: 'warn', event: 'publish_failed', failures: undefined, msg: 'events are not published yet' },
    { level: 'warn', event: 'publish_failed', failures: 481, msg: 'events are not published yet, still' },
    { level: 'warn', event: 'publish_failed', failures: 961, msg: 'events are not published yet, still' },
    { level: 'info', event: 'publish_failed_over', failures: 1000, msg: 'events are not published yet: over' },
  ]);
  expect(lines().map(({ err }) => err !== undefined)).toEqual([true, false, false, false]);
});
