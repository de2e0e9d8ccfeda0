import { randomUUID } from 'node:crypto';
import { transaction } from '@andvari/kit/db/db';
import { MICRO } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import { fillOf, placed, settle, useLedger } from './ledger-fixture.ts';

/** What the database itself refuses, whoever asks. */
const ledger = useLedger();

describe('entries', () => {
  test.each([
    'update entries set amount = 1',
    'delete from entries',
    'truncate entries',
    'update journals set reason = null',
    'delete from journals',
    'truncate journals cascade',
    'delete from ledger_accounts',
    'truncate ledger_accounts cascade',
    'update fee_schedules set per_order = 1',
    'update fx_rates set rate = 1',
    'update executions set qty = 1',
    'delete from executions',
  ])('refuse %j', async (statement) => {
    await expect(ledger.db.unsafe(statement)).rejects.toThrow('append-only');
  });

  test('cannot be added to a journal that is there', async () => {
    const { account, order } = await placed(ledger.db, 'buy', 1n, 1n);
    await settle(ledger.db, fillOf(order, MICRO, MICRO));
    const attempt = transaction(ledger.db, async (tx) => {
      const [journal] =
        await tx`select journal_id as id from entries join ledger_accounts account on account.id = ledger_account_id
        where account.account_id = ${account.id} limit 1`;
      for (const [kind, amount] of [
        ['cash', 5n],
        ['bank', -5n],
      ] as const) {
        const [row] = await tx`
          update ledger_accounts set posted = posted + ${amount}, version = version + 1
          where id = (select id from ledger_accounts where asset = 'USD' and kind = ${kind} and (kind = 'bank' or account_id = ${account.id}) order by id limit 1)
          returning id, posted, version`;
        await tx`insert into entries values (${journal?.id}, ${row?.id}, ${amount}, ${row?.posted}, ${row?.version})`;
      }
    });
    await expect(attempt).rejects.toThrow(/is closed|is off by/);
  });

  test('that do not balance are refused by the database itself', async () => {
    const { account } = await placed(ledger.db, 'buy', 1n, 1n);
    const attempt = transaction(ledger.db, async (tx) => {
      const id = randomUUID();
      const [cash] = await tx`select id, posted, version from ledger_accounts where account_id = ${account.id}`;
      await tx`insert into journals (id, kind, reference, occurred_at) values (${id}, 'deposit', ${id}, now())`;
      await tx`update ledger_accounts set posted = posted + 5, version = version + 1 where id = ${cash?.id}`;
      await tx`insert into entries values (${id}, ${cash?.id}, 5, ${cash?.posted + 5n}, ${cash?.version + 1n})`;
    });
    await expect(attempt).rejects.toThrow('is off by 5 USD');
  });

  test('that say something else than their account are refused', async () => {
    const { account } = await placed(ledger.db, 'buy', 1n, 1n);
    const attempt = transaction(ledger.db, async (tx) => {
      const id = randomUUID();
      const [cash] = await tx`select id, posted, version from ledger_accounts where account_id = ${account.id}`;
      const [bank] = await tx`select id, posted, version from ledger_accounts where kind = 'bank' limit 1`;
      await tx`insert into journals (id, kind, reference, occurred_at) values (${id}, 'deposit', ${id}, now())`;
      await tx`insert into entries values
        (${id}, ${cash?.id}, 5, ${cash?.posted + 5n}, ${cash?.version + 1n}), (${id}, ${bank?.id}, -5, ${bank?.posted - 5n}, ${bank?.version + 1n})`;
    });
    await expect(attempt).rejects.toThrow('its last entry says');
  });

  test('a balance below what is reserved is refused by the database itself', async () => {
    const { account } = await placed(ledger.db, 'buy', 1n, 1n);
    await expect(
      ledger.db`update ledger_accounts set posted = posted - 1 where account_id = ${account.id}`,
    ).rejects.toThrow('ledger_accounts_covered');
  });
});
