import { randomUUID } from 'node:crypto';
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedctl } from './seedctl.ts';
import { type System, startSystem, tradingServices } from './system.ts';

/** `seedctl doctor`, over the real processes: nothing where nothing is wrong, and what is wrong with its runbook. */
let system: System;
beforeAll(async () => {
  system = await startSystem(tradingServices, { MARKET_HOURS: 'always' });
  // The witness of every such file wants to have seen somebody.
  await system.browser().ask('{ marketClock { state } }');
});
afterAll(() => system.close());

interface Complaint {
  where: string;
  what: string;
  runbook: string;
}

async function complaints(places = system.places()): Promise<Complaint[]> {
  const { code, said } = await seedctl(places, 'doctor', '--json');
  const lines = said.split('\n').map((line) => JSON.parse(line) as Complaint & { complaints?: number });
  const found = lines.filter((line) => line.complaints === undefined);
  expect(code).toBe(found.length === 0 ? 0 : 1);
  return found;
}

const page = (name: string): string => `docs/runbooks/${name}.md`;

test('nothing is wrong with a system that has just started', { timeout: 120_000 }, async () => {
  await eventually(async () => expect(await complaints()).toEqual([]));
});

describe('what is wrong', () => {
  test('a service that is gone', { timeout: 120_000 }, async () => {
    await system.stop('stock');
    try {
      const found = await complaints();
      expect(found).toContainEqual({
        where: 'stock',
        what: 'does not answer: ECONNREFUSED',
        runbook: page('target-down'),
      });
    } finally {
      await system.start('stock');
    }
  });

  test('a service that stands still, within seconds', { timeout: 120_000 }, async () => {
    system.signal('user', 'SIGSTOP');
    try {
      const found = await complaints();
      expect(found.find(({ where }) => where === 'user')).toMatchObject({ runbook: page('target-down') });
    } finally {
      system.signal('user', 'SIGCONT');
    }
  });

  test('messages set aside, and a schema of another release', { timeout: 120_000 }, async () => {
    const db = system.database('user_db');
    const id = randomUUID();
    await db`
      insert into dead_letters (id, consumer, event_id, subject, headers, payload, error, deliveries)
      values (${id}, 'user-lives', ${id}, 'user.registered', '{}', ''::bytea, 'made up', 1)`;
    const [newest] = await db<{ name: string; checksum: string }[]>`
      delete from schema_migrations where name = (select max(name) from schema_migrations where name like 'user/0%') returning name, checksum`;
    try {
      const found = (await complaints()).filter(({ where }) => where === 'user_db');
      expect(found).toEqual([
        { where: 'user_db', what: 'user-lives has set 1 messages aside', runbook: page('dead-letters') },
        {
          where: 'user_db',
          what: `its schema is older than this release: ${newest?.name ?? ''} missing`,
          runbook: page('rollback'),
        },
      ]);
    } finally {
      await db`delete from dead_letters where id = ${id}`;
      await db`insert into schema_migrations (name, checksum) values (${newest?.name ?? ''}, ${newest?.checksum ?? ''})`;
    }
  });

  test('a database and a NATS that nobody answers at, without waiting for them', { timeout: 120_000 }, async () => {
    const places = system.places();
    const nowhere = 'postgres://nobody@127.0.0.1:1/order_db';
    const found = await complaints({
      ...places,
      nats: 'nats://127.0.0.1:1',
      databases: { ...places.databases, order_db: nowhere },
    });
    expect(found.map(({ where, runbook }) => ({ where, runbook }))).toEqual(
      expect.arrayContaining([
        { where: 'order_db', runbook: page('postgres-down') },
        { where: 'NATS', runbook: page('nats-down') },
      ]),
    );
  });

  test('a ledger that does not add up', { timeout: 120_000 }, async () => {
    await system.stop('portfolio');
    const db = system.database('portfolio_db');
    const house = await db<{ id: bigint }[]>`
      insert into ledger_accounts (account_id, kind, asset, may_go_negative, version)
      values ('00000000-0000-0000-0005-0000000000ff', 'house', 'USD', true, 3) returning id`;
    await system.start('portfolio');
    try {
      await eventually(async () =>
        expect((await complaints()).map(({ runbook }) => runbook)).toContain(page('ledger-drift')),
      );
    } finally {
      await db`update ledger_accounts set version = 0 where id = ${house[0]?.id ?? 0n}`;
    }
  });
});
