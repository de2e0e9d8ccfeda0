import { eventually } from '@andvari/kit/testing/eventually';
import { loginFailed } from '@andvari/proto/events';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthWorld, newAddress, openAuth } from './auth-world.ts';
import { answer, challengeOf, enrolled, guarded, over, reasonOf, sessionsOf, signIn, wrong } from './guarded.ts';

let auth: AuthWorld;
beforeAll(async () => {
  auth = await openAuth();
  auth.stopClock();
});
afterAll(() => auth.close());
describe('a code', () => {
  test.each([
    ['of the step before', -1],
    ['of this step', 0],
    ['of the next step', 1],
  ])('%s is good', async (_, step) => {
    const person = await guarded(auth);
    auth.moveClock(30);
    await answer(auth, await challengeOf(auth, person), { code: person.device.code(step) });
  });

  test.each([
    ['of two steps before', -2],
    ['of two steps later', 2],
  ])('%s is not', async (_, step) => {
    const person = await guarded(auth);
    auth.moveClock(120);
    const refused = answer(auth, await challengeOf(auth, person), { code: person.device.code(step) });
    await expect(refused).rejects.toMatchObject(wrong);
  });

  test('counts once: neither it nor an older one lets anybody in after it, not even the code of the enrolment', async () => {
    const person = await auth.member();
    const { device, recoveryCodes } = await enrolled(auth, person.userId);
    const owner = { ...person, device, recoveryCodes };
    const refusedWith = async (code: string) =>
      expect(answer(auth, await challengeOf(auth, owner), { code })).rejects.toMatchObject(wrong);
    await refusedWith(device.code());
    await answer(auth, await challengeOf(auth, owner), { code: device.code(1) });
    await refusedWith(device.code(1));
    await refusedWith(device.code(0));
    auth.moveClock(60);
    await signIn(auth, owner);
  });

  test('that is sent many times at once opens one session', async () => {
    const person = await guarded(auth);
    const challenges = await Promise.all([1, 2, 3, 4].map(() => challengeOf(auth, person)));
    const code = person.device.code();
    const outcomes = await Promise.all(challenges.map((one) => answer(auth, one, { code }).then(() => 'in', reasonOf)));
    expect(outcomes.toSorted()).toEqual(['factor_code_wrong', 'factor_code_wrong', 'factor_code_wrong', 'in']);
    expect(await sessionsOf(auth, person)).toBe(1);
  });

  test('that is wrong is told of, without the code', async () => {
    const person = await guarded(auth);
    const address = newAddress();
    const challenge = await challengeOf(auth, person);
    await expect(answer(auth, challenge, { code: 'no code' }, address)).rejects.toMatchObject(wrong);
    await eventually(async () => {
      const events = (await auth.service.published(loginFailed)).filter((event) => event.userId === person.userId);
      expect(events).toEqual([{ userId: person.userId, address, reason: 'wrong_code' }]);
    });
  });
});

describe('a challenge', () => {
  test('is good once', async () => {
    const person = await guarded(auth);
    const challenge = await challengeOf(auth, person);
    await answer(auth, challenge, { code: person.device.code() });
    auth.moveClock(30);
    await expect(answer(auth, challenge, { code: person.device.code() })).rejects.toMatchObject(over);
  });

  test('that is answered with two good codes at once opens one session', async () => {
    const person = await guarded(auth);
    const challenge = await challengeOf(auth, person);
    const outcomes = await Promise.all(
      [person.device.code(), person.device.code(1)].map((code) =>
        answer(auth, challenge, { code }).then(() => 'in', reasonOf),
      ),
    );
    expect(outcomes.toSorted()).toEqual(['factor_challenge_over', 'in']);
  });

  test('is good for five minutes', async () => {
    const person = await guarded(auth);
    const challenge = await challengeOf(auth, person);
    auth.moveClock(299);
    await expect(answer(auth, challenge, { code: 'no code' })).rejects.toMatchObject(wrong);
    auth.moveClock(1);
    await expect(answer(auth, challenge, { code: person.device.code() })).rejects.toMatchObject(over);
  });

  test('bears five wrong answers, of whatever kind', async () => {
    const person = await guarded(auth);
    const challenge = await challengeOf(auth, person);
    for (let tries = 0; tries < 4; tries += 1) {
      await expect(answer(auth, challenge, { recoveryCode: 'no such code' })).rejects.toMatchObject(wrong);
    }
    await expect(answer(auth, challenge, { recoveryCode: 'no such code' })).rejects.toMatchObject(over);
    await expect(answer(auth, challenge, { code: person.device.code() })).rejects.toMatchObject(over);
    await signIn(auth, person);
  });

  test.each(['', 'x', 'A'.repeat(43), 'A'.repeat(10_000)])(
    'that nobody was given is over: %.50s',
    async (challenge) => {
      await expect(answer(auth, challenge, { code: '123456' })).rejects.toMatchObject(over);
    },
  );

  test('ends with the password that began it', async () => {
    const person = await guarded(auth);
    const { userId, password } = person;
    const challenge = await challengeOf(auth, person);
    const change = {
      userId,
      sessionId: uuidv7(),
      currentPassword: password,
      newPassword: 'another long word of theirs',
    };
    await auth.as(userId).changePassword({ ...change, revokeApiKeys: false });
    await expect(answer(auth, challenge, { code: person.device.code() })).rejects.toMatchObject(over);
  });
});
