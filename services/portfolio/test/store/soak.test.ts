import { randomUUID } from 'node:crypto';
import { transaction } from '@andvari/kit/db/db';
import { MICRO, toMicros } from '@andvari/money';
import { expect, test } from 'vitest';
import { postShareAdjustment } from '../../src/app/adjust-shares.ts';
import { holdForWithdrawals, postJournals } from '../../src/app/post-journals.ts';
import { type ReportOutcome, settleReports } from '../../src/app/settle-reports.ts';
import { transferJournal } from '../../src/domain/journal.ts';
import type { Report } from '../../src/domain/settlement.ts';
import { type ReserveRequest, releaseBatch, reserveBatch } from '../../src/store/reserve.ts';
import {
  deposit,
  endOf,
  expectVerified,
  fillOf,
  openAccount,
  orderOf,
  type TestAccount,
  useLedger,
} from './ledger-fixture.ts';

const ledger = useLedger({ maxConnections: 16 });

const CLIENTS = 16;
const ROUNDS = 40;
const SYMBOLS = ['AAPL', 'MSFT', 'SHOP'];

/** A sequence that a failure can be repeated from. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('ten thousand random operations from sixteen clients, some twice and some broken off, leave nothing wrong', async () => {
  const { db } = ledger;
  const accounts: TestAccount[] = [];
  for (let i = 0; i < 8; i += 1) accounts.push(await openAccount(db, { cash: 10_000n * MICRO }));
  const open: { order: ReserveRequest; filled: bigint }[] = [];
  let operations = 0;

  const client = async (seed: number): Promise<void> => {
    const random = randomFrom(seed);
    const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
    const twice = <T>(list: T[]): T[] => (random(4) === 0 ? [...list, ...list] : list);

    for (let round = 0; round < ROUNDS; round += 1) {
      const requests = twice(
        Array.from({ length: 8 }, () => {
          const qty = BigInt(1 + random(3_000_000));
          return orderOf(pick(accounts), random(3) === 0 ? 'sell' : 'buy', qty, BigInt(1 + random(500_000_000)), {
            symbol: pick(SYMBOLS),
          });
        }),
      );
      const answers = await reserveBatch(db, requests);
      operations += requests.length;
      for (const [index, order] of requests.entries())
        if (answers[index]?.outcome === 'reserved') open.push({ order, filled: 0n });

      const mine = Array.from({ length: Math.min(4, open.length) }, () => open.splice(random(open.length), 1)).flat();
      const reports: Report[] = mine.flatMap(({ order, filled }) => {
        if (random(5) === 0) return [endOf(order, filled)];
        const part = 1n + (BigInt(random(1_000_000)) * (order.qty - filled - 1n)) / 1_000_000n;
        const limit = order.side === 'buy' ? (order.principal * MICRO) / order.qty : BigInt(1 + random(500_000_000));
        const price = limit > 1n ? limit - BigInt(random(2)) * (limit / 10n) : 1n;
        const rest = filled + part;
        return random(3) === 0
          ? [fillOf(order, part, price, filled), endOf(order, rest)]
          : [fillOf(order, part, price, filled)];
      });
      const outcomes = await settleTwiceOrBreakOff(reports, random);
      operations += reports.length;
      // A fill that leaves the order open goes back among the open ones.
      for (const [index, report] of reports.entries()) {
        if (report.type !== 'fill') continue;
        expect(outcomes[index]?.outcome).toBe('settled');
        const next = reports[index + 1];
        const ended = next?.type === 'ended' && next.orderId === report.orderId;
        const order = mine.find((each) => each.order.orderId === report.orderId)?.order;
        if (!ended && order !== undefined && report.cumQty < order.qty) open.push({ order, filled: report.cumQty });
      }

      const [from, to] = [pick(accounts), pick(accounts)];
      if (from.id !== to.id) {
        const movement = (accountId: string) =>
          ({ accountId, currency: 'USD', amount: toMicros(BigInt(1 + random(100_000_000))) }) as const;
        const out = movement(from.id);
        const journal = transferJournal({
          id: randomUUID(),
          from: out,
          to: { ...out, accountId: to.id },
          at: BigInt(round),
        });
        await transaction(db, (tx) => postJournals(tx, twice([{ journal }])));
      }
      const fundingId = randomUUID();
      await transaction(db, (tx) =>
        holdForWithdrawals(tx, [{ fundingId, accountId: from.id, currency: 'USD', amount: toMicros(MICRO) }]),
      );
      await releaseBatch(db, twice([{ id: fundingId }]));
      await deposit(db, to.id, BigInt(1 + random(1000)));
      await adjustSomeShares(from.id, pick(SYMBOLS), BigInt(random(2_000_000) - 1_000_000), random);
      operations += 6;
    }
  };

  async function adjustSomeShares(accountId: string, asset: string, by: bigint, random: (below: number) => number) {
    if (by === 0n) return;
    const given = {
      id: randomUUID(),
      accountId,
      asset,
      amount: toMicros(by),
      reason: 'soak',
      at: BigInt(random(1000)),
    };
    const costPrice = toMicros(BigInt(random(500_000_000)));
    const adjustment = { ...given, costPrice, currency: 'USD', quote: undefined } as const;
    await transaction(db, (tx) => postShareAdjustment(tx, adjustment));
  }

  /** As a consumer does it: now and then the work is lost before the commit, now and then it comes again after it. */
  async function settleTwiceOrBreakOff(reports: Report[], random: (below: number) => number): Promise<ReportOutcome[]> {
    if (random(5) === 0) {
      const lost = new Error('killed before the commit');
      await expect(
        transaction(db, async (tx) => {
          await settleReports(tx, reports);
          throw lost;
        }),
      ).rejects.toBe(lost);
    }
    const outcomes = await transaction(db, (tx) => settleReports(tx, reports));
    if (random(5) === 0) {
      const again = await transaction(db, (tx) => settleReports(tx, reports));
      for (const { outcome } of again) expect(['repeated', 'applied']).toContain(outcome);
    }
    return outcomes;
  }

  await Promise.all(Array.from({ length: CLIENTS }, (_, seed) => client(seed + 1)));
  expect(operations).toBeGreaterThan(10_000);
  await expectVerified(db);

  await transaction(db, (tx) =>
    settleReports(
      tx,
      open.map(({ order, filled }) => endOf(order, filled)),
    ),
  );
  const [left] = await db`
    select (select coalesce(sum(reserved), 0) from ledger_accounts) as reserved,
      (select count(*)::int from reservations where state = 'open' or remaining <> 0) as reservations,
      (select deadlocks::int from pg_stat_database where datname = current_database()) as deadlocks`;
  expect(left).toEqual({ reserved: '0', reservations: 0, deadlocks: 0 });
  await expectVerified(db);
});
