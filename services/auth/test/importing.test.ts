import { randomUUID } from 'node:crypto';
import { AuthServiceService } from '@andvari/proto/auth/v1/auth';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AuthWorld, cheapHashes, newAddress, openAuth } from './auth-world.ts';

/** People whom the operators' tool makes up. */
let world: AuthWorld;
beforeAll(async () => {
  world = await openAuth();
});
afterAll(() => world.close());

const PASSWORD = 'one word for many of them';
const toolOf = ({ service }: AuthWorld) => service.client(AuthServiceService, { service: 'operator-tool' });
const CREATED_AT_US = 1_700_000_000_000_000n;

function someone(name: string = randomUUID()) {
  return { userId: uuidv7(), email: `${name}@seed.example`, createdAtUs: CREATED_AT_US };
}

const loggedIn = (email: string, password: string) => {
  const client = { address: newAddress(), userAgent: 'Tests/1' };
  return world.login({ userId: '', email, password, client });
};

test('sign in with the password of all of them, and with no other', async () => {
  const users = [someone(), someone()];
  expect(await toolOf(world).importUsers({ password: PASSWORD, users })).toEqual({ imported: 2 });
  for (const { email, userId } of users) {
    expect(await loggedIn(email, PASSWORD)).toMatchObject({ userId });
    await expect(loggedIn(email, 'another word')).rejects.toMatchObject({ code: 'unauthenticated' });
  }
});

test('whoever is there keeps their password, by id and by address, and the others come in', async () => {
  const member = await world.member();
  const known = someone();
  await toolOf(world).importUsers({ password: PASSWORD, users: [known] });
  const sameAddress = { ...someone(), email: member.email };
  const stranger = someone();
  const users = [known, sameAddress, stranger];
  expect(await toolOf(world).importUsers({ password: 'quite another word', users })).toEqual({ imported: 1 });
  expect(await loggedIn(stranger.email, 'quite another word')).toMatchObject({ userId: stranger.userId });
  expect(await world.login(member)).toMatchObject({ userId: member.userId });
  expect(await loggedIn(known.email, PASSWORD)).toMatchObject({ userId: known.userId });
});

test('nobody is told of them', async () => {
  const user = someone();
  await toolOf(world).importUsers({ password: PASSWORD, users: [user] });
  expect(await world.told(user.userId)).toEqual({});
});

test.each(['gateway', 'user', 'test'])('%s imports nobody', async (service) => {
  const client = world.service.client(AuthServiceService, { service });
  await expect(client.importUsers({ password: PASSWORD, users: [someone()] })).rejects.toMatchObject({
    code: 'permission_denied',
    reason: 'permission_missing',
  });
});

test('in production nobody is imported', async () => {
  const production = await openAuth({ ...cheapHashes, ENVIRONMENT: 'production' });
  try {
    await expect(toolOf(production).importUsers({ password: PASSWORD, users: [someone()] })).rejects.toMatchObject({
      code: 'permission_denied',
      reason: 'development_only',
    });
    expect(await production.service.db`select from users`).toHaveLength(0);
  } finally {
    await production.close();
  }
});
