import type { RpcClient } from '@andvari/kit/rpc/client';
import type { AuthServiceService } from '@andvari/proto/auth/v1/auth';
import { Side } from '@andvari/proto/engine/v1/commands';
import type { EndedOrder, OrderServiceService } from '@andvari/proto/order/v1/order';
import {
  AccountKind,
  type ImportedAccount,
  type ImportedMark,
  type PortfolioServiceService,
} from '@andvari/proto/portfolio/v1/portfolio';
import type { UserServiceService } from '@andvari/proto/user/v1/user';
import type { Keeper } from './parts.ts';
import type { PastDay, PastMarket } from './past-market.ts';
import type { Person } from './person.ts';

/** Those who take people in, each into its own database. */
export interface Importers {
  readonly auth: Pick<RpcClient<typeof AuthServiceService>, 'importUsers'>;
  readonly user: Pick<RpcClient<typeof UserServiceService>, 'importProfiles'>;
  readonly order: Pick<RpcClient<typeof OrderServiceService>, 'importOrders'>;
  readonly portfolio: Pick<RpcClient<typeof PortfolioServiceService>, 'importAccounts'>;
}

export interface Imported {
  readonly users: number;
  readonly accounts: number;
  readonly orders: number;
}

const SIDES = { buy: Side.SIDE_BUY, sell: Side.SIDE_SELL } as const;
const TIMEOUT_MS = 120_000;
const DAY_US = 86_400_000_000n;
/** A year of an account's worth in a dozen rows, whether its market has weekends or not. */
const US_BETWEEN_MARKS = 28n * DAY_US;

/** A batch of people into every service that is to keep something of them. Done again, whatever is there already stays as it is. */
export async function importPeople(
  importers: Importers,
  people: readonly Person[],
  { password, marks, into }: { password: string; marks: readonly ImportedMark[]; into: ReadonlySet<Keeper> },
): Promise<Imported> {
  const timeout = { timeoutMs: TIMEOUT_MS };
  const users = people.map(({ userId, email, openedAtUs: createdAtUs }) => ({ userId, email, createdAtUs }));
  const profiles = people.map(({ userId, email, givenName, familyName, openedAtUs: createdAtUs }) => {
    return { userId, email, givenName, familyName, locale: 'en', createdAtUs };
  });
  // The order service says what an order is called, so the ledger needs its answer: where it has them, it writes nothing.
  const asksOrders = into.has('order') || into.has('portfolio');
  const [inAuth, , inOrders] = await Promise.all([
    into.has('auth') ? importers.auth.importUsers({ password, users }, timeout) : NOTHING,
    into.has('user') ? importers.user.importProfiles({ profiles }, timeout) : NOTHING,
    asksOrders ? importers.order.importOrders({ orders: people.flatMap(endedOrdersOf) }, timeout) : NO_ORDERS,
  ]);
  let next = 0;
  const accounts = people.map((person) => {
    const ids = inOrders.orderIds.slice(next, (next += person.orders.length));
    return accountOf(person, ids);
  });
  const inLedger = into.has('portfolio')
    ? await importers.portfolio.importAccounts({ accounts, marks: [...marks] }, timeout)
    : NOTHING;
  return { users: inAuth.imported, accounts: inLedger.imported, orders: inOrders.imported };
}

const NOTHING = { imported: 0 } as const;
const NO_ORDERS = { imported: 0, orderIds: [] } as const;

/** At the end of a day every fourth week, the last day among them. */
export function marksOf({ days }: PastMarket): ImportedMark[] {
  const marked: PastDay[] = [];
  for (const day of days.toReversed()) {
    const next = marked.at(-1);
    if (next === undefined || next.atUs - day.atUs >= US_BETWEEN_MARKS) marked.push(day);
  }
  return marked.toReversed().map(markOf);
}

function markOf({ atUs, closes }: PastDay): ImportedMark {
  const prices = [...closes].map(([symbol, price]) => ({ symbol, price }));
  return { atUs: (atUs / DAY_US + 1n) * DAY_US, prices };
}

function endedOrdersOf({ userId, accountId, orders }: Person): EndedOrder[] {
  return orders.map((order) => {
    const heldAsset = order.side === 'buy' ? 'USD' : order.symbol;
    return { ...order, userId, accountId, side: SIDES[order.side], heldAsset };
  });
}

function accountOf(person: Person, orderIds: readonly string[]): ImportedAccount {
  const { accountId: id, userId, openedAtUs, depositId, deposit, orders } = person;
  return {
    id,
    userId,
    openedAtUs,
    depositId,
    deposit,
    kind: AccountKind.ACCOUNT_KIND_INVESTMENT,
    currency: 'USD',
    name: 'Trading',
    orders: orders.map(({ symbol, side, qty, limitPx, held, fillPx, execId, placedAtUs, endedAtUs }, index) => {
      const terms = { symbol, side: SIDES[side], qty, limitPx, held, fillPx };
      return { ...terms, orderId: orderIds[index] ?? '', execId, placedAtUs, endedAtUs };
    }),
  };
}
