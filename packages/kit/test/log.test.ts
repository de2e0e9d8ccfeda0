import { expect, inject, onTestFinished, test } from 'vitest';
import { noCaller, withContext } from '../src/base/context.ts';
import { AppError } from '../src/base/errors.ts';
import { connectDb } from '../src/db/db.ts';
import { newTraceparent, traceIdOf } from '../src/observe/tracing.ts';
import { capturedLog } from '../src/testing/captured-log.ts';
import { rejection } from './echo-service.ts';

const HIDDEN = 'hunter2';

test.each<[string, object]>([
  ['a password', { password: HIDDEN }],
  ['a token', { accessToken: HIDDEN, refreshToken: HIDDEN, token: HIDDEN }],
  ['headers', { headers: { authorization: HIDDEN, cookie: HIDDEN } }],
  ['a person', { email: HIDDEN, phone: HIDDEN, givenName: HIDDEN, familyName: HIDDEN }],
  ['an input one level down', { input: { currentPassword: HIDDEN, newPassword: HIDDEN } }],
  ['an input in a request', { request: { input: { password: HIDDEN } } }],
  ['a list of people', { users: [{ profile: { email: HIDDEN } }] }],
  ['other ways of writing a name', { access_token: HIDDEN, 'Set-Cookie': HIDDEN, apiKey: HIDDEN, PASSWORD: HIDDEN }],
  ['what is not a text', { token: { value: HIDDEN } }],
])('never written: %s', (_, entry) => {
  const { log, text, lines } = capturedLog();
  log.info({ event: 'tested', ...entry }, 'an entry');
  expect(lines()).toMatchObject([{ msg: 'an entry' }]);
  expect(text()).not.toContain(HIDDEN);
  expect(text()).toContain('[redacted]');
});

test('everything else is written as it is, to a depth where something is wrong', () => {
  const { log, lines } = capturedLog();
  const circular: Record<string, unknown> = { name: 'x' };
  circular['self'] = circular;
  log.info({ event: 'tested', at: new Date(0), list: [1, null, { a: 'b' }], circular }, 'an entry');
  expect(lines()[0]).toMatchObject({ at: '1970-01-01T00:00:00.000Z', list: [1, null, { a: 'b' }] });
  expect(JSON.stringify(lines()[0])).toContain('[too deep]');
});

test('an entry without a code for machines does not compile', () => {
  const { log, lines } = capturedLog();
  // @ts-expect-error It says no event.
  log.info({ part: 'redis' }, 'an entry');
  // @ts-expect-error A sentence alone is for people only.
  log.info('an entry');
  // What is wrong all the same is written: better a line without a code than none.
  expect(lines()).toHaveLength(2);
});

test('an entry is one line of JSON: level by name, UTC time, service', () => {
  const { log, lines } = capturedLog();
  log.warn({ event: 'tested', part: 'redis' }, 'two\nlines');
  expect(lines()).toEqual([
    {
      level: 'warn',
      service: 'test',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      event: 'tested',
      part: 'redis',
      msg: 'two\nlines',
    },
  ]);
});

test('an entry names the trace, the request and the user that it belongs to', async () => {
  const { log, lines } = capturedLog();
  const context = {
    requestId: 'r1',
    caller: { ...noCaller('gateway'), userId: 'alice' },
    deadline: 0,
    signal: new AbortController().signal,
    traceparent: newTraceparent(),
  };
  await withContext(context, async () => {
    await Promise.resolve();
    log.info({ event: 'inside' }, 'inside');
  });
  log.info({ event: 'outside' }, 'outside');
  expect(lines()[0]).toMatchObject({ requestId: 'r1', userId: 'alice', traceId: traceIdOf(context.traceparent) });
  expect(Object.keys(lines()[1] ?? {})).not.toEqual(expect.arrayContaining(['requestId']));
});

test('an error is written with its reason, its causes and where it was thrown', () => {
  const { log, lines } = capturedLog();
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  log.error(
    { event: 'failed', err: new AppError('unavailable', 'no answer', { reason: 'database_unavailable', cause }) },
    'failed',
  );
  expect(lines()[0]?.['err']).toMatchObject({
    name: 'AppError',
    message: 'no answer',
    code: 'unavailable',
    reason: 'database_unavailable',
    stack: expect.stringContaining('log.test.ts') as string,
    cause: { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
  });
});

test.each<[string, (error: Error) => object]>([
  ['as err', (err) => ({ err })],
  ['as the cause of another', (cause) => ({ err: new Error('could not save', { cause }) })],
])('a database error carries no parameters and no rows into the log: %s', async (_, entry) => {
  const db = connectDb(inject('postgresUrl'), { maxConnections: 1 });
  onTestFinished(() => db.end());
  await db`create temporary table people (id int primary key, email text unique)`;
  await db`insert into people values (1, ${HIDDEN})`;
  const error = await rejection(db`insert into people values (2, ${HIDDEN})`);
  const { log, text } = capturedLog();
  log.error({ event: 'failed', ...entry(error) }, 'could not insert');
  expect(text()).toContain('people_email_key');
  expect(text()).toContain('23505');
  expect(text()).not.toContain(HIDDEN);
});

test('what is thrown and is no error is written all the same', () => {
  const { log, lines } = capturedLog();
  log.error({ event: 'failed', err: 'just a word' }, 'failed');
  expect(lines()[0]?.['err']).toEqual({ message: 'just a word' });
});
