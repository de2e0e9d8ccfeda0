import { services } from '@andvari/deploy/services';
import { expect, test } from 'vitest';
import { variablesOf } from '../src/config-page.ts';
import { logEventsIn, problemsOf } from '../src/log-events.ts';
import { pages } from '../src/pages.ts';
import { servicesAndKit, textOf } from '../src/sources.ts';

test('every page is what the code says; make gen writes them', async () => {
  for (const [path, text] of await pages()) expect(textOf(path), path).toBe(text);
});

test('every line of a log has a code in snake_case that no other call has', () => {
  const events = logEventsIn(servicesAndKit());
  expect(events.length).toBeGreaterThan(50);
  expect(problemsOf(events)).toEqual([]);
});

test.each<[what: string, text: string, problem: string | undefined]>([
  ['a call with its code', "log.warn({ event: 'bank_unavailable', err }, 'no answer');", undefined],
  ['a call without one', "scope.log.warn({ err: error }, 'no answer');", 'no code in snake_case:  "no answer"'],
  ['a sentence alone', "log.info('ready');", 'no code in snake_case:  "ready"'],
  ['another spelling', "log.info({ event: 'isReady' }, 'ready');", 'no code in snake_case: isReady "ready"'],
  [
    'two calls with one code',
    "log.info({ event: 'ready' }, 'a'); log.info({ event: 'ready' }, 'b');",
    '2 calls say ready',
  ],
  [
    'a trouble whose end is said elsewhere too',
    "logTrouble(log, { event: 'lost', message: 'm' }); log.info({ event: 'lost_over' }, 'back');",
    '2 calls say lost_over',
  ],
])('codes of the log: %s', (_, text, problem) => {
  const problems = problemsOf(logEventsIn([{ path: 'services/user/src/app/app.ts', text }]));
  expect(problems).toEqual(problem === undefined ? [] : [problem]);
});

test.each(services.map(({ name }) => name))('%s says of every variable what it is for', async (name) => {
  const { variables } = await variablesOf(name);
  expect(variables.length).toBeGreaterThan(10);
  expect(variables.filter(({ why }) => why === '').map((one) => one.name)).toEqual([]);
});
