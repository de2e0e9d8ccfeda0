import { invalid } from '@andvari/kit/base/errors';
import { pooledUuidV7 } from '@andvari/kit/base/uuid-v7';
import { add, amount, type Micros, NO_SHARES, type Price, ZERO } from '@andvari/money';
import type { Balance } from '../domain/balances.ts';
import { NO_FEES } from '../domain/fee-schedule.ts';
import { type ImportedAccount, type ImportedOrder, type Mark, stepsOf } from '../domain/imported-account.ts';
import { depositJournal, type Ledger } from '../domain/journal.ts';
import { linesOf, type MoneyLine } from '../domain/posting.ts';
import { openReservation } from '../domain/reservation.ts';
import type { Fill, Report } from '../domain/settlement.ts';
import { type Held, holdingKey, SettlementBatch } from '../domain/settlement-batch.ts';
import { applyReport, type Batch } from './settle-reports.ts';

/** What accounts were worth at moments, for their history; a list a column, as there are as many as of anything else here. */
export type Worths = {
  readonly accountIds: string[];
  readonly atUs: bigint[];
  readonly cash: Micros[];
  readonly marketValue: Micros[];
  readonly brought: Micros[];
};

export type Past = {
  readonly books: SettlementBatch;
  readonly lines: readonly MoneyLine[];
  readonly worths: Worths;
};

/** Nothing was reported: there is no report that another could be compared with. */
const DIGEST = 'imported';

/**
 * Books the past of accounts that have none yet, in the order in which it happened, by the rules by which it would have been: every deposit as
 * a journal of its own, every fill and the house's other side of it through the settlement of reports. Fills of a quarter share a journal.
 */
export function replayPast(
  given: Omit<Batch, 'books'>,
  accounts: readonly ImportedAccount[],
  marks: readonly Mark[],
  houseId: string,
): Past {
  const books = new SettlementBatch(heldFor(accounts), new Map(), new Map(), new Map());
  const batch: Batch = { ...given, books };
  const { ledger } = batch;
  const lines: MoneyLine[] = [];
  const worths: Worths = { accountIds: [], atUs: [], cash: [], marketValue: [], brought: [] };
  const opened: Opened[] = [];
  let quarter = -1;
  for (const step of stepsOf(accounts, marks)) {
    if (quarterOf(step.atUs) !== quarter) {
      ledger.close();
      quarter = quarterOf(step.atUs);
    }
    switch (step.what) {
      case 'deposit':
        lines.push(...deposit(batch, step.account));
        opened.push(openedIn(batch, step.account));
        break;
      case 'order':
        replayOrder(batch, step.account, step.order, houseId);
        break;
      case 'mark':
        for (const account of opened) noteWorth(batch, account, step.mark, worths);
        break;
    }
  }
  ledger.close();
  return { books, lines, worths };
}

function heldFor(accounts: readonly ImportedAccount[]): Map<string, Held> {
  const orders = accounts.flatMap(({ id, orders: ended }) => ended.map((order) => ({ accountId: id, ...order })));
  return new Map(
    orders.map(({ accountId, orderId, symbol, side, qty, held: principal, limit }) => {
      const reservation = openReservation({ orderId, side, qty, principal }, NO_FEES);
      const terms = { accountId, symbol, qty, principal, limit };
      return [orderId, { reservation, schedule: NO_FEES, terms, replaces: undefined, group: undefined }];
    }),
  );
}

function deposit({ ledger }: Batch, account: ImportedAccount): MoneyLine[] {
  const { id: accountId, currency, depositId: fundingId, deposit: brought, openedAtUs: at } = account;
  const journal = depositJournal({ fundingId, accountId, currency, amount: brought, at });
  return linesOf(journal, ledger.post(journal));
}

function replayOrder(batch: Batch, account: ImportedAccount, order: ImportedOrder, houseId: string): void {
  const { orderId, symbol, side, qty, held, fill: price, execId, endedAtUs: at } = order;
  const { id: accountId, currency } = account;
  const from: Ledger = { of: 'account', accountId, asset: side === 'buy' ? currency : symbol };
  if (batch.ledger.available(from) < held) throw invalid('accounts', `order ${orderId} holds more than there was`);
  batch.ledger.reserve(from, held);
  if (price === undefined) {
    const ended = { type: 'ended', orderId, accountId, symbol, side, cumQty: NO_SHARES, leavesQty: NO_SHARES } as const;
    return apply(batch, ended);
  }
  const trade = { digest: DIGEST, tradeId: execId, symbol, qty, price, at, triggered: false };
  const fill: Fill = { ...trade, execId, orderId, accountId, side, cumQty: qty, leavesQty: NO_SHARES };
  const other = side === 'buy' ? 'sell' : 'buy';
  apply(batch, { type: 'fill', ...fill });
  apply(batch, {
    type: 'fill',
    ...fill,
    execId: `${execId}-house`,
    orderId: pooledUuidV7(),
    accountId: houseId,
    side: other,
  });
}

function apply(batch: Batch, report: Report): void {
  const outcome = applyReport(batch, report);
  if (outcome.outcome === 'settled' || outcome.outcome === 'applied') return;
  const why = outcome.outcome === 'refused' ? outcome.reason : outcome.outcome;
  throw invalid('accounts', `order ${report.orderId} cannot have been so: ${why}`);
}

/** What is looked at again at every mark: its cash, which goes on changing, and where its shares of each symbol are found. */
type Opened = {
  readonly accountId: string;
  readonly brought: Micros;
  readonly cash: Readonly<Balance> | undefined;
  readonly shares: readonly { readonly symbol: string; readonly key: string }[];
};

function openedIn({ ledger }: Batch, { id: accountId, currency, deposit: brought, orders }: ImportedAccount): Opened {
  const symbols = new Set(orders.map(({ symbol }) => symbol));
  const shares = [...symbols].map((symbol) => ({ symbol, key: holdingKey({ accountId, symbol }) }));
  return { accountId, brought, cash: ledger.find({ of: 'account', accountId, asset: currency }), shares };
}

function noteWorth(
  { books }: Batch,
  { accountId, brought, cash, shares }: Opened,
  { atUs, prices }: Mark,
  to: Worths,
): void {
  const marketValue = shares.reduce((total, { symbol, key }) => {
    const position = books.positions.get(key)?.position;
    if (position === undefined) return total;
    const price: Price | undefined = prices.get(symbol);
    return add(total, price === undefined ? position.cost : amount(price, position.qty));
  }, ZERO);
  to.accountIds.push(accountId);
  to.atUs.push(atUs);
  to.cash.push(cash?.posted ?? ZERO);
  to.marketValue.push(marketValue);
  to.brought.push(brought);
}

function quarterOf(us: bigint): number {
  const date = new Date(Number(us / 1000n));
  return date.getUTCFullYear() * 4 + Math.floor(date.getUTCMonth() / 3);
}
