import { expect, test } from 'vitest';
import { rangeOf } from '../src/commands/events.ts';

test.each([
  ['everything but commands', {}, { exceptPrefix: 'cmd.' }],
  ['of subjects that are named, commands among them', { subject: 'cmd.0.' }, { subjectPrefix: 'cmd.0.' }],
  [
    'since a moment',
    { since: '2026-01-01T02:00:00Z' },
    { since: new Date('2026-01-01T02:00:00Z'), exceptPrefix: 'cmd.' },
  ],
])('what is published again: %s', (_, values, range) => {
  expect(rangeOf(values)).toEqual(range);
});
