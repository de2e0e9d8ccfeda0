import { eventually } from '@andvari/kit/testing/eventually';
import { accountLocked, factorGuessed, factorRecoveryRenewed, factorRecoveryUsed } from '@andvari/proto/events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthWorld, newAddress, openAuth } from './auth-world.ts';
import {
  answer,
  challengeOf,
  type Guarded,
  guarded,
  locked,
  lockOut,
  proofOf,
  reasonOf,
  sessionsOf,
  wrong,
} from './guarded.ts';

let auth: AuthWorld;
beforeAll(async () => {
  auth = await openAuth();
  auth.stopClock();
});
afterAll(() => auth.close());

const stateOf = async ({ userId }: Guarded) => (await auth.as(userId).getFactor({ userId })).factor;

describe('guessing codes', () => {
  test('is locked after five wrong ones over all challenges, told with its time, and the lock grows', async () => {
    const person = await guarded(auth);
    await lockOut(auth, person);
    const right = async () => answer(auth, await challengeOf(auth, person), { code: person.device.code() });
    await expect(right()).rejects.toMatchObject({ ...locked, numbers: { retry_after_ms: 30_000n } });
    auth.moveClock(30);
    const challenge = await challengeOf(auth, person);
    await expect(answer(auth, challenge, { code: person.device.wrongCode() })).rejects.toMatchObject(wrong);
    await expect(right()).rejects.toMatchObject({ ...locked, numbers: { retry_after_ms: 60_000n } });
    auth.moveClock(60);
    await right();
    await eventually(async () => {
      const events = (await auth.service.published(accountLocked)).filter((event) => event.userId === person.userId);
      expect(events).toHaveLength(2);
    });
  });

  test('begins no series anew with a right password in between', async () => {
    const person = await guarded(auth);
    for (let time = 0; time < 4; time += 1) {
      const challenge = await challengeOf(auth, person);
      await expect(answer(auth, challenge, { code: person.device.wrongCode() })).rejects.toMatchObject(wrong);
    }
    await expect(
      answer(auth, await challengeOf(auth, person), { code: person.device.wrongCode() }),
    ).rejects.toMatchObject(wrong);
    const right = answer(auth, await challengeOf(auth, person), { code: person.device.code() });
    await expect(right).rejects.toMatchObject(locked);
  });

  test('elsewhere is not forgotten where its owner signs in, who is told of it once', async () => {
    const person = await guarded(auth);
    const { userId, device } = person;
    const [home, attacker] = [newAddress(), newAddress()];
    const guess = async () =>
      expect(
        answer(auth, await challengeOf(auth, person), { code: device.wrongCode() }, attacker),
      ).rejects.toMatchObject(wrong);
    for (let time = 0; time < 4; time += 1) await guess();
    await answer(auth, await challengeOf(auth, person), { code: device.code() }, home);
    auth.moveClock(30);
    await guess();
    const right = answer(auth, await challengeOf(auth, person), { code: device.code() }, home);
    await expect(right).rejects.toMatchObject(locked);
    const ofThem = (event: { userId: string }) => event.userId === userId;
    await eventually(async () => expect((await auth.service.published(accountLocked)).filter(ofThem)).toHaveLength(1));
    expect((await auth.service.published(factorGuessed)).filter(ofThem)).toEqual([{ userId, address: attacker }]);
  });

  test('is forgotten where the right one follows from the same place: people mistype', async () => {
    const person = await guarded(auth);
    const home = newAddress();
    for (let day = 0; day < 3; day += 1) {
      for (let time = 0; time < 3; time += 1) {
        const mistyped = answer(auth, await challengeOf(auth, person), { code: person.device.wrongCode() }, home);
        await expect(mistyped).rejects.toMatchObject(wrong);
      }
      await answer(auth, await challengeOf(auth, person), { code: person.device.code() }, home);
      auth.moveClock(30);
    }
  });

  test('does not take back the failures of the password either', async () => {
    const person = await guarded(auth);
    const fails = (address: string) =>
      expect(auth.login(person, 'not the password', { address, userAgent: '' })).rejects.toMatchObject({
        reason: 'credentials_invalid',
      });
    for (let time = 0; time < 4; time += 1) await fails(newAddress());
    await challengeOf(auth, person);
    await fails(newAddress());
    await expect(challengeOf(auth, person)).rejects.toMatchObject(locked);
  });

  test('all at once is no more than one after the other', async () => {
    const person = await guarded(auth);
    const challenges = await Promise.all(Array.from({ length: 12 }, () => challengeOf(auth, person)));
    const code = person.device.wrongCode();
    const outcomes = await Promise.all(challenges.map((one) => answer(auth, one, { code }).catch(reasonOf)));
    expect(outcomes.filter((reason) => reason === 'factor_code_wrong')).toHaveLength(5);
    expect(outcomes.filter((reason) => reason === 'login_locked')).toHaveLength(7);
  });

  test('counts under the address as well, recovery codes too', async () => {
    const person = await guarded(auth);
    const attacker = newAddress();
    for (let time = 0; time < 30; time += 1) {
      const challenge = await challengeOf(auth, person);
      await expect(answer(auth, challenge, { recoveryCode: 'no such code' }, attacker)).rejects.toMatchObject(wrong);
    }
    const challenge = await challengeOf(auth, person);
    await expect(answer(auth, challenge, { code: person.device.code() }, attacker)).rejects.toMatchObject(locked);
    await answer(auth, challenge, { code: person.device.code() });
  });

  test('inside is counted the same: a found session does not find out the code', async () => {
    const person = await guarded(auth);
    const { userId } = person;
    const guess = () => auth.as(userId).disableFactor({ userId, proof: proofOf({ code: person.device.wrongCode() }) });
    for (let time = 0; time < 5; time += 1) {
      await expect(guess()).rejects.toMatchObject({ code: 'invalid_argument', reason: 'factor_code_wrong' });
    }
    const right = auth.as(userId).disableFactor({ userId, proof: proofOf({ code: person.device.code() }) });
    await expect(right).rejects.toMatchObject(locked);
  });
});

describe('a recovery code', () => {
  test('lets in once, in any spelling, and says how many are left', async () => {
    const person = await guarded(auth);
    const [first = '', second = ''] = person.recoveryCodes;
    expect(first).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
    await answer(auth, await challengeOf(auth, person), { recoveryCode: first.toUpperCase().replaceAll('-', ' ') });
    expect(await stateOf(person)).toMatchObject({ recoveryCodesLeft: 9 });
    const again = answer(auth, await challengeOf(auth, person), { recoveryCode: first });
    await expect(again).rejects.toMatchObject(wrong);
    await answer(auth, await challengeOf(auth, person), { recoveryCode: second });
    const { userId } = person;
    await eventually(async () => {
      const used = (await auth.service.published(factorRecoveryUsed)).filter((event) => event.userId === userId);
      expect(used).toEqual([
        { userId, recoveryCodesLeft: 9 },
        { userId, recoveryCodesLeft: 8 },
      ]);
    });
  });

  test('that is sent many times at once opens one session', async () => {
    const person = await guarded(auth);
    const challenges = await Promise.all([1, 2, 3, 4].map(() => challengeOf(auth, person)));
    const [recoveryCode = ''] = person.recoveryCodes;
    const outcomes = await Promise.all(
      challenges.map((one) => answer(auth, one, { recoveryCode }).then(() => 'in', reasonOf)),
    );
    expect(outcomes.toSorted()).toEqual(['factor_code_wrong', 'factor_code_wrong', 'factor_code_wrong', 'in']);
    expect(await sessionsOf(auth, person)).toBe(1);
  });

  test('lets the owner in whom somebody with the password keeps locked out', async () => {
    const person = await guarded(auth);
    await lockOut(auth, person);
    const [recoveryCode = ''] = person.recoveryCodes;
    await answer(auth, await challengeOf(auth, person), { recoveryCode });
  });

  test('of somebody else, or from before the others were made, is none', async () => {
    const [person, other] = [await guarded(auth), await guarded(auth)];
    const { userId } = person;
    const [old = ''] = person.recoveryCodes;
    const [theirs = ''] = other.recoveryCodes;
    const refuses = async (recoveryCode: string) =>
      expect(answer(auth, await challengeOf(auth, person), { recoveryCode })).rejects.toMatchObject(wrong);
    await refuses(theirs);
    const renewed = await auth
      .as(userId)
      .renewRecoveryCodes({ userId, proof: proofOf({ code: person.device.code() }) });
    expect(renewed.factor).toMatchObject({ enabled: true, recoveryCodesLeft: 10 });
    await refuses(old);
    await answer(auth, await challengeOf(auth, person), { recoveryCode: renewed.recoveryCodes[9] ?? '' });
    await eventually(async () => {
      const told = (await auth.service.published(factorRecoveryRenewed)).filter((event) => event.userId === userId);
      expect(told).toEqual([{ userId }]);
    });
  });
});
