import { executionReport, rolesChanged } from '@andvari/proto/events';
import { expect, test } from 'vitest';
import { subjectFilter } from '../src/events/subject-filter.ts';

test.each([
  ['of all', rolesChanged, {}, 'security.roles.changed.*'],
  ['of one user', rolesChanged, { user_id: 'u-1' }, 'security.roles.changed.u-1'],
  ['of one kind, whoever it is about', executionReport, { type: 'fill' }, 'exec.*.*.fill'],
  ['of one account', executionReport, { account_partition: 3, account_id: 'a' }, 'exec.3.a.*'],
] as const)('the filter for events %s', (_, type, given, filter) => {
  expect(subjectFilter(type, given)).toBe(filter);
});

test.each([
  ['a variable that the subject does not have', { symbol: 'AAPL' }],
  ['a value with a dot in it', { user_id: 'u.1' }],
  ['a value that is a wildcard for all that follows', { user_id: '>' }],
])('%s is refused', (_, given) => {
  expect(() => subjectFilter(rolesChanged, given)).toThrow();
});
