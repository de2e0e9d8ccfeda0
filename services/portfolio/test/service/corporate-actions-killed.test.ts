import { randomUUID } from 'node:crypto';
import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { testService } from '@andvari/kit/testing/test-service';
import { MICRO } from '@andvari/money';
import { corporateActionApplied } from '@andvari/proto/events';
import { CorporateActionType } from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '../../src/main.ts';
import {
  adjusted,
  balance,
  expectClean,
  HOUSE,
  opened,
  operator,
  type Portfolio,
  traded,
} from './portfolio-fixture.ts';
import { startProcess } from './service-process.ts';

const ACCOUNTS = 60;
/** So many of them have bought from the house, which is as many short. */
const BOUGHT = 8;
/** Both actions for each, and the split for the house. */
const ALL = 2 * ACCOUNTS + 1;

let portfolio: Portfolio;
beforeAll(async () => {
  const streams = ['PORTFOLIO', 'EXECUTIONS', 'USER', 'MARKET'] as const;
  portfolio = await testService({ readConfig: (env) => env, start: startProcess, migrations, streams });
});
afterAll(() => portfolio.close());

test('killed again and again while a split and a dividend are applied, each account gets each of them once', {
  timeout: 120_000,
}, async () => {
  const accounts = await Promise.all(Array.from({ length: ACCOUNTS }, () => opened(portfolio)));
  for (const account of accounts.slice(0, BOUGHT)) {
    await adjusted(portfolio, { id: account.id, currency: 'USD' }, MICRO);
    await traded(portfolio, account, 'buy', { symbol: 'KIL', shares: 1n, price: 1n, atUs: BigInt(Date.now()) * 1000n });
  }
  for (const { id: accountId } of accounts.slice(BOUGHT)) {
    const request = { accountId, asset: 'KIL', amount: MICRO, reason: 'test', costPx: MICRO };
    await operator(portfolio).adjust({ ...request, idempotencyKey: randomUUID() });
  }
  const terms = {
    symbol: 'KIL',
    exDate: '2026-03-02',
    currency: 'USD',
    appliedAtUs: BigInt(Date.now()) * 1000n,
    referencePx: MICRO,
    effectiveAtUs: 1n,
    ratioTo: 3n,
    ratioFrom: 1n,
    amount: MICRO,
  };
  const actions = [
    { ...terms, id: 'split', type: CorporateActionType.CORPORATE_ACTION_TYPE_SPLIT },
    { ...terms, id: 'dividend', type: CorporateActionType.CORPORATE_ACTION_TYPE_CASH_DIVIDEND },
  ];
  const dealtWith = async (): Promise<number> => {
    const [row] = await portfolio.db<{ done: number }[]>`
      select count(*)::int as done from corporate_action_accounts where done_at is not null`;
    return row?.done ?? 0;
  };
  for (const action of actions) {
    await portfolio.publish(
      newEvent(corporateActionApplied, { action, changedBy: 'test' }, { source: 'stock', subject: { symbol: 'KIL' } }),
    );
  }
  const seen: number[] = [];
  for (let kills = 0; kills < 4; kills += 1) {
    const before = await dealtWith();
    if (before < ALL) await eventually(async () => expect(await dealtWith()).toBeGreaterThan(before));
    seen.push(await dealtWith());
    await portfolio.restart();
  }
  await eventually(async () => expect(await dealtWith()).toBe(ALL));
  for (const { id } of accounts) {
    expect((await balance(portfolio, id, 'KIL')).posted).toBe(3n * MICRO);
    // It came after the split: three shares are paid for, whichever of the two was being applied when.
    expect((await balance(portfolio, id)).posted).toBe(3n * MICRO);
  }
  expect((await balance(portfolio, HOUSE, 'KIL')).posted).toBe(-3n * BigInt(BOUGHT) * MICRO);
  // It was killed in the middle of it at least once, or this has shown nothing.
  expect(seen.some((done) => done > 0 && done < ALL)).toBe(true);
  await expectClean(portfolio);
});
