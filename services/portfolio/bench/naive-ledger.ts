import { connectDb, transaction } from '@andvari/kit/db/db';
import type { Db } from '@andvari/kit/db/types';
import { v7 as uuidv7 } from 'uuid';

/**
 * The same ledger as one would write it first: a transaction a request, a statement a row, locks where they are needed. It keeps
 * the same guarantees for reserving and settling, leaves out lots, fees, events and access over the network, and has the same
 * tables with the indexes it needs.
 */
export class NaiveLedger {
  readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  static async open(serverUrl: string): Promise<NaiveLedger> {
    const admin = connectDb(serverUrl, { maxConnections: 1 });
    await admin`create database naive`;
    await admin.end();
    const url = new URL(serverUrl);
    url.pathname = '/naive';
    const db = connectDb(url.href, { maxConnections: 10, statementTimeoutMs: 60_000 });
    await db.unsafe(schema);
    return new NaiveLedger(db);
  }

  async openAccounts(count: number, cash: bigint): Promise<string[]> {
    const ids = Array.from({ length: count }, () => uuidv7());
    await this.db`
      insert into balances (account_id, asset, posted)
      select id, asset, amount from unnest(${ids}::uuid[]) as id, (values ('USD', ${cash}::bigint), ('AAPL', 0)) as each (asset, amount)`;
    await this.db`
      insert into balances (account_id, asset, posted, may_go_negative)
      values (${CLEARING}, 'USD', 0, true), (${CLEARING}, 'AAPL', 0, true) on conflict do nothing`;
    return ids;
  }

  reserve(orderId: string, accountId: string, amount: bigint): Promise<boolean> {
    return transaction(this.db, async (tx) => {
      const [known] = await tx`select remaining from reservations where order_id = ${orderId}`;
      if (known !== undefined) return true;
      const [balance] = await tx<{ posted: bigint; reserved: bigint }[]>`
        select posted, reserved from balances where account_id = ${accountId} and asset = 'USD' for update`;
      if (balance === undefined || balance.posted - balance.reserved < amount) return false;
      await tx`
        insert into reservations (order_id, account_id, amount, remaining) values (${orderId}, ${accountId}, ${amount}, ${amount})`;
      await tx`update balances set reserved = reserved + ${amount} where account_id = ${accountId} and asset = 'USD'`;
      return true;
    });
  }

  /** A buy that fills its order at the price it was reserved for. */
  settle(execId: string, orderId: string, accountId: string, qty: bigint): Promise<void> {
    return transaction(this.db, async (tx) => {
      const [known] = await tx`select 1 from journals where reference = ${execId}`;
      if (known !== undefined) return;
      const [held] = await tx<{ remaining: bigint }[]>`
        select remaining from reservations where order_id = ${orderId} for update`;
      const amount = held?.remaining ?? 0n;
      const [journal] = await tx<{ id: bigint }[]>`insert into journals (reference) values (${execId}) returning id`;
      const legs: [account: string, asset: string, change: bigint][] = [
        [CLEARING, 'AAPL', -qty],
        [CLEARING, 'USD', amount],
        [accountId, 'AAPL', qty],
        [accountId, 'USD', -amount],
      ];
      for (const [account, asset, change] of legs) {
        const [balance] = await tx<{ posted: bigint }[]>`
          update balances set posted = posted + ${change} where account_id = ${account} and asset = ${asset} returning posted`;
        await tx`
          insert into entries (journal_id, account_id, asset, amount, balance_after)
          values (${journal?.id ?? 0n}, ${account}, ${asset}, ${change}, ${balance?.posted ?? 0n})`;
      }
      await tx`update balances set reserved = reserved - ${amount} where account_id = ${accountId} and asset = 'USD'`;
      await tx`update reservations set remaining = 0 where order_id = ${orderId}`;
      await tx`
        insert into positions (account_id, symbol, qty, cost) values (${accountId}, 'AAPL', ${qty}, ${amount})
        on conflict (account_id, symbol) do update
          set qty = positions.qty + excluded.qty, cost = positions.cost + excluded.cost`;
      await tx`
        insert into activities (account_id, exec_id, qty, amount) values (${accountId}, ${execId}, ${qty}, ${-amount})`;
    });
  }
}

const CLEARING = '00000000-0000-0000-0001-000000000000';

const schema = `
  create table balances (
    account_id uuid not null, asset text not null, posted bigint not null, reserved bigint not null default 0,
    may_go_negative boolean not null default false, primary key (account_id, asset),
    check (may_go_negative or posted - reserved >= 0), check (reserved >= 0)
  );
  create table reservations (order_id uuid primary key, account_id uuid not null, amount bigint not null, remaining bigint not null);
  create table journals (id bigserial primary key, reference text not null unique);
  create table entries (
    id bigserial primary key, journal_id bigint not null references journals, account_id uuid not null, asset text not null,
    amount bigint not null, balance_after bigint not null
  );
  create table positions (
    account_id uuid not null, symbol text not null, qty bigint not null, cost bigint not null, primary key (account_id, symbol)
  );
  create table activities (account_id uuid not null, exec_id text not null, qty bigint not null, amount bigint not null,
    primary key (account_id, exec_id)
  );
`;
