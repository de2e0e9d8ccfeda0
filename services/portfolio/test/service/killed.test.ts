import { randomUUID } from 'node:crypto';
import { isAppError } from '@andvari/kit/base/errors';
import { eventually } from '@andvari/kit/testing/eventually';
import { testService } from '@andvari/kit/testing/test-service';
import { MICRO } from '@andvari/money';
import { ExecType } from '@andvari/proto/engine/v1/reports';
import { PortfolioServiceService, type ReserveRequest } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '../../src/main.ts';
import {
  buyOf,
  caughtUp,
  expectClean,
  fill,
  houseLeg,
  type Opened,
  opened,
  operator,
  orders,
  type Portfolio,
  published,
  report,
  sellOf,
} from './portfolio-fixture.ts';
import { startProcess } from './service-process.ts';

const LONG = process.env['ANDVARI_LONG'] === '1';
const OPERATIONS = LONG ? 10_000 : 1200;
const KILLS = LONG ? 12 : 3;
const CLIENTS = 16;

let portfolio: Portfolio;
beforeAll(async () => {
  const streams = ['PORTFOLIO', 'EXECUTIONS', 'USER', 'MARKET'] as const;
  portfolio = await testService({ readConfig: (env) => env, start: startProcess, migrations, streams });
});
afterAll(() => portfolio.close());

/** A sequence that a failure can be repeated from. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test(`${OPERATIONS} random operations from ${CLIENTS} clients, some twice, with the service killed ${KILLS} times, leave nothing wrong`, async () => {
  const each = 2000n * MICRO;
  const accounts = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const one = await opened(portfolio, { cash: each });
      return [one, await opened(portfolio, { cash: each, userId: one.userId })] as const;
    }),
  );
  const open: { order: ReserveRequest; filled: bigint }[] = [];
  let done = 0;
  let kills = 0;
  let killing: Promise<void> | undefined;

  /** Asks until there is an answer; a refusal is one. */
  const answered = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    done += 1;
    if (done > ((kills + 1) * OPERATIONS) / (KILLS + 1) && kills < KILLS && killing === undefined) {
      kills += 1;
      killing = portfolio.restart().finally(() => (killing = undefined));
    }
    return eventually(async () => {
      try {
        return await ask();
      } catch (error) {
        if (!isAppError(error) || error.code === 'unavailable' || error.code === 'resource_exhausted') throw error;
        return undefined;
      }
    });
  };

  const isEnough = (): boolean => done >= OPERATIONS;

  const client = async (seed: number): Promise<void> => {
    const random = randomFrom(seed);
    const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
    const perhapsTwice = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
      const answers = await Promise.all(random(4) === 0 ? [answered(ask), answered(ask)] : [answered(ask)]);
      // Of two at once the first may be refused for want of money that has come in by the second.
      return answers.find((answer) => answer !== undefined);
    };
    while (!isEnough()) {
      const [from, to] = random(2) === 0 ? pick(accounts) : ([...pick(accounts)].toReversed() as [Opened, Opened]);
      const amount = BigInt(1 + random(40)) * MICRO;
      const keyed = { amount, idempotencyKey: randomUUID() };
      switch (random(9)) {
        case 0:
          await perhapsTwice(() => from.client.deposit({ accountId: from.id, currency: 'USD', ...keyed }));
          break;
        case 1:
          await perhapsTwice(() => from.client.withdraw({ accountId: from.id, currency: 'USD', ...keyed }));
          break;
        case 2:
          await perhapsTwice(() => from.client.transfer({ fromAccountId: from.id, toAccountId: to.id, ...keyed }));
          break;
        case 3: {
          const added = random(2) === 0;
          const asked = { accountId: from.id, asset: 'AAPL', reason: 'a slip', ...keyed };
          const adjustment = added ? { ...asked, costPx: MICRO } : { ...asked, amount: -MICRO };
          // A key is its operator's: both times it has to be the same one's.
          const clerk = operator(portfolio);
          await perhapsTwice(() => clerk.adjust(adjustment));
          break;
        }
        case 4:
        case 5:
        case 6: {
          const shares = BigInt(1 + random(5));
          const order = random(3) === 0 ? sellOf(from, shares) : buyOf(from, shares, BigInt(1 + random(30)));
          const reserved = await perhapsTwice(() => orders(portfolio).reserve(order));
          if (reserved !== undefined) open.push({ order, filled: 0n });
          break;
        }
        default: {
          // Taken out while it is worked on, so that an order's reports come in their order.
          const [taken] = open.splice(random(open.length || 1), 1);
          if (taken !== undefined) await trade(taken, random);
        }
      }
    }
  };

  const trade = async (
    { order, filled }: { order: ReserveRequest; filled: bigint },
    random: (below: number) => number,
  ) => {
    done += 1;
    const shares = order.qty / MICRO - filled;
    if (random(4) === 0) {
      await published(portfolio, [report(order, ExecType.EXEC_TYPE_CANCELED, { before: filled })]);
      return;
    }
    const part = 1n + BigInt(random(Number(shares)));
    const limit = order.asset === 'USD' ? order.amount / order.qty : BigInt(1 + random(30));
    const leg = fill(order, part, limit > 1n ? limit - BigInt(random(2)) : limit, filled);
    const legs = [leg, houseLeg(leg)];
    await published(portfolio, legs);
    if (random(4) === 0) await published(portfolio, legs, random(2) === 0);
    if (part < shares) open.push({ order, filled: filled + part });
  };

  await Promise.all(Array.from({ length: CLIENTS }, (_, seed) => client(seed + 1)));
  await killing;
  expect(kills).toBe(KILLS);
  await published(
    portfolio,
    open.map(({ order, filled }) => report(order, ExecType.EXEC_TYPE_CANCELED, { before: filled })),
  );
  await caughtUp(portfolio);
  await eventually(async () => {
    const [row] =
      await portfolio.db`select count(*)::int as open from fundings where state in ('requested', 'held', 'sent')`;
    expect(row).toEqual({ open: 0 });
  });

  await expectClean(portfolio);
  const [state] = await portfolio.db`
    select
      (select count(*)::int from reservations where state = 'open' or remaining <> 0) as reservations,
      (select coalesce(sum(reserved), 0)::bigint from ledger_accounts) as reserved,
      (select count(*)::int from ledger_accounts where posted - reserved < 0 and not may_go_negative) as below,
      (select count(*)::int from dead_letters) as dead,
      (select deadlocks::int from pg_stat_database where datname = current_database()) as deadlocks,
      (select sum(posted)::bigint from ledger_accounts where asset = 'AAPL' and account_id in (select id from accounts))
        - (select sum(qty)::bigint from activities where type = 'adjustment' and symbol = 'AAPL') as shares,
      (select sum(posted)::bigint from ledger_accounts where kind in ('cash', 'house') and asset = 'USD'
        and account_id in (select id from accounts)) as held,
      (select coalesce(sum(case type when 'deposit' then amount else -amount end), 0)::bigint from fundings where state = 'settled') as funded`;
  const { held, funded, ...rest } = state as { held: bigint; funded: bigint };
  expect(rest).toEqual({ reservations: 0, reserved: 0n, below: 0, dead: 0, deadlocks: 0, shares: 0n });
  // What is there is what came from outside, or by an operator's word, to the last micro-unit; trades and transfers only move it.
  expect(held).toBe(each * 8n + funded);
  const client0 = portfolio.client(PortfolioServiceService, { service: 'test' });
  expect((await client0.listFeeSchedules({ page: undefined })).schedules).toEqual([]);
}, 300_000);
