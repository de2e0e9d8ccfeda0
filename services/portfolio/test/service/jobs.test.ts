import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO } from '@andvari/money';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { opened, openPortfolio, type Portfolio, settledDeposit } from './portfolio-fixture.ts';

const MINUTES_5_US = 300_000_000n;
let nowUs = 1_790_000_100_000_000n;

let portfolio: Portfolio;
beforeAll(async () => {
  portfolio = await openPortfolio({ SNAPSHOT_CHECK_MS: '20' }, { now: () => nowUs });
});
afterAll(() => portfolio.close());

test('snapshots are taken on time, before a restart and after it, and no instant twice', async () => {
  const { id } = await opened(portfolio, { cash: MICRO });
  const instants = async () => {
    const rows = await portfolio.db<{ at: bigint }[]>`
      select (extract(epoch from at) * 1000000)::bigint as at from snapshots
      where account_id = ${id} and timeframe = '5Min' and at > to_timestamp(1790000100) order by at`;
    return rows.map(({ at }) => at);
  };
  const due: bigint[] = [];
  for (const restarted of [false, false, true, true]) {
    nowUs += MINUTES_5_US;
    due.push(nowUs - (nowUs % MINUTES_5_US));
    if (restarted) await portfolio.restart();
    await eventually(async () => expect(await instants()).toEqual(due));
  }
});

test('whoever deposits wakes the worker, which else would look in an hour', async () => {
  const sleepy = await openPortfolio({ FUNDING_SWEEP_MS: '3600000' });
  onTestFinished(() => sleepy.close());
  const account = await opened(sleepy);
  // It may look by itself for the first, as it does at the start.
  for (const cents of [1n, 2n]) await settledDeposit(account, cents * 10_000n);
});
