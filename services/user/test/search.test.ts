import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { userRegistered } from '@andvari/proto/events';
import { UserServiceService } from '@andvari/proto/user/v1/user';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';

let user: TestService<Awaited<ReturnType<typeof start>>>;
beforeAll(async () => {
  user = await testService({ readConfig, start, migrations, streams: ['USER'] });
  const people: [email: string, givenName: string, familyName: string][] = [
    ['ada@example.com', 'Ada', 'Lovelace'],
    ['grace@example.com', 'Grace', 'Hopper'],
    ['a_b@example.com', 'Under', 'Score'],
    ['adam@example.com', 'Adam', 'Smith'],
  ];
  for (const [email, givenName, familyName] of people) {
    const message = { userId: uuidv7(), email, givenName, familyName, locale: 'en' };
    await user.publish(newEvent(userRegistered, message, { source: 'auth' }));
  }
  await eventually(async () => expect(await user.db`select from profiles`).toHaveLength(people.length));
});
afterAll(() => user.close());

const search = (text: string, page = { first: 10, after: '' }) =>
  user.client(UserServiceService, { userId: uuidv7(), scopes: ['profile:read'] }).searchProfiles({ text, page });

test.each([
  ['the beginning of an address, in any case', 'ADA', ['adam@example.com', 'ada@example.com']],
  ['a family name', 'hopp', ['grace@example.com']],
  ['nothing by the middle of a word', 'opper', []],
  ['what looks like a pattern only as itself', 'a_', ['a_b@example.com']],
  ['nothing by a pattern', '%%', []],
])('finds %s', async (_, text, emails) => {
  const { profiles } = await search(text);
  expect(profiles.map(({ email }) => email)).toEqual(emails);
});

test('comes in pages', async () => {
  const first = await search('ad', { first: 1, after: '' });
  expect(first.pageInfo).toMatchObject({ hasNextPage: true });
  const second = await search('ad', { first: 1, after: first.pageInfo?.endCursor ?? '' });
  expect([...first.profiles, ...second.profiles].map(({ email }) => email)).toEqual([
    'adam@example.com',
    'ada@example.com',
  ]);
  expect(second.pageInfo).toMatchObject({ hasNextPage: false });
});
