import { randomUUID } from 'node:crypto';
import { type Wakeable, wakeable } from '@andvari/kit/base/wakeable';
import { transaction } from '@andvari/kit/db/db';
import { openLog } from '@andvari/kit/observe/log';
import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO, toPrice } from '@andvari/money';
import { expect, test } from 'vitest';
import { createCorporateActions } from '../../src/app/corporate-actions.ts';
import type { CorporateAction } from '../../src/domain/corporate-action.ts';
import { balance, giveShares, openAccount, useLedger } from './ledger-fixture.ts';

const ledger = useLedger();

const actions = (bell: Wakeable = wakeable()) =>
  createCorporateActions({
    db: ledger.db,
    now: () => 0n,
    append: async () => undefined,
    commit: (work) => transaction(ledger.db, (tx) => work(tx, () => undefined)),
    bell,
    log: openLog('test', 'silent'),
  });

const at = 1_790_000_000_000_000n;
const split: CorporateAction = {
  id: randomUUID(),
  symbol: 'AAPL',
  at,
  type: 'split',
  to: 3n,
  from: 1n,
  referencePrice: MICRO,
  effectiveAtUs: at,
};
const dividend: CorporateAction = {
  id: randomUUID(),
  symbol: 'AAPL',
  at,
  type: 'cash_dividend',
  perShare: toPrice(MICRO),
  currency: 'USD',
};

test('a dividend that is noted while a split before it is being applied is paid on the new shares', async () => {
  const account = await openAccount(ledger.db);
  await openAccount(ledger.db, { kind: 'house' });
  await giveShares(ledger.db, account, 'AAPL', MICRO);
  const corporateActions = actions();
  const never = new AbortController().signal;
  await transaction(ledger.db, (tx) => corporateActions.applied(tx, split, 'split'));
  let working: Promise<unknown> | undefined;
  await transaction(ledger.db, async (tx) => {
    await corporateActions.applied(tx, dividend, 'dividend');
    working = corporateActions.work(never);
    // The split is through, or it waits for the dividend to be written down.
    await eventually(async () => {
      const [seen] = await ledger.db`
        select (select count(*)::int from corporate_action_accounts where done_at is not null)
          + (select count(*)::int from pg_locks where locktype = 'advisory' and not granted
              and database = (select oid from pg_database where datname = current_database())) as moved`;
      expect(seen?.['moved']).toBeGreaterThan(0);
    });
  });
  await working;
  await corporateActions.work(never);
  expect((await balance(ledger.db, account.id, 'AAPL')).posted).toBe(3n * MICRO);
  expect((await balance(ledger.db, account.id)).posted).toBe(3n * MICRO);
});

test('what is noted rings for whoever sleeps, once it can be seen and not before', async () => {
  const bell = wakeable();
  let rung = 0;
  bell.instead = () => void (rung += 1);
  const corporateActions = actions(bell);
  await transaction(ledger.db, async (tx) => {
    await corporateActions.applied(tx, { ...dividend, id: randomUUID() }, 'another dividend');
    expect(rung).toBe(0);
  });
  expect(rung).toBe(1);
});
