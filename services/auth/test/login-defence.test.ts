import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { eventually } from '@andvari/kit/testing/eventually';
import { accountLocked, loginFailed } from '@andvari/proto/events';
import { hash, parseOptions } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
  test('shows neither in the answer nor in its time', async () => {
    const person = await auth.member();
    const nobody = { ...person, email: newPerson().email };
    await auth.login(person);
    const times = new Map<Person, number[]>([
      [person, []],
      [nobody, []],
    ]);
    const answers = new Set<string>();
    for (let i = 0; i < 24; i += 1) {
      for (const [who, taken] of times) {
        // A day later nothing is locked, and everything is forgotten.
        auth.moveClock(86_400);
        const startedAt = performance.now();
        const error: unknown = await auth.login(who, 'not the password', from(newAddress())).catch((e: unknown) => e);
        taken.push(performance.now() - startedAt);
        const { code, reason, field, numbers, message } = error as Record<string, unknown>;
        answers.add(JSON.stringify([code, reason, field, numbers, message]));
      }
    }
    expect(answers.size).toBe(1);
    // The quickest of each: whatever else the machine does only adds to the others. Without the same work one takes a fraction.
    const [known = 0, unknown = 0] = [...times.values()].map((taken) => Math.min(...taken));
    expect(Math.abs(known - unknown)).toBeLessThan(0.4 * Math.max(known, unknown));
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
    let slowestRefusalMs = 0;
    const startedAt = performance.now();
    const flood = Array.from({ length: 200 }, () => {
      const victim = newPerson();
      return auth.login(victim, 'wrong', from(attacker)).catch((error: { reason: string }) => {
        if (error.reason === 'login_queue_full') {
          slowestRefusalMs = Math.max(slowestRefusalMs, performance.now() - startedAt);
        }
        return error.reason;
      });
    });
    const mine = performance.now();
    await auth.login(person);
    const mineMs = performance.now() - mine;
    const outcomes = await Promise.all(flood);
    const floodMs = performance.now() - startedAt;
    const full = outcomes.filter((reason) => reason === 'login_queue_full').length;
    expect(full).toBeGreaterThanOrEqual(200 - 1 - 20 - 20);
    expect(mineMs).toBeLessThan(floodMs);
    expect(slowestRefusalMs).toBeLessThan(floodMs);
  });

  test('does not keep the event loop from its work: hashing is done elsewhere', async () => {
    const lag = monitorEventLoopDelay({ resolution: 1 });
    lag.enable();
    await Promise.all(Array.from({ length: 20 }, () => auth.login(newPerson(), 'wrong').catch(() => undefined)));
    lag.disable();
    // One hash takes longer than this; on the loop, every one of them would show.
    expect(lag.percentile(90) / 1e6).toBeLessThan(10);
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
