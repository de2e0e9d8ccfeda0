import { transaction } from '@andvari/kit/db/db';
import type { Db, Tx } from '@andvari/kit/db/types';
import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO } from '@andvari/money';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findings } from '../../src/store/findings.ts';
import {
  giveShares,
  opened,
  openPortfolio,
  orders,
  type Portfolio,
  settledDeposit,
  verified,
} from './portfolio-fixture.ts';

let portfolio: Portfolio;
beforeAll(async () => {
  portfolio = await openPortfolio({ VERIFY_EVERY_MS: '50' });
});
afterAll(() => portfolio.close());

async function drift(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${portfolio.started.adminPort}/metrics`);
  return Number(/^ledger_drift\{?[^}\n]*\}? (\S+)$/m.exec(await response.text())?.[1] ?? Number.NaN);
}

/** It rests between two looks for longer than one takes. */
const driftIs = (count: number) => eventually(async () => expect(await drift()).toBe(count));

/** As nobody but a hand in the database could: past the triggers. */
const tamper = (statement: string) =>
  transaction(portfolio.db, async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx.unsafe(statement);
  });

test('a difference is streamed with what it should be, and shown by the metric until it is gone', {
  timeout: 150_000,
}, async () => {
  const account = await opened(portfolio, { cash: 100n * MICRO });
  await giveShares(portfolio, account, 10n);
  const clean = await verified(portfolio);
  expect(clean.findings).toEqual([]);
  expect(clean.checked).toBeGreaterThan(0n);
  await driftIs(0);

  await tamper(`update lots set proceeds = proceeds + 3 where account_id = '${account.id}'`);
  expect((await verified(portfolio)).findings).toEqual([
    expect.objectContaining({ check: 'position_sold_differs_from_lots', asset: 'AAPL', expected: 3n, actual: 0n }),
    expect.objectContaining({ check: 'lot_proceeds_differs_from_closings', asset: 'AAPL', expected: 0n, actual: 3n }),
  ]);
  await driftIs(2);

  await tamper(`update lots set proceeds = proceeds - 3 where account_id = '${account.id}'`);
  await driftIs(0);
  expect((await verified(portfolio)).findings).toEqual([]);
});

test.each([
  [
    'events_differ_from_activities',
    `delete from outbox where position = (select max(position) from outbox where subject like 'portfolio.fill.settled.%')`,
  ],
  [
    'events_differ_from_activities',
    `update outbox set subject = 'portfolio.other' where subject like 'portfolio.fill.settled.%'`,
  ],
  ['activity_of_no_funding', `update fundings set id = gen_random_uuid() where type = 'deposit'`],
  ['activity_of_no_funding', `delete from fundings`],
])('%s after %s', async (check, statement) => {
  const account = await opened(portfolio);
  await settledDeposit(account, 100n * MICRO);
  await giveShares(portfolio, account, 10n);
  expect(await checkedIn()).toEqual([]);
  await expect(
    transaction(portfolio.db, async (tx) => {
      await tx`set local session_replication_role = replica`;
      expect((await tx.unsafe(statement)).count).toBeGreaterThan(0);
      expect(await checkedIn(tx)).toContain(check);
      throw UNDONE;
    }),
  ).rejects.toBe(UNDONE);
});

const UNDONE = new Error('undone');

async function checkedIn(db: Db | Tx = portfolio.db): Promise<string[]> {
  const found: string[] = [];
  for await (const { check } of findings(db)) found.push(check);
  return found;
}

test('a reader who leaves in the middle of it keeps no connection', async () => {
  await tamper(`update ledger_accounts set version = version + 1`);
  for (let time = 0; time < 30; time += 1) {
    for await (const { kind } of orders(portfolio).verify({})) if (kind?.$case === 'finding') break;
  }
  await tamper(`update ledger_accounts set version = version - 1`);
  expect((await verified(portfolio)).findings).toEqual([]);
});
