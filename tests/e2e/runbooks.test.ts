import { randomUUID } from 'node:crypto';
import { findTool } from '@andvari/get/find-tool';
import { Secret } from '@andvari/kit/base/config';
import { type Nats, openNats } from '@andvari/kit/nats/nats';
import { publishInOrder } from '@andvari/kit/nats/publish-in-order';
import type { Scope } from '@andvari/kit/process/scope';
import { eventually } from '@andvari/kit/testing/eventually';
import { testScope } from '@andvari/kit/testing/test-scope';
import { userErasureStarted } from '@andvari/proto/events';
import { UserServiceService } from '@andvari/proto/user/v1/user';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useMarket } from './market.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import { seedctl } from './seedctl.ts';
import { tradingServices } from './system.ts';
import { holderOf, place, type Trader, uuidOf } from './traders.ts';

/**
 * A fault is provoked in a running system, the alert fires in a real Prometheus, what its page says is done, and the alert
 * goes. Windows and patience of the rules are fifteen times as short as operators have them; limits are as they are.
 * It takes minutes: ANDVARI_LONG=1.
 */
const FASTER = 15;
const program = findTool('prometheus');
const tried = process.env['ANDVARI_LONG'] === '1' && program !== undefined;

interface Fault {
  alert: string;
  /** The page in docs/runbooks. */
  page: string;
  provoke: () => Promise<unknown>;
  /** What the page says under "Do". */
  remedy: () => Promise<unknown>;
}

describe.skipIf(!tried)('provoked, seen, mended, gone', () => {
  const market = useMarket({ AAPL: 190 }, { VERIFY_EVERY_MS: '2000' });
  let prometheus: Prometheus;
  let trader: Trader;

  beforeAll(async () => {
    prometheus = await startPrometheus(program ?? '', market.system, tradingServices, FASTER);
    trader = await holderOf(market.people, 'AAPL', '10');
  }, 60_000);
  afterAll(async () => prometheus?.stop());

  const fires = (alert: string, isTrue: boolean): Promise<unknown> =>
    eventually(async () => expect((await prometheus.firing()).has(alert), alert).toBe(isTrue), {
      timeoutMs: 120_000,
    });

  const faults: Fault[] = [
    {
      alert: 'TargetDown',
      page: 'target-down',
      provoke: () => market.system.stop('user', 'SIGKILL'),
      remedy: () => market.system.start('user'),
    },
    {
      alert: 'NatsAway',
      page: 'nats-down',
      provoke: () => market.system.nats.kill(),
      remedy: () => market.system.nats.restart(),
    },
    {
      alert: 'NoLeader',
      page: 'no-leader',
      provoke: () => market.system.stop('engine', 'SIGKILL'),
      remedy: () => market.system.start('engine'),
    },
    {
      alert: 'OrdersWaitForTheEngine',
      page: 'order-ack-slow',
      async provoke() {
        await market.system.stop('engine', 'SIGKILL');
        await place(trader, { side: 'BUY', type: 'MARKET', quantity: '1' });
      },
      remedy: () => market.system.start('engine'),
    },
    {
      alert: 'CircuitOpen',
      page: 'circuit-open',
      async provoke() {
        await market.system.stop('user', 'SIGKILL');
        await whileAsking(
          () => trader.browser.ask('{ me { userId } }'),
          () => fires('CircuitOpen', true),
        );
      },
      async remedy() {
        await market.system.start('user');
        await eventually(async () => {
          expect((await trader.browser.ask('{ me { userId } }')).errors).toEqual([]);
        });
      },
    },
    {
      alert: 'Restarting',
      page: 'restarting',
      async provoke() {
        for (let times = 0; times < 5; times += 1) {
          await market.system.stop('user', 'SIGKILL');
          await market.system.start('user');
          const startedAt = Date.now();
          // Each of them has to be seen by a scrape.
          await eventually(() => expect(Date.now() - startedAt).toBeGreaterThan(2500));
        }
      },
      // It is left alone.
      remedy: async () => undefined,
    },
    {
      alert: 'DeadLetters',
      page: 'dead-letters',
      provoke: publishNonsense,
      remedy: dropDeadLetters,
    },
    {
      alert: 'OutboxStuck',
      page: 'outbox-stuck',
      async provoke() {
        await market.system.nats.kill();
        await place(trader, { side: 'BUY', type: 'MARKET', quantity: '1' });
      },
      remedy: () => market.system.nats.restart(),
    },
    {
      alert: 'ContentsDiffer',
      page: 'contents-differ',
      provoke: sayAnotherThing,
      remedy: dropDeadLetters,
    },
    {
      alert: 'ClockSkew',
      page: 'clock-skew',
      async provoke() {
        const stranger = { service: 'gateway', key: Buffer.alloc(32, 7).toString('base64url') };
        const user = market.system.client('user', UserServiceService, stranger);
        await whileAsking(
          () => user.searchProfiles({ text: '', page: undefined }),
          () => fires('ClockSkew', true),
        );
      },
      // Whoever called with the wrong key calls no more.
      remedy: async () => undefined,
    },
    {
      alert: 'LoginFlood',
      page: 'login-flood',
      provoke: () =>
        whileAsking(
          () => Promise.all(Array.from({ length: 8 }, guessed)),
          () => fires('LoginFlood', true),
        ),
      // The limits hold by themselves; whoever guessed gives up.
      remedy: async () => undefined,
    },
    {
      alert: 'LedgerDrift',
      page: 'ledger-drift',
      provoke: () => moveBalance(1n),
      remedy: () => moveBalance(-1n),
    },
  ];

  test.each(faults)('$alert: docs/runbooks/$page', { timeout: 300_000 }, async ({ alert, page, provoke, remedy }) => {
    await fires(alert, false);
    await provoke();
    await fires(alert, true);
    expect((await prometheus.firing()).get(alert)).toBe(`docs/runbooks/${page}.md`);
    await remedy();
    await fires(alert, false);
  });

  /** A password of somebody, from yet another address. */
  async function guessed(): Promise<void> {
    const guess = { email: 'somebody@example.com', password: randomUUID() };
    expect((await market.people.visitor().post('/auth/login', guess)).status).not.toBe(200);
  }

  /** As an operator types it; what it said. */
  async function operate(...words: string[]): Promise<string> {
    const { code, said, complained } = await seedctl(market.system.places(), ...words);
    expect(code, said + complained).toBe(0);
    return said;
  }

  /** As no journal says. */
  async function moveBalance(by: bigint): Promise<void> {
    const ledger = market.system.database('portfolio_db');
    await ledger`
      update ledger_accounts set posted = posted + ${by}
      where id = (select id from ledger_accounts where account_id = ${uuidOf(trader.account)} and asset = 'USD')`;
  }

  async function dropDeadLetters(): Promise<void> {
    for (const database of market.system.databases) {
      const letters = await market.system.database(database)<{ id: string }[]>`select id from dead_letters`;
      if (letters.length > 0) await operate('dead-letters', 'drop', database, ...letters.map(({ id }) => id));
    }
  }

  async function withNats(work: (nats: Nats, scope: Scope) => Promise<void>): Promise<void> {
    const scope = testScope();
    await work(await openNats(scope, { url: new Secret(market.system.nats.url), service: 'e2e' }), scope);
    await scope.close();
  }

  /** The newest report once more, under its id, with a field that nobody knows. */
  function sayAnotherThing(): Promise<void> {
    return withNats(async (nats, { signal, log }) => {
      const said = await nats.jsm.streams.getMessage('EXECUTIONS', { last_by_subj: 'exec.>' });
      if (said === null) throw new Error('the engine has told nothing');
      const headers = Object.fromEntries(said.header.keys().map((name) => [name, said.header.get(name)]));
      const payload = Buffer.concat([said.data, Buffer.from([0xf8, 0x3f, 0x01])]);
      await publishInOrder(nats, [{ id: randomUUID(), subject: said.subject, headers, payload }], signal, log);
    });
  }

  /** An event that no consumer can read. */
  function publishNonsense(): Promise<void> {
    return withNats(async (nats, { signal, log }) => {
      const [id, subject] = [randomUUID(), userErasureStarted.subject.replace('{user_id}', randomUUID())];
      const headers = { 'ce-id': id, 'ce-type': userErasureStarted.type };
      await publishInOrder(nats, [{ id, subject, headers, payload: Buffer.from('nonsense') }], signal, log);
    });
  }
});

/** Asks again and again until the work is done: some faults show only to those who ask. */
async function whileAsking(ask: () => Promise<unknown>, work: () => Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const asking = (async () => {
    while (!over.signal.aborted) await ask().catch(() => undefined);
  })();
  await work().finally(() => over.abort());
  await asking;
}
