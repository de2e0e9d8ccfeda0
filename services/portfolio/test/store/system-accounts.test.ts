import { randomUUID } from 'node:crypto';
import { transaction } from '@andvari/kit/db/db';
import { INT64_MAX, MICRO, toMicros } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import { postJournals } from '../../src/app/post-journals.ts';
import { settleReports } from '../../src/app/settle-reports.ts';
import { SettlementCache } from '../../src/app/settlement-cache.ts';
import { adjustmentJournal, depositJournal, type Journal } from '../../src/domain/journal.ts';
import type { Report } from '../../src/domain/settlement.ts';
import {
  balance,
  expectVerified,
  fillOf,
  openAccount,
  orderOf,
  reserve,
  settle,
  type TestAccount,
  useLedger,
} from './ledger-fixture.ts';

const ledger = useLedger();

const at = 1_700_000_000_000_001n;
/** What one request may move at most. */
const most = 10n ** 18n;

/** Of one shard, so that the same accounts of the system stand across from all of them. */
function neighbours(count: number): Promise<TestAccount[]> {
  return Promise.all(
    Array.from({ length: count }, () => openAccount(ledger.db, { id: `${randomUUID().slice(0, -2)}15` })),
  );
}

const booked = async (journal: Journal): Promise<string | undefined> => {
  const [answer] = await transaction(ledger.db, (tx) => postJournals(tx, [{ journal }]));
  return answer?.outcome;
};

function adjusted(account: TestAccount, amount: bigint): Promise<string | undefined> {
  const reason = 'a slip';
  return booked(
    adjustmentJournal({ id: randomUUID(), accountId: account.id, asset: 'USD', amount: toMicros(amount), reason, at }),
  );
}

function deposited(account: TestAccount, amount: bigint): Promise<string | undefined> {
  const deposit = { fundingId: randomUUID(), accountId: account.id, currency: 'USD', amount: toMicros(amount), at };
  return booked(depositJournal({ ...deposit, currency: 'USD' }));
}

async function allOf(kind: string, asset: string): Promise<{ posted: bigint }[]> {
  return ledger.db<{ posted: bigint }[]>`
    select posted from ledger_accounts
      where kind = ${kind} and asset = ${asset} and account_id::text like '00000000-0000-0000-%' order by account_id`;
}

describe('what stands across from all clients', () => {
  test.each([
    ['house', adjusted],
    ['bank', deposited],
  ])(
    'has room in the %s for as much as each of them may hold, at once, and for all of it to go again',
    async (kind, move) => {
      const accounts = await neighbours(4);
      const nineTimes = Array.from({ length: 9 });
      for (const sign of kind === 'house' ? [1n, -1n] : [1n]) {
        const outcomes = await Promise.all(
          accounts.map(async (account) => {
            const all = [];
            for (const _ of nineTimes) all.push(await move(account, sign * most));
            return all;
          }),
        );
        expect(new Set(outcomes.flat())).toEqual(new Set(['posted']));
        for (const { id } of accounts) expect((await balance(ledger.db, id)).posted).toBe(sign > 0n ? 9n * most : 0n);
      }
      const across = await allOf(kind, 'USD');
      expect(across.reduce((sum, { posted }) => sum + posted, 0n)).toBe(kind === 'house' ? 0n : -36n * most);
      // No more of them than it takes, of half an int64 each; what goes again fills others the other way.
      expect(across.length).toBeLessThanOrEqual(kind === 'house' ? 18 : 9);
      await expectVerified(ledger.db);
    },
  );

  test('is opened once, whoever comes first', async () => {
    const accounts = await neighbours(8);
    const before = (await allOf('house', 'USD')).length;
    await Promise.all(accounts.flatMap((account) => Array.from({ length: 4 }, () => adjusted(account, most))));
    const after = await allOf('house', 'USD');
    expect(after.length - before).toBeLessThanOrEqual(8);
    expect(after.every(({ posted }) => posted >= -INT64_MAX)).toBe(true);
    await expectVerified(ledger.db);
  });
});

describe('the house’s trading', () => {
  test('goes on beyond what one account can hold, whoever remembers which it is', async () => {
    const house = await openAccount(ledger.db, { kind: 'house' });
    const known = new SettlementCache();
    const settled = async (...reports: Report[]) => {
      const outcomes = await transaction(ledger.db, (tx) => settleReports(tx, reports, known));
      return outcomes.map(({ outcome }) => outcome);
    };
    const [first, second] = await neighbours(2);
    if (first === undefined || second === undefined) throw new Error('no neighbours');
    for (const account of [first, second])
      for (let time = 0; time < 8; time += 1) {
        await adjusted(account, most);
        const order = orderOf(account, 'buy', MICRO, most);
        expect((await reserve(ledger.db, order)).outcome).toBe('reserved');
        const leg = fillOf(order, MICRO, most);
        const other = {
          ...leg,
          execId: randomUUID(),
          orderId: randomUUID(),
          accountId: house.id,
          side: 'sell' as const,
        };
        expect(await settled(leg, other)).toEqual(['settled', 'applied']);
        expect(await settle(ledger.db, leg, other)).toMatchObject([{ outcome: 'repeated' }, { outcome: 'repeated' }]);
      }
    const held = await balance(ledger.db, house.id);
    const goesOn = (await allOf('house', 'USD')).reduce((sum, { posted }) => sum + posted, 0n);
    const given = await ledger.db<{ total: string }[]>`
      select sum(amount)::text as total from activities where type = 'adjustment'`;
    expect(held.posted + goesOn).toBe(16n * most - BigInt(given[0]?.total ?? '0'));
    await expectVerified(ledger.db);
  });
});
