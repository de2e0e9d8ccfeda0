import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDb } from '@andvari/kit/db/db';
import { setAside } from '@andvari/kit/inbox/dead-letters';
import { commands } from '@andvari/seedctl/commands';
import { misfits } from '@andvari/seedctl/output-lines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { peopleOf } from './people.ts';
import { seedctl } from './seedctl.ts';
import { type System, startSystem, tradingServices, unlimited } from './system.ts';

/** What every command really says with --json, held against what is promised of it: tools/seedctl/src/output-lines.ts. */
let system: System;
const folder = mkdtempSync(join(tmpdir(), 'andvari-said-'));
const said = new Map<string, string>();

beforeAll(async () => {
  system = await startSystem(tradingServices, {
    ...unlimited,
    MARKET_HOURS: 'always',
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  return system.close();
});

/** Of a system that is for development, where the demo's people may be used. */
async function says(command: string, ...words: string[]): Promise<Record<string, unknown>[]> {
  const places = { ...system.places(), environment: 'development' };
  const ran = await seedctl(places, ...command.split(' '), ...words, '--json');
  expect(ran).toMatchObject({ complained: '' });
  expect({ command, misfits: misfits(command, ran.said) }).toEqual({ command, misfits: [] });
  const known = said.get(command);
  said.set(command, known === undefined ? ran.said : `${known}\n${ran.said}`);
  return ran.said.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('people, their orders, the book', { timeout: 120_000 }, async () => {
  await says('seed');
  await says('seed', '--profile=empty');
  await says('seed', '--profile=load', '--users=3');
  const levels = await says('engine book', 'AAPL');
  const best = Number(levels.find(({ side }) => side === 'buy')?.['price']);
  // It rests, so that it can be cancelled.
  const [order] = await says('orders place', 'buy', '1', 'AAPL', '--limit', (best * 0.95).toFixed(2));
  await says('orders ls');
  await says('orders cancel', String(order?.['id']));
  await says('orders cancel', '01a21743-8971-740f-8809-450321c89006');
  await says('engine stats');
});

test('whom it names signs in', async () => {
  const demo = said.get('seed')?.split('\n')[0] ?? '{}';
  const { users, password } = JSON.parse(demo) as { users: string[]; password: string };
  const answer = await peopleOf(system).visitor().post('/auth/login', { email: users[0], password });
  expect(answer.status, answer.text).toBe(200);
});

test('the state of all parts', { timeout: 120_000 }, async () => {
  const lines = await says('status');
  expect(lines.map(({ service }) => service)).toContain('gateway');
  await says('doctor');
  await says('verify');
});

test('events and streams', { timeout: 120_000 }, async () => {
  await says('events tail', 'order.>', '--last', '3');
  await says('events replay', 'order_db', '--subject', 'order.placed');
  const backup = join(folder, 'streams');
  await says('streams backup', backup);
  await refusesWhatIsThere(backup);
  await says('reservations restore');
});

/** Of the user service. */
const CONSUMER = 'user-lives';

/** One that is broken off leaves what was there as it was, and is not taken for a whole one. */
async function refusesWhatIsThere(backup: string): Promise<void> {
  const kept = readdirSync(backup).toSorted();
  expect(kept).toEqual(expect.arrayContaining(['COMMANDS.json', 'COMMANDS.tar.s2']));
  const again = await seedctl(system.places(), 'streams', 'backup', backup);
  expect(again).toMatchObject({ code: 1, complained: expect.stringContaining('is not empty') });
  expect(readdirSync(backup).toSorted()).toEqual(kept);

  const brokenOff = `${backup}.part`;
  cpSync(backup, brokenOff, { recursive: true });
  const restored = await seedctl(system.places(), 'streams', 'restore', brokenOff);
  expect(restored).toMatchObject({ code: 1, complained: expect.stringContaining('was broken off') });
}

test('what was set aside', async () => {
  const db = connectDb(system.places().databases['user_db'] ?? '', { maxConnections: 1 });
  try {
    for (const eventId of ['one', 'two']) {
      const letter = { consumer: CONSUMER, eventId, subject: 'user.nothing', headers: { 'ce-id': eventId } };
      await db.begin((tx) => setAside(tx, { ...letter, payload: Buffer.from('?'), deliveries: 1 }, new Error('no')));
    }
  } finally {
    await db.end();
  }
  const [one, two] = await says('dead-letters ls');
  await says('doctor');
  await says('dead-letters show', 'user_db', String(one?.['id']));
  const [again] = await says('dead-letters requeue', 'user_db', String(one?.['id']));
  expect(again).toEqual({ requeued: [one?.['id']], applied: [], failed: [one?.['id']], waiting: [] });
  const [tried] = await says('dead-letters ls');
  expect(tried).toMatchObject({ id: one?.['id'], attempts: 1, requeued: false });
  await says('dead-letters drop', 'user_db', String(one?.['id']), String(two?.['id']));
});

/** Of this checkout, or of no system: tools/seedctl/test and e2e/reset.test.ts. Streams are restored, and what is said of it is held against the same, in e2e/restoring.test.ts. */
const elsewhere = ['reset', 'config check', 'certs', 'completion', 'streams restore'];

test('every command has spoken, and a field less is missed', () => {
  expect([...said.keys(), ...elsewhere].toSorted()).toEqual(commands.map(({ name }) => name).toSorted());
  for (const [command, lines] of said) {
    for (const line of lines.split('\n')) {
      const whole = JSON.parse(line) as Record<string, unknown>;
      for (const field of Object.keys(whole).filter((name) => name !== 'sequence')) {
        const { [field]: _, ...rest } = whole;
        expect(misfits(command, JSON.stringify(rest))).toHaveLength(1);
      }
    }
  }
});
