import { DEMO_PASSWORD } from '@andvari/demo/people';
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from './browser.ts';
import { peopleOf } from './people.ts';
import { seedctl } from './seedctl.ts';
import { type System, startSystem, tradingServices, unlimited } from './system.ts';
import { becomes, placed, type Trader } from './traders.ts';

/** `seedctl seed`, over the real processes: people with a year behind them, who are people like any other. */
let system: System;
beforeAll(async () => {
  system = await startSystem(tradingServices, {
    ...unlimited,
    MARKET_HOURS: 'always',
  });
});
afterAll(() => system.close());

const USERS = 60;
const load = (...more: string[]) =>
  seedctl(system.places(), 'seed', '--profile', 'load', '--users', String(USERS), '--json', ...more);
let email: string;
let password: string;

test('makes people with orders, and everything agrees', { timeout: 120_000 }, async () => {
  const { code, said, complained } = await load();
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  const made = JSON.parse(said) as { users: number; accounts: number; orders: number; first: string; password: string };
  expect(made).toMatchObject({ users: USERS, accounts: USERS });
  expect(made.orders).toBeGreaterThan(2 * USERS);
  ({ first: email, password } = made);
  const { differences, orders } = await system.verify();
  expect(differences).toEqual([]);
  expect(orders).toBe(made.orders);
});

test('done again, it changes nothing; done for more, it makes the others', { timeout: 120_000 }, async () => {
  expect(JSON.parse((await load()).said)).toMatchObject({ users: 0, accounts: 0, orders: 0 });
  const more = await seedctl(system.places(), 'seed', '--profile', 'load', '--users', String(USERS + 5), '--json');
  expect(JSON.parse(more.said)).toMatchObject({ users: 5, accounts: 5 });
  expect((await system.verify()).differences).toEqual([]);
});

test('a run that was broken off between two services is taken up', { timeout: 120_000 }, async () => {
  await system.stop('portfolio');
  const words = ['seed', '--profile', 'load', '--users', '20', '--seed', 'broken', '--json'];
  expect((await seedctl(system.places(), ...words)).code).toBe(1);
  await system.start('portfolio');
  // All clients in a process share what it knows of a neighbour: this one may still take it for away.
  const { said } = await eventually(async () => {
    const ran = await seedctl(system.places(), ...words);
    expect(ran).toMatchObject({ code: 0, complained: '' });
    return ran;
  });
  expect(JSON.parse(said)).toMatchObject({ users: 0, accounts: 20, orders: 0 });
  expect((await system.verify()).differences).toEqual([]);
});

const part = (db: string, seed: string) =>
  seedctl(system.places(), 'seed', '--profile=load', '--users=20', `--seed=${seed}`, `--db=${db}`, '--json');

async function bySeed(seed: string): Promise<number> {
  const [row] = await system.database('auth_db')<{ found: number }[]>`
    select count(*)::int as found from users where email like ${`load-${seed}-%`}`;
  return row?.found ?? -1;
}

describe('a part of the databases', () => {
  test.each([
    ['order', 'auth_db lacks 20 of the 20 people'],
    ['portfolio', 'auth_db lacks 20 of the 20 people'],
    ['order,auth,user', 'portfolio_db lacks 20 of the 20 accounts'],
    ['portfolio,auth,user', /order_db lacks \d+ of the \d+ orders/],
    ['auth', 'user_db lacks 20 of the 20 profiles'],
  ])('%s alone would agree with nothing: nobody is made', async (db, why) => {
    const { code, complained } = await part(db, 'alone');
    expect(code).toBe(1);
    expect(complained).toMatch(why);
    expect(await bySeed('alone')).toBe(0);
  });

  test('people first, and what they did later', { timeout: 120_000 }, async () => {
    expect(JSON.parse((await part('auth,user', 'parts')).said)).toMatchObject({ users: 20, accounts: 0, orders: 0 });
    expect(await bySeed('parts')).toBe(20);
    expect(JSON.parse((await part('order,portfolio', 'parts')).said)).toMatchObject({ users: 0, accounts: 20 });
    expect((await system.verify()).differences).toEqual([]);
    // Now all of them have everybody, and each alone has nothing to add.
    for (const db of ['auth', 'user', 'order', 'portfolio', 'all']) {
      expect(JSON.parse((await part(db, 'parts')).said)).toMatchObject({ users: 0, accounts: 0, orders: 0 });
    }
  });

  test.each(['security', 'stock', 'security,stock'])('%s has all it needs', async (db) => {
    const { code, said } = await part(db, 'none');
    expect({ code, said }).toEqual({ code: 0, said: '{"users":0}' });
  });
});

test('who was made signs in, sees a year, and trades on', { timeout: 120_000 }, async () => {
  const browser = await signedIn();
  const { data, errors } = await browser.ask(`{
    me { email }
    onboarding { state }
    accounts { nodes {
      id cash holdings { nodes { symbol } } activities { nodes { type } }
      orders { nodes { status } } history(period: YEAR) { points { equity } }
    } }
  }`);
  expect(errors).toEqual([]);
  expect(data).toMatchObject({ me: { email }, onboarding: { state: 'APPROVED' } });
  const [account] = (data['accounts'] as { nodes: Seen[] }).nodes;
  if (account === undefined) throw new Error('no account');
  expect(account.holdings.nodes.length).toBeGreaterThan(0);
  expect(account.orders.nodes.length).toBeGreaterThanOrEqual(2);
  expect(account.history.points.length).toBeGreaterThan(6);
  expect(account.activities.nodes.at(-1)).toEqual({ type: 'DEPOSIT' });

  const trader: Trader = { browser, account: account.id, symbol: account.holdings.nodes[0]?.symbol ?? '' };
  const sold = await placed(trader, { side: 'SELL', type: 'MARKET', quantity: '1' });
  await becomes(trader, sold, { status: 'FILLED' });
  expect((await system.verify()).differences).toEqual([]);
});

const passing = new Set(['PENDING_NEW', 'PENDING_CANCEL', 'PENDING_REPLACE']);
/** Whoever adds a state adds it here, or it is one that passes: the schema says which there are. */
const lasting = [
  'ACCEPTED',
  'CANCELED',
  'EXPIRED',
  'FILLED',
  'HELD',
  'NEW',
  'PARTIALLY_FILLED',
  'REJECTED',
  'REPLACED',
];

interface Seen {
  id: string;
  holdings: { nodes: { symbol: string }[] };
  activities: { nodes: { type: string }[] };
  orders: { nodes: { status: string }[] };
  history: { points: { equity: string }[] };
}

async function signedIn(): Promise<Browser> {
  const browser = peopleOf(system).visitor();
  const answer = await browser.post('/auth/login', { email, password });
  expect(answer.status, answer.text).toBe(200);
  return browser;
}

test('the demo’s three sign in with what it says; nobody is nobody', { timeout: 120_000 }, async () => {
  const { code, said, complained } = await seedctl(system.places(), 'seed', '--json');
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  const demo = JSON.parse(said) as { users: string[]; password: string };
  expect(demo.users).toContain('ada@demo.example');
  const answer = await peopleOf(system)
    .visitor()
    .post('/auth/login', { email: 'ada@demo.example', password: demo.password });
  expect(answer.status, answer.text).toBe(200);
  expect((await seedctl(system.places(), 'seed', '--profile', 'empty')).code).toBe(0);
});

test('the demo has a portfolio with a year behind it, and orders in every state that lasts', {
  timeout: 120_000,
}, async () => {
  [email, password] = ['demo@demo.example', DEMO_PASSWORD];
  const browser = await signedIn();
  const statuses = new Set<string>();
  await eventually(async () => {
    const { data } = await browser.ask(`{ accounts { nodes {
      holdings { nodes { symbol } } orders(first: 50) { nodes { status } } history(period: YEAR) { points { at equity } }
    } } }`);
    const [account, ...others] = (data['accounts'] as { nodes: Seen[] }).nodes;
    expect(others).toEqual([]);
    expect(account?.history.points.length).toBeGreaterThan(10);
    expect(account?.holdings.nodes.length).toBeGreaterThan(5);
    for (const { status } of account?.orders.nodes ?? []) statuses.add(status);
    expect([...statuses].filter((status) => !passing.has(status)).toSorted()).toEqual(lasting);
  });
  expect((await system.verify()).differences).toEqual([]);
});

test.each([
  ['--profile', 'other'],
  ['--profile', 'load', '--users', '0'],
  ['--profile', 'load', '--seed', 'Not a word'],
  ['--profile', 'load', '--until', '2999-01-01'],
  ['--profile', 'load', '--until', '2026-02-31'],
  ['--profile', 'demo', '--users', '3'],
  ['--profile', 'load', '--db', 'ledger'],
  ['--profile', 'demo', '--db', 'auth'],
])('asked wrongly: %s %s %s %s', async (...words) => {
  expect((await seedctl(system.places(), 'seed', ...words)).code).toBe(2);
});

test('a system that says it is production is left alone, whatever is said', async () => {
  const places = { ...system.places(), environment: 'production' };
  const { code, complained } = await seedctl(places, 'seed', '--profile', 'load', '--production');
  expect({ code, complained }).toEqual({ code: 1, complained: 'nobody is made up in production.' });
});
