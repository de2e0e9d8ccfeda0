import { eventually } from '@andvari/kit/testing/eventually';
import type { ClientInfo } from '@andvari/proto/auth/v1/auth';
import { loginSucceeded, mailRequested, sessionRevoked, userRegistered, userVerified } from '@andvari/proto/events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mailTokens } from '../src/ports/mail-tokens.ts';
import { type AuthWorld, meanwhile, newPerson, openAuth, registrationOf } from './auth-world.ts';

let auth: AuthWorld;
beforeAll(async () => {
  auth = await openAuth();
});
afterAll(() => auth.close());

const refresh = async (refreshToken: string, client?: ClientInfo) => {
  const { tokens } = await auth.anonymous.refresh({ refreshToken, client });
  if (tokens === undefined) throw new Error('no tokens');
  return tokens;
};
const refused = (reason: string) => ({ code: 'unauthenticated', reason });

describe('a registration', () => {
  test('answers nothing, and the mail opens the account: told once, however often the link is opened', async () => {
    const person = newPerson();
    expect(await auth.anonymous.register(registrationOf(person))).toEqual({ userId: '', tokens: undefined });
    const token = await auth.tokenMailedTo(person.email, /Confirm/);
    const { userId } = await auth.anonymous.verifyEmail({ token });
    expect(await auth.anonymous.verifyEmail({ token })).toEqual({ userId });
    await eventually(async () => {
      const registered = (await auth.service.published(userRegistered)).filter((event) => event.userId === userId);
      const verified = (await auth.service.published(userVerified)).filter((event) => event.userId === userId);
      expect(registered).toEqual([
        { userId, email: person.email, givenName: 'Ada', familyName: 'Lovelace', locale: 'en-CA' },
      ]);
      expect(verified).toEqual([{ userId, email: person.email }]);
    });
  });

  test('for a taken address answers the same, and its owner gets the mail', async () => {
    const owner = await auth.member();
    const again = {
      ...registrationOf(owner),
      email: ` ${owner.email.toUpperCase()} `,
      password: 'the stranger’s own word',
    };
    expect(await auth.anonymous.register(again)).toEqual({ userId: '', tokens: undefined });
    const { mails } = await eventually(async () => {
      const found = await auth.anonymous.listDevelopmentMail({ to: owner.email, page: undefined });
      expect(found.mails).toHaveLength(2);
      return found;
    });
    expect(mails[0]).toMatchObject({ subject: 'You have an account already' });
    expect(mails[0]?.body).not.toMatch(/token/);
    // As where the address was free: whether it is taken is told to its owner alone.
    await expect(auth.login(owner, again.password)).rejects.toMatchObject({ reason: 'email_not_verified' });
  });

  test('by a stranger before the owner’s own gives the owner the owner’s password', async () => {
    const owner = newPerson();
    await auth.anonymous.register({ ...registrationOf(owner), password: 'what the stranger chose' });
    const strangers = await auth.tokenMailedTo(owner.email, /Confirm/);
    await auth.anonymous.register(registrationOf(owner));
    const own = await eventually(async () => {
      const token = await auth.tokenMailedTo(owner.email, /Confirm/);
      expect(token).not.toBe(strangers);
      return token;
    });
    await Promise.allSettled([auth.anonymous.verifyEmail({ token: own })]);
    await expect(auth.anonymous.verifyEmail({ token: strangers })).rejects.toMatchObject({ reason: 'token_invalid' });
    await expect(auth.login(owner, 'what the stranger chose')).rejects.toMatchObject(refused('credentials_invalid'));
    expect((await auth.login(owner)).accessToken).not.toBe('');
  });

  test('a link opened twice at once is opened once, and both hear so', async () => {
    const person = newPerson();
    await auth.anonymous.register(registrationOf(person));
    const token = await auth.tokenMailedTo(person.email, /Confirm/);
    const answers = await Promise.all(Array.from({ length: 6 }, () => auth.anonymous.verifyEmail({ token })));
    expect(new Set(answers.map(({ userId }) => userId)).size).toBe(1);
    expect(await auth.told(answers[0]?.userId ?? '')).toMatchObject({ 'user.registered': 1, 'user.verified': 1 });
  });

  test('of two links opened at once, one opens the account', async () => {
    const person = newPerson();
    await auth.anonymous.register(registrationOf(person));
    const first = await auth.tokenMailedTo(person.email, /Confirm/);
    await auth.anonymous.register(registrationOf(person));
    const second = await eventually(async () => {
      const token = await auth.tokenMailedTo(person.email, /Confirm/);
      expect(token).not.toBe(first);
      return token;
    });
    const outcomes = await Promise.allSettled([first, second].map((token) => auth.anonymous.verifyEmail({ token })));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a link is good for a day', async () => {
    const person = newPerson();
    await auth.anonymous.register(registrationOf(person));
    const token = await auth.tokenMailedTo(person.email, /Confirm/);
    auth.moveClock(24 * 3600);
    await expect(auth.anonymous.verifyEmail({ token })).rejects.toMatchObject({ reason: 'token_invalid' });
  });

  test('that is not verified yet is told so, to whoever has its password', async () => {
    const person = newPerson();
    await auth.anonymous.register(registrationOf(person));
    const waiting = { code: 'failed_precondition', reason: 'email_not_verified' };
    await expect(auth.login(person)).rejects.toMatchObject(waiting);
    await expect(auth.login(person, 'some other word')).rejects.toMatchObject(refused('credentials_invalid'));
    await auth.anonymous.verifyEmail({ token: await auth.tokenMailedTo(person.email, /Confirm/) });
    await auth.login(person);
    // Of an address that is taken a stranger hears the same as of one that is free.
    const stranger = { ...person, password: 'what a stranger chose' };
    await auth.anonymous.register(registrationOf(stranger));
    await expect(auth.login(stranger)).rejects.toMatchObject(waiting);
    await auth.login(person);
  });

  test.each([
    ['blank', '   '],
    ['a filler that is not seen', '\u3164'],
    ['turning around what stands beside it', 'Ada\u202e'],
    ['a joiner between nothing', '\u200b'],
    ['with an invisible end', 'Ada\ufeff'],
  ])('under a name that is %s is refused', async (_, familyName) => {
    const call = auth.anonymous.register({ ...registrationOf(newPerson()), familyName });
    await expect(call).rejects.toMatchObject({ code: 'invalid_argument', field: 'family_name' });
  });

  test.each(['O’Brien', 'Đặng', 'می\u200cخواهم', 'Núñez-Ortiz', '王'])(
    'under the name %s is taken',
    async (familyName) => {
      await auth.anonymous.register({ ...registrationOf(newPerson()), familyName });
    },
  );

  test('nobody’s mailbox is filled: three mails an hour', async () => {
    const person = newPerson();
    for (let i = 0; i < 5; i += 1) await auth.anonymous.register(registrationOf(person));
    const rows = await auth.service.db`select 1 from registrations where email = ${person.email}`;
    expect(rows).toHaveLength(5);
    const mails = await auth.service.db`
      select 1 from outbox join registrations r on subject = 'auth.mail.requested.' || r.user_id where r.email = ${person.email}`;
    expect(mails).toHaveLength(3);
  });
});

describe('a session', () => {
  test('lives from sign-in over refreshing to sign-out', async () => {
    const person = await auth.member();
    const me = auth.as(person.userId);
    const first = await auth.login(person);
    expect(first).toMatchObject({ userId: person.userId });
    const second = await refresh(first.refreshToken);
    expect(second.sessionId).toBe(first.sessionId);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    const { sessions } = await me.listSessions({ userId: person.userId, page: undefined });
    expect(sessions).toMatchObject([{ id: first.sessionId, userId: person.userId }]);
    await me.logout({ userId: person.userId, sessionId: first.sessionId });
    await me.logout({ userId: person.userId, sessionId: first.sessionId });
    await expect(refresh(second.refreshToken)).rejects.toMatchObject(refused('session_revoked'));
    expect(await auth.told(person.userId)).toMatchObject({ 'auth.login.succeeded': 1, 'auth.session.revoked': 1 });
  });

  test('two tabs refreshing at once both go on, with the same token', async () => {
    const { refreshToken } = await auth.login(await auth.member());
    const [a, b] = await Promise.all([refresh(refreshToken), refresh(refreshToken)]);
    expect(a.refreshToken).toBe(b.refreshToken);
    auth.moveClock(60);
    const next = await refresh(b.refreshToken);
    auth.moveClock(5);
    expect((await refresh(a.refreshToken)).refreshToken).toBe(next.refreshToken);
  });

  test('fifty refreshes at once give one successor, and one row of it', async () => {
    const { refreshToken, sessionId } = await auth.login(await auth.member());
    const tokens = await Promise.all(Array.from({ length: 50 }, () => refresh(refreshToken)));
    expect(new Set(tokens.map((token) => token.refreshToken)).size).toBe(1);
    const rows = await auth.service.db`select from refresh_tokens where session_id = ${sessionId}`;
    expect(rows).toHaveLength(2);
  });

  test.each([
    ['another address', { address: '203.0.113.99' }],
    ['another program', { userAgent: 'Thief/1' }],
  ])('a copy used from %s is a theft even within the grace', async (_, other) => {
    const person = await auth.member();
    const { refreshToken } = await auth.login(person);
    const mine = await refresh(refreshToken, person.client);
    await expect(refresh(refreshToken, { ...person.client, ...other })).rejects.toMatchObject(
      refused('refresh_reused'),
    );
    await expect(refresh(mine.refreshToken, person.client)).rejects.toMatchObject(refused('session_revoked'));
  });

  test('a token is judged by what its session has become while it waited', async () => {
    const { refreshToken, sessionId } = await auth.login(await auth.member());
    const outcome = await meanwhile(
      auth.service.db,
      (tx) => tx`update sessions set generation = 3 where session_id = ${sessionId}`,
      () => refresh(refreshToken),
    );
    expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'refresh_reused' } });
  });

  test('a stolen token used after the grace ends the whole family, and is told of', async () => {
    const person = await auth.member();
    const { refreshToken: stolen, sessionId } = await auth.login(person);
    const mine = await refresh(stolen);
    auth.moveClock(11);
    await expect(refresh(stolen)).rejects.toMatchObject(refused('refresh_reused'));
    await expect(refresh(mine.refreshToken)).rejects.toMatchObject(refused('session_revoked'));
    await expect(refresh(stolen)).rejects.toMatchObject(refused('session_revoked'));
    expect(await auth.told(person.userId)).toMatchObject({ 'auth.refresh.reused': 1, 'auth.session.revoked': 1 });
    const revoked = await eventually(async () => {
      const events = (await auth.service.published(sessionRevoked)).filter((event) => event.sessionId === sessionId);
      expect(events).toHaveLength(1);
      return events[0];
    });
    expect(revoked).toEqual({ userId: person.userId, sessionId, reason: 'refresh_reused' });
  });

  test('the token of a mail is with its mailer alone, not in the outbox and not in the stream', async () => {
    const person = newPerson();
    await auth.anonymous.register(registrationOf(person));
    const token = await auth.tokenMailedTo(person.email, /Confirm/);
    const mails = (await auth.service.published(mailRequested)).filter(({ to }) => to === person.email);
    expect(mails).toMatchObject([{ template: 'verify_email', values: { sealed_token: expect.any(String) } }]);
    expect(JSON.stringify(mails)).not.toContain(token);
    const rows = await auth.service.db`
      select from outbox where position(${token} in convert_from(payload, 'LATIN1')) > 0`;
    expect(rows).toHaveLength(0);
    const sealed = mails[0]?.values['sealed_token'] ?? '';
    const mailer = mailTokens(auth.service.env['MAIL_KEY'] ?? '');
    expect(mailer.open(sealed, { to: person.email, template: 'verify_email' })).toBe(token);
    expect(mailer.open(sealed, { to: 'thief@example.com', template: 'verify_email' })).toBeUndefined();
    expect(
      mailTokens('another key, of some 32 characters').open(sealed, { to: person.email, template: 'verify_email' }),
    ).toBeUndefined();
  });

  test('nothing that lets anybody in is in the database', async () => {
    const person = await auth.member();
    const { refreshToken } = await auth.login(person);
    const rows = await auth.service.db`
      select from (
        select s::text as content from sessions s union all select encode(token_hash, 'escape') from refresh_tokens
        union all select convert_from(payload, 'LATIN1') from outbox
      ) as everything where position(${refreshToken} in content) > 0`;
    expect(rows).toHaveLength(0);
    const [user] = await auth.service.db`select password_hash from users where user_id = ${person.userId}`;
    expect(user?.['password_hash']).toMatch(/^\$argon2id\$v=19\$/);
  });

  test.each([
    ['idle for a week', [7 * 24 * 3600], 'session_expired'],
    ['in use for a month', Array.from({ length: 5 }, () => 6 * 24 * 3600), 'session_expired'],
  ])('ends when it was %s', async (_, waits, reason) => {
    let { refreshToken } = await auth.login(await auth.member());
    for (const wait of waits.slice(0, -1)) {
      auth.moveClock(wait);
      ({ refreshToken } = await refresh(refreshToken));
    }
    auth.moveClock(waits.at(-1) ?? 0);
    await expect(refresh(refreshToken)).rejects.toMatchObject(refused(reason));
  });

  test('signing out everywhere leaves this one, when asked to', async () => {
    const person = await auth.member();
    const all = [await auth.login(person), await auth.login(person), await auth.login(person)];
    const me = auth.as(person.userId);
    const exceptSessionId = all[1]?.sessionId ?? '';
    expect(await me.logoutAll({ userId: person.userId, exceptSessionId })).toMatchObject({
      revoked: 2,
      sessionIds: { length: 2 },
    });
    const { sessions } = await me.listSessions({ userId: person.userId, page: undefined });
    expect(sessions.map(({ id }) => id)).toEqual([exceptSessionId]);
    expect(await me.logoutAll({ userId: person.userId, exceptSessionId: '' })).toEqual({
      revoked: 1,
      sessionIds: [exceptSessionId],
    });
    expect(await auth.told(person.userId)).toMatchObject({ 'auth.session.revoked': 3 });
  });

  test('those that have not ended are counted for whoever watches', async () => {
    const open = async (): Promise<number> => {
      const metrics = await (await fetch(`http://127.0.0.1:${auth.service.started.adminPort}/metrics`)).text();
      return Number(/^auth_sessions_open\{[^}]*\} (\d+)$/m.exec(metrics)?.[1]);
    };
    const person = await auth.member();
    const before = await open();
    await auth.login(person);
    await auth.login(person);
    expect(await open()).toBe(before + 2);
    await auth.as(person.userId).logoutAll({ userId: person.userId, exceptSessionId: '' });
    expect(await open()).toBe(before);
  });

  test('the list comes in pages, the newest first', async () => {
    const person = await auth.member();
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) ids.push((await auth.login(person)).sessionId);
    const me = auth.as(person.userId);
    const seen: string[] = [];
    let after = '';
    do {
      const { sessions, pageInfo } = await me.listSessions({ userId: person.userId, page: { first: 2, after } });
      seen.push(...sessions.map(({ id }) => id));
      after = pageInfo?.hasNextPage === true ? pageInfo.endCursor : '';
    } while (after !== '');
    expect(seen).toEqual(ids.toReversed());
  });

  test('from another device is told as new, from a known one it is not', async () => {
    const person = await auth.member();
    await auth.login(person);
    await auth.login(person);
    await auth.login(person, person.password, { ...person.client, userAgent: 'Another/1' });
    await eventually(async () => {
      const events = (await auth.service.published(loginSucceeded)).filter((event) => event.userId === person.userId);
      expect(events.map((event) => event.newDevice)).toEqual([false, false, true]);
    });
  });
});
