import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { userErased, userErasureStarted } from '@andvari/proto/events';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AuthWorld, cheapHashes, newPerson, openAuth, ownRights, registrationOf } from './auth-world.ts';
import { answer, challengeOf, guarded, proofOf } from './guarded.ts';

let auth: AuthWorld;
beforeAll(async () => {
  auth = await openAuth({ ...cheapHashes, POSTGRES_CONNECTIONS: '1' });
});
afterAll(() => auth.close());

test('with one connection everything at once still comes to an end: nobody waits for a second one inside a transaction', async () => {
  const [person, leaving] = [await auth.member(), await auth.member()];
  const [withFactor, another] = [await guarded(auth), await guarded(auth)];
  const challenge = await challengeOf(auth, withFactor);
  const { userId } = person;
  const me = auth.as(userId, [...ownRights, 'order:read:own']);
  const started = await Promise.all(Array.from({ length: 10 }, () => auth.login(person)));
  const keyRequest = { userId, name: 'b', scopes: ['order:read:own'], expiresAtUs: 0n, dailyNotionalCap: 0n };
  const { apiKey, secret } = await me.createApiKey(keyRequest);
  // The next key of the ring is due meanwhile.
  auth.moveClock(6 * 86_400);
  await auth.service.publish(
    newEvent(userErasureStarted, { userId: leaving.userId, pseudonym: uuidv7() }, { source: 'user' }),
  );
  const calls = started.flatMap(({ refreshToken, sessionId }) => [
    auth.login(person),
    auth.login(newPerson()).catch(() => undefined),
    auth.anonymous.refresh({ refreshToken, client: undefined }).catch(() => undefined),
    auth.anonymous.register(registrationOf(newPerson())),
    auth.anonymous.requestPasswordReset({ email: person.email, client: undefined }),
    auth.anonymous.authenticateApiKey({ id: apiKey?.id ?? '', secret }),
    auth.anonymous.getJwks({}),
    challengeOf(auth, withFactor),
    answer(auth, challenge, { code: withFactor.device.wrongCode() }).catch(() => undefined),
    auth
      .as(another.userId)
      .renewRecoveryCodes({ userId: another.userId, proof: proofOf({ code: '1' }) })
      .catch(() => undefined),
    me.createApiKey(keyRequest),
    me.listSessions({ userId, page: undefined }),
    me.logout({ userId, sessionId }),
  ]);
  await Promise.all(calls);
  await eventually(async () => expect(await auth.service.published(userErased)).toHaveLength(1));
});
