import { invalid } from '@andvari/kit/base/errors';
import { allowImport } from '@andvari/kit/handler/allow-import';
import { requireAtMost, requireText, requireUuid } from '@andvari/kit/handler/inputs';
import type { Handlers } from '@andvari/kit/rpc/server';
import { type Price, toMicros, toPrice, toQuantity } from '@andvari/money';
import { Side } from '@andvari/proto/engine/v1/commands';
import type {
  ImportedAccount as ImportedAccountMessage,
  ImportedMark,
  ImportedOrder as ImportedOrderMessage,
  PortfolioServiceService,
} from '@andvari/proto/portfolio/v1/portfolio';
import type { App } from '../app/app.ts';
import type { ImportedAccount, ImportedOrder, Mark } from '../domain/imported-account.ts';
import { accountKindTo } from '../messages/codes.ts';
import { amountFrom, codeFrom, currencyFrom, nameFrom, optionalTimeFrom, symbolFrom } from './inputs.ts';

const MAX_ACCOUNTS = 5000;
const MAX_ORDERS = 1000;
const MAX_MARKS = 400;
const SECOND_US = 1_000_000n;

export function importingHandlers(
  { importing }: App,
  options: { development: boolean },
): Pick<Handlers<typeof PortfolioServiceService>, 'importAccounts'> {
  return {
    async importAccounts({ accounts, marks }, { caller }) {
      allowImport(caller, options);
      requireAtMost('accounts', accounts, MAX_ACCOUNTS);
      requireAtMost('marks', marks, MAX_MARKS);
      return { imported: await importing.importAccounts(accounts.map(accountFrom), marks.map(markFrom)) };
    },
  };
}

function accountFrom(account: ImportedAccountMessage, index: number): ImportedAccount {
  const field = (name: string): string => `accounts[${index}].${name}`;
  const { id, userId, depositId } = account;
  requireUuid(field('id'), id);
  requireUuid(field('user_id'), userId);
  requireUuid(field('deposit_id'), depositId);
  requireAtMost(field('orders'), account.orders, MAX_ORDERS);
  const openedAtUs = secondFrom(field('opened_at_us'), account.openedAtUs);
  const orders = account.orders.map((order, at) => orderFrom(`${field('orders')}[${at}]`, order, openedAtUs));
  return {
    id,
    userId,
    depositId,
    kind: codeFrom(field('kind'), accountKindTo, account.kind),
    currency: currencyFrom(field('currency'), account.currency),
    name: nameFrom(field('name'), account.name),
    openedAtUs,
    deposit: amountFrom(field('deposit'), account.deposit),
    orders,
  };
}

function orderFrom(at: string, order: ImportedOrderMessage, openedAtUs: bigint): ImportedOrder {
  requireUuid(`${at}.order_id`, order.orderId);
  requireText(`${at}.exec_id`, order.execId, { min: 1, max: 100 });
  // A lot is called after its execution, and what a split made of it after both.
  if (order.execId.includes('/')) throw invalid(`${at}.exec_id`, 'should have no slash');
  const side = order.side === Side.SIDE_BUY ? 'buy' : order.side === Side.SIDE_SELL ? 'sell' : undefined;
  if (side === undefined) throw invalid(`${at}.side`, 'should be buy or sell');
  const qty = amountFrom(`${at}.qty`, order.qty);
  const held = amountFrom(`${at}.held`, order.held);
  if (side === 'sell' && held !== qty) throw invalid(`${at}.held`, 'should be the shares that are sold');
  const placedAtUs = secondFrom(`${at}.placed_at_us`, order.placedAtUs);
  const endedAtUs = secondFrom(`${at}.ended_at_us`, order.endedAtUs);
  if (placedAtUs < openedAtUs || endedAtUs < placedAtUs) {
    throw invalid(`${at}.ended_at_us`, 'should come after it was placed, and that after the opening');
  }
  return {
    orderId: order.orderId,
    symbol: symbolFrom(`${at}.symbol`, order.symbol),
    side,
    qty: toQuantity(qty),
    limit: priceFrom(`${at}.limit_px`, order.limitPx),
    held,
    fill: priceFrom(`${at}.fill_px`, order.fillPx),
    execId: order.execId,
    placedAtUs,
    endedAtUs,
  };
}

function markFrom({ atUs, prices }: ImportedMark, index: number): Mark {
  const at = `marks[${index}]`;
  const priced = prices.map(({ symbol, price }): [string, Price] => {
    return [symbolFrom(`${at}.symbol`, symbol), toPrice(amountFrom(`${at}.price`, price))];
  });
  return { atUs: secondFrom(`${at}.at_us`, atUs), prices: new Map(priced) };
}

/** 0 is none. */
function priceFrom(field: string, value: bigint): Price | undefined {
  return value === 0n ? undefined : toPrice(amountFrom(field, value));
}

function secondFrom(field: string, us: bigint): bigint {
  const at = optionalTimeFrom(field, us);
  if (at === 0n || at % SECOND_US !== 0n) throw invalid(field, 'should be a whole second');
  return toMicros(at);
}
