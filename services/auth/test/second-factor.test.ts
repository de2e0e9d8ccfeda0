import { nowUs } from '@andvari/kit/base/clock';
import { RECENT_SIGN_IN_US } from '@andvari/kit/handler/authorize';
import { Authenticator } from '@andvari/kit/testing/authenticator';
import { eventually } from '@andvari/kit/testing/eventually';
import { AuthServiceService } from '@andvari/proto/auth/v1/auth';
import { factorDisabled, factorEnabled } from '@andvari/proto/events';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resealing } from '../src/app/reseal-factors.ts';
import { sealer } from '../src/ports/sealed.ts';
import { type AuthWorld, meanwhile, openAuth, ownRights, type Person } from './auth-world.ts';
import {
  answer,
  challengeOf,
  enrolled,
  type Guarded,
  guarded,
  locked,
  lockOut,
  over,
  proofOf,
  sessionsOf,
  signIn,
} from './guarded.ts';

let auth: AuthWorld;
beforeAll(async () => {
  auth = await openAuth();
  auth.stopClock();
});
afterAll(() => auth.close());

const stateOf = async ({ userId }: { userId: string }) => (await auth.as(userId).getFactor({ userId })).factor;

describe('a second factor', () => {
  test('counts from its first right code on: from then the password alone opens no session', async () => {
    const person = await auth.member();
    const { userId } = person;
    const { secret, uri } = await auth.as(userId).enrolFactor({ userId });
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(uri).toContain(`secret=${secret}&issuer=Andvari`);
    expect(uri).toContain(encodeURIComponent(person.email));
    await auth.login(person);
    const device = new Authenticator(secret, auth);
    await expect(auth.as(userId).confirmFactor({ userId, code: device.wrongCode() })).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'code',
      reason: 'factor_code_wrong',
    });
    expect(await stateOf(person)).toEqual({ enabled: false, enabledAtUs: 0n, recoveryCodesLeft: 0 });
    await auth.login(person);
    const { factor, recoveryCodes } = await auth.as(userId).confirmFactor({ userId, code: device.code() });
    expect(factor).toEqual({ enabled: true, enabledAtUs: auth.now(), recoveryCodesLeft: 10 });
    expect(await stateOf(person)).toEqual({ ...factor, enabledAtUs: auth.now() });
    expect(new Set(recoveryCodes).size).toBe(10);

    const before = await sessionsOf(auth, person);
    const { email, password, client } = person;
    const first = await auth.anonymous.login({ email, password, client });
    expect(first).toEqual({
      tokens: undefined,
      factorChallenge: {
        token: expect.stringMatching(/^[\w-]{43}$/) as string,
        expiresAtUs: auth.now() + 300_000_000n,
      },
    });
    expect(await sessionsOf(auth, person)).toBe(before);
    auth.moveClock(30);
    const { userId: who } = await answer(auth, first.factorChallenge?.token ?? '', { code: device.code() });
    expect(who).toBe(userId);
    expect(await sessionsOf(auth, person)).toBe(before + 1);
    await eventually(async () => {
      const told = (await auth.service.published(factorEnabled)).filter((event) => event.userId === userId);
      expect(told).toEqual([{ userId }]);
    });
  });

  test('is begun anew as often as one likes before it counts, and the latest secret is the one', async () => {
    const { userId } = await auth.member();
    const first = await auth.as(userId).enrolFactor({ userId });
    const second = await auth.as(userId).enrolFactor({ userId });
    expect(first.secret).not.toBe(second.secret);
    const call = (secret: string) =>
      auth.as(userId).confirmFactor({ userId, code: new Authenticator(secret, auth).code() });
    await expect(call(first.secret)).rejects.toMatchObject({ reason: 'factor_code_wrong' });
    await call(second.secret);
    await expect(call(second.secret)).rejects.toMatchObject({ reason: 'factor_enabled' });
    await expect(auth.as(userId).enrolFactor({ userId })).rejects.toMatchObject({ reason: 'factor_enabled' });
  });

  test('that waits longer than a quarter of an hour for its first code is begun anew', async () => {
    const { userId } = await auth.member();
    const none = auth.as(userId).confirmFactor({ userId, code: '123456' });
    await expect(none).rejects.toMatchObject({ reason: 'factor_not_enrolling' });
    const { secret } = await auth.as(userId).enrolFactor({ userId });
    auth.moveClock(15 * 60);
    const late = auth.as(userId).confirmFactor({ userId, code: new Authenticator(secret, auth).code() });
    await expect(late).rejects.toMatchObject({ code: 'failed_precondition', reason: 'factor_not_enrolling' });
  });

  test('that begins while somebody signs in with the password lets them in no more', async () => {
    const person = await auth.member();
    const { userId, email, password, client } = person;
    const outcome = await meanwhile(
      auth.service.db,
      async (tx) => {
        await tx`select 1 from users where user_id = ${userId} for update`;
        await tx`
          insert into factors (user_id, sealed_secret, sealed_with, created_at, enabled_at, last_step, failures, last_failed_at)
          values (${userId}, '', '', now(), now(), 0, 0, now())`;
      },
      () => auth.anonymous.login({ email, password, client }),
    );
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { tokens: undefined } });
    expect(await sessionsOf(auth, person)).toBe(0);
  });

  test.each([
    [
      'a password that was typed long ago',
      { authenticatedAtUs: nowUs() - RECENT_SIGN_IN_US - 1n },
      'recent_sign_in_required',
    ],
    ['an API key', { apiKeyId: uuidv7() }, 'api_key_not_allowed'],
  ])('is neither begun, renewed nor ended by %s', async (_, caller, reason) => {
    const { userId, device } = await guarded(auth);
    const client = auth.service.client(AuthServiceService, { userId, scopes: ownRights, ...caller });
    const proof = proofOf({ code: device.code() });
    for (const call of [
      () => client.enrolFactor({ userId }),
      () => client.confirmFactor({ userId, code: device.code() }),
      () => client.renewRecoveryCodes({ userId, proof }),
      () => client.disableFactor({ userId, proof }),
    ]) {
      await expect(call()).rejects.toMatchObject({ reason });
    }
  });

  test('stays when the password is reset by letter, and voids nobody’s lock', async () => {
    const person = await guarded(auth);
    await lockOut(auth, person);
    const before = await challengeOf(auth, person);
    await auth.anonymous.requestPasswordReset({ email: person.email, client: person.client });
    const token = await auth.tokenMailedTo(person.email, /new password/);
    const password = 'another long word of theirs';
    await auth.anonymous.resetPassword({ token, newPassword: password, client: person.client });
    await expect(answer(auth, before, { code: person.device.code() })).rejects.toMatchObject(over);
    const after = await challengeOf(auth, { ...person, password });
    await expect(answer(auth, after, { code: person.device.code() })).rejects.toMatchObject(locked);
  });

  test('leaves API keys as they are', async () => {
    const person = await auth.member();
    const { userId } = person;
    const scopes = ['order:read:own'];
    const { apiKey, secret } = await auth
      .as(userId, [...ownRights, ...scopes])
      .createApiKey({ userId, name: 'bot', scopes, expiresAtUs: 0n, dailyNotionalCap: 0n });
    await enrolled(auth, userId);
    expect(await auth.anonymous.authenticateApiKey({ id: apiKey?.id ?? '', secret })).toMatchObject({ userId });
  });
});

describe('the end of a second factor', () => {
  test.each<[string, (person: Guarded) => Parameters<typeof proofOf>[0]]>([
    ['a code', ({ device }) => ({ code: device.code() })],
    ['a recovery code', ({ recoveryCodes: [recoveryCode = ''] }) => ({ recoveryCode })],
  ])('takes %s, and then the password is enough', async (_, shown) => {
    const person = await guarded(auth);
    const { userId } = person;
    const challenge = await challengeOf(auth, person);
    const disable = (proof: Parameters<typeof proofOf>[0]) =>
      auth.as(userId).disableFactor({ userId, proof: proofOf(proof) });
    await expect(disable({ code: person.device.wrongCode() })).rejects.toMatchObject({ reason: 'factor_code_wrong' });
    await disable(shown(person));
    await auth.login(person);
    await expect(answer(auth, challenge, { code: person.device.code(1) })).rejects.toMatchObject(over);
    await expect(disable({ code: '123456' })).rejects.toMatchObject({ reason: 'factor_not_enabled' });
    await eventually(async () => {
      const told = (await auth.service.published(factorDisabled)).filter((event) => event.userId === userId);
      expect(told).toEqual([{ userId, changedBy: userId, reason: '' }]);
    });
  });

  test('is an operator’s act for whoever has lost everything: with a right, a reason and a recent sign-in', async () => {
    const person = await guarded(auth);
    const { userId } = person;
    const operator = uuidv7();
    const request = { userId, reason: 'showed their passport' };
    await expect(auth.as(operator).removeFactor(request)).rejects.toMatchObject({ reason: 'permission_missing' });
    const stale = auth.service.client(AuthServiceService, {
      userId: operator,
      scopes: ['factor:remove'],
      authenticatedAtUs: nowUs() - RECENT_SIGN_IN_US - 1n,
    });
    await expect(stale.removeFactor(request)).rejects.toMatchObject({ reason: 'recent_sign_in_required' });
    await auth.as(operator, ['factor:remove']).removeFactor(request);
    await auth.login(person);
    const removals = await auth.service.db`select removed_by, reason from factor_removals where user_id = ${userId}`;
    expect(removals).toEqual([{ removed_by: operator, reason: 'showed their passport' }]);
    await eventually(async () => {
      const told = (await auth.service.published(factorDisabled)).filter((event) => event.userId === userId);
      expect(told).toEqual([{ userId, changedBy: operator, reason: 'showed their passport' }]);
    });
  });

  test('is no operator’s act on their own', async () => {
    const { userId } = await guarded(auth);
    const own = auth.as(userId, ['factor:remove']).removeFactor({ userId, reason: 'I may do everything' });
    await expect(own).rejects.toMatchObject({ code: 'permission_denied', reason: 'own_factor' });
  });
});

describe('the key that seals secrets', () => {
  test('is given up once all is sealed anew, and what it does not open is left alone', async () => {
    const [person, other] = [await guarded(auth), await guarded(auth)];
    const { db } = auth.service;
    await db`update factors set sealed_with = 'a key that is lost', sealed_secret = 'x' where user_id = ${other.userId}`;
    const [before, after] = ['a key that only tests use, 32 characters', 'the key of tomorrow, also 32 characters'];
    const both = sealer([after, before], 'second factors');
    await resealing({ db, factorSealer: both }).resealFactors(new AbortController().signal);
    const rows = await db<{ sealed_secret: Buffer; sealed_with: string }[]>`
      select sealed_secret, sealed_with from factors where user_id in ${db([person.userId, other.userId])} order by user_id`;
    expect(rows.map((row) => row.sealed_with)).toEqual([both.keyName, 'a key that is lost']);
    const alone = sealer([after], 'second factors');
    const opened = alone.open(rows[0]?.sealed_secret ?? Buffer.alloc(0), person.userId);
    expect(opened?.toString('latin1')).toBe(person.device.secret);
    expect(alone.open(rows[0]?.sealed_secret ?? Buffer.alloc(0), other.userId)).toBeUndefined();
    // The service of this test has the old key only; the others' stories need theirs back.
    await resealing({ db, factorSealer: sealer([before, after], 'second factors') }).resealFactors(
      new AbortController().signal,
    );
    await signIn(auth, person);
  });
});

describe('the database', () => {
  test('has neither secret, nor code, nor challenge', async () => {
    const person: Person = await auth.member();
    const { userId } = person;
    const { secret } = await auth.as(userId).enrolFactor({ userId });
    const device = new Authenticator(secret, auth);
    const { recoveryCodes } = await auth.as(userId).confirmFactor({ userId, code: device.code() });
    const challenge = await challengeOf(auth, person);
    const rows = await auth.service.db`
      select f.sealed_secret, r.code_hash, c.token_hash from factors f
      join recovery_codes r using (user_id) join factor_challenges c using (user_id) where user_id = ${userId}`;
    expect(rows).toHaveLength(10);
    const kept = rows
      .flatMap((row) => Object.values(row as Record<string, Buffer>))
      .map((one) => one.toString('latin1'));
    for (const told of [
      device.secret,
      ...recoveryCodes,
      ...recoveryCodes.map((code) => code.replaceAll('-', '')),
      challenge,
    ]) {
      expect(kept.filter((one) => one.includes(told))).toEqual([]);
    }
  });
});
