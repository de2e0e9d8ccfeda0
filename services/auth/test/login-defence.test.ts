import { setImmediate as immediate } from 'node:timers/promises';
import { eventually } from '@andvari/kit/testing/eventually';
import { accountLocked, loginFailed } from '@andvari/proto/events';
import { hash, parseOptions } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fairQueue } from '../src/ports/fair-queue.ts';
import { openPasswords } from '../src/ports/passwords.ts';
import { type AuthWorld, newAddress, newPerson, openAuth, type Person } from './auth-world.ts';

/** With hashes as costly as in production. */
let auth: AuthWorld;
beforeAll(async () => {
  auth = await openAuth({ HASH_CONCURRENCY: '1', LOGIN_QUEUE: '40', LOGIN_QUEUE_PER_ADDRESS: '20' });
});
afterAll(() => auth.close());

const from = (address: string) => ({ address, userAgent: 'Tests/1' });
const invalid = { code: 'unauthenticated', reason: 'credentials_invalid' };
const locked = { code: 'resource_exhausted', reason: 'login_locked' };

async function failTimes(person: Person, times: number, address: () => string): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    await expect(auth.login(person, 'not the password', from(address()))).rejects.toMatchObject(invalid);
  }
}

describe('who is known', () => {
  test('shows neither in the answer nor in the work that it takes', async () => {
    const person = await auth.member();
    const nobody = { ...person, email: newPerson().email };
    await auth.login(person);
    const answers = new Set<string>();
    for (const who of [person, nobody, person, nobody]) {
      const before = await hashesChecked();
      const error: unknown = await auth.login(who, 'not the password', from(newAddress())).catch((e: unknown) => e);
      const { code, reason, field, numbers, message } = error as Record<string, unknown>;
      answers.add(JSON.stringify([code, reason, field, numbers, message, (await hashesChecked()) - before]));
    }
    // One hash each; all else together takes a hundredth of it.
    expect([...answers]).toEqual([expect.stringMatching(/,1\]$/)]);
  });

  test('is told inside, and the address that nobody has is not repeated there', async () => {
    const person = await auth.member();
    const nobody = newPerson();
    const address = newAddress();
    await failTimes(person, 1, () => address);
    await failTimes(nobody, 1, () => address);
    await eventually(async () => {
      const events = (await auth.service.published(loginFailed)).filter((event) => event.address === address);
      expect(events).toEqual([
        { userId: person.userId, address, reason: 'wrong_password' },
        { userId: '', address, reason: 'unknown_email' },
      ]);
    });
  });
});

describe('a lock-out', () => {
  test.each([
    ['of an account', () => auth.member()],
    ['of an address that nobody has', () => Promise.resolve(newPerson())],
  ])('%s begins with the fifth failure, from wherever, grows, and ends', async (_, make) => {
    const person = await make();
    await failTimes(person, 5, newAddress);
    await expect(auth.login(person, person.password, from(newAddress()))).rejects.toMatchObject(locked);
    auth.moveClock(31);
    await failTimes(person, 1, newAddress);
    auth.moveClock(31);
    const refused: unknown = await auth.login(person, 'x', from(newAddress())).catch((error: unknown) => error);
    expect(refused).toMatchObject(locked);
    const { retry_after_ms: retryAfterMs = 0n } = (refused as { numbers: Record<string, bigint> }).numbers;
    expect(Number(retryAfterMs)).toBeGreaterThan(25_000);
    expect(Number(retryAfterMs)).toBeLessThanOrEqual(30_000);
  });

  test('is told of, and a good password ends it after its time', async () => {
    const person = await auth.member();
    await failTimes(person, 5, newAddress);
    await eventually(async () => {
      const events = (await auth.service.published(accountLocked)).filter((event) => event.userId === person.userId);
      expect(events).toHaveLength(1);
    });
    auth.moveClock(31);
    await auth.login(person);
    await failTimes(person, 4, newAddress);
    await auth.login(person, person.password, from(newAddress()));
  });

  test('by strangers leaves the owner at home alone', async () => {
    const person = await auth.member();
    await auth.login(person);
    await failTimes(person, 5, newAddress);
    await expect(auth.login(person, person.password, from(newAddress()))).rejects.toMatchObject(locked);
    await auth.login(person);
  });

  test('of an address keeps it from every account, and leaves other addresses alone', async () => {
    const attacker = newAddress();
    for (let i = 0; i < 30; i += 1) await failTimes(newPerson(), 1, () => attacker);
    const person = await auth.member();
    await expect(auth.login(person, person.password, from(attacker))).rejects.toMatchObject(locked);
    await auth.login(person);
  });

  test('holds for guesses that are sent all at once: those beyond the fifth learn nothing, good or bad', async () => {
    const person = await auth.member();
    const guess = (password: string) => auth.login(person, password, from(newAddress())).then(() => 'in', reasonOf);
    const wrong = Array.from({ length: 12 }, (_, i) => guess(`wrong guess ${i}`));
    // By now all of them are past the first look, and the good one comes in behind them.
    await Promise.race(wrong);
    const good = guess(person.password);
    const outcomes = await Promise.all(wrong);
    expect(outcomes.filter((reason) => reason === 'credentials_invalid')).toHaveLength(5);
    expect(outcomes.filter((reason) => reason === 'login_locked')).toHaveLength(7);
    expect(await good).toBe('login_locked');
  });
});

describe('a flood', () => {
  test('of 200 sign-ins is bounded, refuses at once, and lets others in between', async () => {
    const person = await auth.member();
    const attacker = newAddress();
    const inOrder: string[] = [];
    const flood = Array.from({ length: 200 }, () =>
      auth.login(newPerson(), 'wrong', from(attacker)).catch((error: { reason: string }) => inOrder.push(error.reason)),
    );
    await auth.login(person).then(() => inOrder.push('mine'));
    await Promise.all(flood);
    const full = inOrder.filter((reason) => reason === 'login_queue_full').length;
    expect(full).toBeGreaterThanOrEqual(200 - 1 - 20 - 20);
    // Neither whoever comes from elsewhere nor whoever is refused waits for those who are in the queue.
    const lastOfFlood = inOrder.lastIndexOf('credentials_invalid');
    expect(inOrder.indexOf('mine')).toBeLessThan(lastOfFlood);
    expect(inOrder.lastIndexOf('login_queue_full')).toBeLessThan(lastOfFlood);
  });

  test('does not keep the event loop from its work: hashing is done elsewhere', async () => {
    const queue = fairQueue({ concurrency: 1, maxWaiting: 1, maxWaitingPerKey: 1 });
    const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
    const passwords = await openPasswords({ parameters, queue, observe: () => undefined });
    let turns = 0;
    for (let i = 0; i < 10; i += 1) {
      const hashing = new AbortController();
      const hashed = passwords.hash('a long word', 'here').finally(() => hashing.abort());
      // A hash on the loop is done before the loop's next turn, always.
      for (await immediate(); !hashing.signal.aborted; await immediate()) turns += 1;
      await hashed;
    }
    expect(turns).toBeGreaterThan(0);
  });
});

describe('parameters', () => {
  test('that are out of date are replaced at the next sign-in', async () => {
    const person = await auth.member();
    const old = await hash(person.password, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    await auth.service.db`update users set password_hash = ${old} where user_id = ${person.userId}`;
    await auth.login(person);
    const [row] = await auth.service.db<{ password_hash: string }[]>`
      select password_hash from users where user_id = ${person.userId}`;
    expect(parseOptions(row?.password_hash ?? '')).toMatchObject({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    await auth.login(person);
  });
});

function reasonOf(error: { reason: string }): string {
  return error.reason;
}

async function hashesChecked(): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${auth.service.started.adminPort}/metrics`)).text();
  return Number(/auth_password_hash_seconds_count\S* (\d+)/.exec(metrics)?.[1]);
}
