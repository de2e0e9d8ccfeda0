import { randomUUID } from 'node:crypto';
import { transaction } from '@andvari/kit/db/db';
import { MICRO, toMicros } from '@andvari/money';
import { beforeAll, describe, expect, test } from 'vitest';
import { holdForWithdrawals, postJournals } from '../../src/app/post-journals.ts';
import type { Currency } from '../../src/domain/asset.ts';
import {
  adjustmentJournal,
  depositJournal,
  type Journal,
  transferJournal,
  withdrawalJournal,
} from '../../src/domain/journal.ts';
import type { PostOutcome } from '../../src/domain/posting.ts';
import { releaseBatch } from '../../src/store/reserve.ts';
import {
  balance,
  endOf,
  expectVerified,
  fillOf,
  openAccount,
  orderOf,
  reserve,
  settle,
  useLedger,
} from './ledger-fixture.ts';

// One connection for everything: what would wait for a second one would wait for ever.
const ledger = useLedger({ maxConnections: 1 });

const at = 1_700_000_000_000_001n;
const rateId = randomUUID();
beforeAll(async () => {
  await ledger.db`insert into fx_rates (id, base, quote, rate, as_of) values (${rateId}, 'USD', 'CAD', 1350000, now())`;
});

function post(...journals: Journal[]): Promise<PostOutcome[]> {
  return transaction(ledger.db, (tx) =>
    postJournals(
      tx,
      journals.map((journal) => ({ journal })),
    ),
  );
}

function depositOf(accountId: string, amount: bigint, currency: Currency = 'USD'): Journal {
  return depositJournal({ fundingId: randomUUID(), accountId, currency, amount: toMicros(amount), at });
}

function transferOf(from: string, to: string, out: bigint, received = out, currency: Currency = 'USD'): Journal {
  return transferJournal({
    id: randomUUID(),
    from: { accountId: from, currency: 'USD', amount: toMicros(out) },
    to: { accountId: to, currency, amount: toMicros(received) },
    at,
    ...(currency === 'USD' ? {} : { fxRateId: rateId }),
  });
}

const hold = (fundingId: string, accountId: string, amount: bigint) =>
  transaction(ledger.db, (tx) =>
    holdForWithdrawals(tx, [{ fundingId, accountId, currency: 'USD', amount: toMicros(amount) }]),
  );
const pay = (fundingId: string, accountId: string, amount: bigint) =>
  transaction(ledger.db, (tx) =>
    postJournals(tx, [
      {
        journal: withdrawalJournal({ fundingId, accountId, currency: 'USD', amount: toMicros(amount), at }),
        spends: fundingId,
      },
    ]),
  );

const adjust = (accountId: string, amount: bigint, reason: string) =>
  post(adjustmentJournal({ id: randomUUID(), accountId, asset: 'USD', amount: toMicros(amount), reason, at }));

describe('a deposit', () => {
  test('is in once, however often it is told', async () => {
    const account = await openAccount(ledger.db);
    const journal = depositOf(account.id, 5n * MICRO);
    const [first, second] = await post(journal, journal);
    const [third] = await post(journal);
    expect([first?.outcome, second?.outcome, third?.outcome]).toEqual(['posted', 'repeated', 'repeated']);
    expect(third).toEqual(second);
    expect((await balance(ledger.db, account.id)).posted).toBe(5n * MICRO);
    await expectVerified(ledger.db);
  });

  test('in a currency the account does not have is refused', async () => {
    const account = await openAccount(ledger.db);
    expect(await post(depositOf(account.id, MICRO, 'CAD'))).toEqual([{ outcome: 'no_such_ledger' }]);
    expect(await post(depositOf(randomUUID(), MICRO))).toEqual([{ outcome: 'no_such_ledger' }]);
    await expectVerified(ledger.db);
  });

  test('keeps the moment it happened to the microsecond', async () => {
    const account = await openAccount(ledger.db);
    await post(depositOf(account.id, MICRO));
    const [line] = await ledger.db`
      select (extract(epoch from occurred_at) * 1000000)::bigint as at from activities where account_id = ${account.id}`;
    expect(line).toEqual({ at });
  });
});

describe('a transfer', () => {
  test('moves what there is, and no more', async () => {
    const [from, to] = [await openAccount(ledger.db, { cash: 10n * MICRO }), await openAccount(ledger.db)];
    const outcomes = await post(...[6n, 6n, 4n].map((amount) => transferOf(from.id, to.id, amount * MICRO)));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['posted', 'insufficient', 'posted']);
    expect(outcomes[1]).toEqual({ outcome: 'insufficient', available: 4n * MICRO });
    expect([(await balance(ledger.db, from.id)).posted, (await balance(ledger.db, to.id)).posted]).toEqual([
      0n,
      10n * MICRO,
    ]);
    await expectVerified(ledger.db);
  });

  test('does not move what an order holds', async () => {
    const [from, to] = [await openAccount(ledger.db, { cash: 10n * MICRO }), await openAccount(ledger.db)];
    await reserve(ledger.db, orderOf(from, 'buy', MICRO, 8n * MICRO));
    expect(await post(transferOf(from.id, to.id, 3n * MICRO))).toEqual([
      { outcome: 'insufficient', available: 2n * MICRO },
    ]);
  });

  test('across currencies leaves each of them whole, and names its rate', async () => {
    const [from, to] = [
      await openAccount(ledger.db, { cash: 10n * MICRO }),
      await openAccount(ledger.db, { currency: 'CAD' }),
    ];
    expect(await post(transferOf(from.id, to.id, 10n * MICRO, 13_500_000n, 'CAD'))).toMatchObject([
      { outcome: 'posted' },
    ]);
    expect((await balance(ledger.db, to.id, 'CAD')).posted).toBe(13_500_000n);
    await expectVerified(ledger.db);
  });

  test('a thousand of them at once, every way round, lose nothing', async () => {
    const accounts = await Promise.all(Array.from({ length: 5 }, () => openAccount(ledger.db, { cash: 100n * MICRO })));
    await Promise.all(
      Array.from({ length: 50 }, (_, round) =>
        post(
          ...Array.from({ length: 20 }, (_each, i) => {
            const from = accounts[(round + i) % 5]?.id ?? '';
            const to = accounts[(round * 3 + i * 2 + 1) % 5]?.id ?? '';
            return from === to ? depositOf(from, 1n) : transferOf(from, to, BigInt(i) * MICRO + 1n);
          }),
        ),
      ),
    );
    await expectVerified(ledger.db);
  });
});

describe('a withdrawal', () => {
  test('is held, then paid out of what is held', async () => {
    const account = await openAccount(ledger.db, { cash: 10n * MICRO });
    const id = randomUUID();
    expect(await hold(id, account.id, 8n * MICRO)).toEqual(['held']);
    expect(await balance(ledger.db, account.id)).toEqual({ posted: 10n * MICRO, reserved: 8n * MICRO });
    expect((await reserve(ledger.db, orderOf(account, 'buy', MICRO, 3n * MICRO))).outcome).toBe('insufficient');
    expect(await pay(id, account.id, 8n * MICRO)).toMatchObject([{ outcome: 'posted' }]);
    expect(await balance(ledger.db, account.id)).toEqual({ posted: 2n * MICRO, reserved: 0n });
    expect(await pay(id, account.id, 8n * MICRO)).toMatchObject([{ outcome: 'repeated' }]);
    await expectVerified(ledger.db);
  });

  test('that comes back is free again, and is not paid after all', async () => {
    const account = await openAccount(ledger.db, { cash: 10n * MICRO });
    const id = randomUUID();
    await hold(id, account.id, 8n * MICRO);
    expect(await releaseBatch(ledger.db, [{ id, accountId: account.id }])).toEqual([
      { outcome: 'released', freed: 8n * MICRO },
    ]);
    expect(await pay(id, account.id, 8n * MICRO)).toEqual([{ outcome: 'not_held' }]);
    expect(await hold(id, account.id, 8n * MICRO)).toEqual(['closed']);
    expect(await balance(ledger.db, account.id)).toEqual({ posted: 10n * MICRO, reserved: 0n });
    await expectVerified(ledger.db);
  });

  test('is held once, and not beyond what there is', async () => {
    const account = await openAccount(ledger.db, { cash: 10n * MICRO });
    const id = randomUUID();
    expect(await hold(id, account.id, 8n * MICRO)).toEqual(['held']);
    expect(await hold(id, account.id, 8n * MICRO)).toEqual(['repeated']);
    expect(await hold(randomUUID(), account.id, 3n * MICRO)).toEqual(['insufficient']);
    expect((await balance(ledger.db, account.id)).reserved).toBe(8n * MICRO);
    await releaseBatch(ledger.db, [{ id }]);
  });
});

describe('an adjustment', () => {
  test('goes against the house, either way, with its reason', async () => {
    const account = await openAccount(ledger.db);
    expect(await adjust(account.id, 5n, 'goodwill')).toMatchObject([{ outcome: 'posted' }]);
    expect(await adjust(account.id, -2n, 'too much of it')).toMatchObject([{ outcome: 'posted' }]);
    expect(await adjust(account.id, -4n, 'more than there is')).toMatchObject([{ outcome: 'insufficient' }]);
    expect((await balance(ledger.db, account.id)).posted).toBe(3n);
    await expectVerified(ledger.db);
  });

  test('without a reason is refused by the database itself', async () => {
    const account = await openAccount(ledger.db);
    await expect(adjust(account.id, 5n, '')).rejects.toThrow('journals_adjustment_explained');
  });
});

test('an order lives and ends on the same one connection', async () => {
  const account = await openAccount(ledger.db, { cash: 100n * MICRO });
  const order = orderOf(account, 'buy', 10n * MICRO, 10n * MICRO);
  await Promise.all([
    reserve(ledger.db, order).then(() => settle(ledger.db, fillOf(order, MICRO, MICRO), endOf(order, MICRO))),
    ...Array.from({ length: 10 }, () => post(depositOf(account.id, MICRO))),
  ]);
  expect(await balance(ledger.db, account.id)).toEqual({ posted: 109n * MICRO, reserved: 0n });
  await expectVerified(ledger.db);
});
