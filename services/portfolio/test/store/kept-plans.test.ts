import { transaction } from '@andvari/kit/db/db';
import type { Tx } from '@andvari/kit/db/types';
import { MICRO } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import { settleReports } from '../../src/app/settle-reports.ts';
import { reserveBatch } from '../../src/store/reserve.ts';
import {
  expectVerified,
  fillOf,
  giveShares,
  openAccount,
  orderOf,
  reserve,
  settle,
  useLedger,
} from './ledger-fixture.ts';

/** One connection, so that the plans are those that were made on it. */
const ledger = useLedger({ maxConnections: 1 });

/** A plan is kept from the sixth time on at the latest. */
const TIMES = 8;
const GROWN = 3000;

describe('plans that were made while the ledger was nearly empty', () => {
  test('look up what they are asked for when it has grown, and no more', async () => {
    const { db } = ledger;
    const account = await openAccount(db, { cash: 1_000_000n * MICRO });
    await giveShares(db, account, 'AAPL', 100n * MICRO);
    for (let time = 0; time < TIMES; time += 1) {
      const order = orderOf(account, 'buy', MICRO, MICRO);
      await reserve(db, order);
      await settle(db, fillOf(order, MICRO, MICRO));
    }
    for (let first = 0; first < GROWN; first += 250) {
      const others = Array.from({ length: 250 }, () => orderOf(account, 'buy', MICRO, MICRO));
      await reserveBatch(db, others);
      await db`
        insert into ledger_accounts (account_id, kind, asset) select ${account.id}, 'position', 'T' || n
        from generate_series(${first}::int, ${first}::int + 249) as n`;
      await db`
        insert into accounts (id, user_id, number, kind, currency, name)
        select gen_random_uuid(), gen_random_uuid(), 'T' || n, 'investment', 'USD', 'Test'
        from generate_series(${first}::int, ${first}::int + 249) as n`;
    }
    const order = orderOf(account, 'buy', MICRO, MICRO);
    await transaction(db, async (tx) => {
      const before = await readSoFar(tx);
      expect((await reserveBatch(tx as never, [order]))[0]?.outcome).toBe('reserved');
      expect((await settleReports(tx, [fillOf(order, MICRO, MICRO)]))[0]?.outcome).toBe('settled');
      expect((await readSoFar(tx)) - before).toBeLessThan(100);
    });
    await expectVerified(db);
  });
});

/** Rows and entries of indexes that this transaction has read of the tables that grow. */
async function readSoFar(tx: Tx): Promise<number> {
  const [row] = await tx<{ read: number }[]>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_xact_user_tables
    where relname in ('accounts', 'entries', 'journals', 'ledger_accounts', 'lots', 'positions', 'reservations')`;
  return row?.read ?? 0;
}
