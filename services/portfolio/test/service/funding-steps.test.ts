import { randomUUID } from 'node:crypto';
import { nowUs } from '@andvari/kit/base/clock';
import { openLog } from '@andvari/kit/observe/log';
import { appendEvents } from '@andvari/kit/outbox/append';
import { type Append, committer } from '@andvari/kit/outbox/commit';
import { kitMigrations } from '@andvari/kit/service/foundation';
import { infraUrls } from '@andvari/kit/testing/infra-urls';
import { testDatabase } from '@andvari/kit/testing/test-database';
import { MICRO, toMicros } from '@andvari/money';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccounts } from '../../src/app/accounts.ts';
import { createAdjustments } from '../../src/app/adjustments.ts';
import type { Deps } from '../../src/app/deps.ts';
import { createFundings } from '../../src/app/fundings.ts';
import type { FundingState, FundingType } from '../../src/domain/funding.ts';
import { migrations } from '../../src/main.ts';
import type { BankAnswer } from '../../src/ports/bank.ts';
import { noQuotes } from '../../src/ports/quotes.ts';
import { findings } from '../../src/store/findings.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  database = await testDatabase(infraUrls().postgresUrl, [kitMigrations, migrations], { maxConnections: 2 });
  await database.db`select 1`;
});
afterAll(() => database.drop());

const DAY_US = 86_400_000_000n;
const KILLED = new Error('killed');

function depsWith(now: () => bigint, append: Append = appendEvents): Deps {
  const { db } = database;
  return { db, now, append, commit: committer(db, append, () => undefined) };
}

/** A worker that lives for one round. `diesAt`: in its transaction before the commit, or after the bank has said yes. */
function worker(
  diesAt: 'never' | 'commit' | 'answer',
  answer: BankAnswer,
  paid: Set<string>,
  { now, perDay }: { now: () => bigint; perDay: bigint } = { now: nowUs, perDay: MICRO * MICRO },
) {
  const append: Append = async (...args) => {
    await appendEvents(...args);
    if (diesAt === 'commit') throw KILLED;
  };
  return createFundings({
    ...depsWith(now, append),
    bank: {
      async send({ id }) {
        paid.add(id);
        if (diesAt === 'answer') throw KILLED;
        return answer;
      },
    },
    limits: { perTransfer: toMicros(MICRO * MICRO), perDay: toMicros(perDay), transfersPerDay: 100 },
    wakeWorker: () => undefined,
    log: openLog('test', 'silent'),
    count: () => undefined,
    countFailure: () => undefined,
  });
}

/** Deposits are of whole ones. */
const CENT = 10_000n;
const rows: [type: FundingType, answer: BankAnswer, end: FundingState, left: bigint][] = [
  ['deposit', { outcome: 'settled' }, 'settled', 110n * CENT],
  ['deposit', { outcome: 'returned', reason: 'r' }, 'returned', 100n * CENT],
  ['deposit', { outcome: 'failed', reason: 'f' }, 'failed', 100n * CENT],
  ['withdrawal', { outcome: 'settled' }, 'settled', 90n * CENT],
  ['withdrawal', { outcome: 'returned', reason: 'r' }, 'returned', 100n * CENT],
  ['withdrawal', { outcome: 'failed', reason: 'f' }, 'failed', 100n * CENT],
];

describe('a worker that dies at every step, before it and in it', () => {
  test.each(rows)('still brings a %s to where the bank says: %o', async (type, answer, end, left) => {
    const { db } = database;
    const paid = new Set<string>();
    const deps = depsWith(nowUs);
    const userId = randomUUID();
    const opening = { userId, kind: 'investment', currency: 'USD', name: 'x', key: 'a' } as const;
    const { id: accountId } = await createAccounts(deps).open(opening);
    const adjusting = {
      accountId,
      asset: 'USD',
      amount: toMicros(100n * CENT),
      reason: 'x',
      key: userId,
      operatorId: '',
    } as const;
    await createAdjustments({ ...deps, quotes: noQuotes, requireListed: async () => undefined }).adjust(adjusting);
    const asking = { type, accountId, userId, currency: 'USD', amount: toMicros(10n * CENT), key: 'b' } as const;
    await expect(worker('commit', answer, paid).request(asking)).rejects.toBe(KILLED);
    const { id } = await worker('never', answer, paid).request(asking);

    const seen: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      const state = (await worker('never', answer, paid).find(id))?.state ?? 'gone';
      seen.push(state);
      if (state === end) break;
      for (const moment of ['commit', 'answer'] as const) {
        if (moment === 'answer' && state !== 'sent') continue;
        await worker(moment, answer, paid).work();
        expect((await worker('never', answer, paid).find(id))?.state).toBe(state);
        const [untouched] = await db`select posted from ledger_accounts where account_id = ${accountId}`;
        expect(untouched).toEqual({ posted: 100n * CENT });
      }
      await worker('never', answer, paid).work();
    }
    expect(seen).toEqual([...(type === 'deposit' ? ['requested'] : []), 'held', 'sent', end]);
    expect([...paid]).toEqual([id]);
    const [balance] = await db`select posted, reserved from ledger_accounts where account_id = ${accountId}`;
    expect(balance).toEqual({ posted: left, reserved: 0n });
    for await (const finding of findings(db)) expect(finding).toBeUndefined();
    const told = await db`select 1 from outbox where subject = ${`portfolio.funding.changed.${accountId}`}`;
    expect(told).toHaveLength(seen.length);
  });
});

test('what a day allows is there again the next day, in UTC, for each direction and currency by itself', async () => {
  const noon = 1_790_035_200_000_000n - (1_790_035_200_000_000n % DAY_US) + DAY_US / 2n;
  let now = noon;
  const deps = depsWith(() => now);
  const userId = randomUUID();
  const accounts = createAccounts(deps);
  const opening = { userId, kind: 'investment', name: 'x' } as const;
  const dollars = await accounts.open({ ...opening, currency: 'USD', key: 'usd' });
  const euros = await accounts.open({ ...opening, currency: 'EUR', key: 'eur' });
  const fundings = worker('never', { outcome: 'settled' }, new Set(), { now: () => now, perDay: 10n * CENT });
  const ask = (type: FundingType, { id: accountId, currency }: typeof dollars, amount: bigint) =>
    fundings.request({ type, accountId, userId, currency, amount: toMicros(amount * CENT), key: randomUUID() });
  const refused = { reason: 'funding_limit_per_day' };
  await ask('deposit', dollars, 10n);
  await expect(ask('deposit', dollars, 1n)).rejects.toMatchObject(refused);
  await ask('deposit', euros, 10n);
  while ((await fundings.work()) === true);
  await ask('withdrawal', dollars, 10n);
  now = noon + DAY_US / 2n - 1n;
  await expect(ask('deposit', dollars, 1n)).rejects.toMatchObject(refused);
  now += 1n;
  await ask('deposit', dollars, 10n);
  await expect(ask('deposit', dollars, 1n)).rejects.toMatchObject(refused);
});

test('ninety fundings whose step fails keep nobody else from theirs, and are tried less and less often', async () => {
  const { db } = database;
  const fundings = worker('never', { outcome: 'settled' }, new Set());
  const userId = randomUUID();
  const deps = depsWith(nowUs);
  const account = await createAccounts(deps).open({ userId, kind: 'savings', currency: 'USD', name: 'A', key: 'open' });
  const deposit = { type: 'deposit', accountId: account.id, userId, currency: 'USD', amount: toMicros(MICRO) } as const;
  const stuck = await Promise.all(
    Array.from({ length: 90 }, (_, index) => fundings.request({ ...deposit, key: `stuck ${index}` })),
  );
  // What the bank has settled cannot be booked: its account is gone.
  const ids = stuck.map(({ id }) => id);
  await db`alter table fundings drop constraint fundings_account_id_fkey`;
  await db`update fundings set state = 'sent', account_id = gen_random_uuid() where id = any(${ids}::uuid[])`;
  const good = await fundings.request({ ...deposit, key: 'good' });
  for (let round = 0; round < 12; round += 1) await fundings.work();
  expect((await fundings.find(good.id))?.state).toBe('settled');
  const [tried] = await db`
    select min(attempts) as least, max(attempts) as most, bool_and(due_at > now()) as later from fundings where id = any(${ids}::uuid[])`;
  expect(tried?.['least']).toBeGreaterThan(0);
  expect(tried?.['most']).toBeLessThan(12);
  await db`delete from fundings where id = any(${ids}::uuid[])`;
});
