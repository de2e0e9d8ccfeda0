import type { RpcClient } from '@andvari/kit/rpc/client';
import { OrderType, Side } from '@andvari/proto/engine/v1/commands';
import { type OrderServiceService, OrderState } from '@andvari/proto/order/v1/order';
import type { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';

export type PortfolioQuestions = Pick<RpcClient<typeof PortfolioServiceService>, 'listAccounts' | 'listHoldings'>;
export type OrderQuestions = Pick<RpcClient<typeof OrderServiceService>, 'listOrders'>;

/** What of a user's money and orders stands in the way of an account's end; undefined when nothing does. */
export function accountObstacle(portfolio: PortfolioQuestions, order: OrderQuestions | undefined) {
  return async (userId: string): Promise<string | undefined> => {
    for (let after = ''; ; ) {
      const page = { first: PAGE, after };
      const { accounts, pageInfo } = await portfolio.listAccounts({ userId, includeClosed: false, page });
      for (const { id, cashPosted, cashReserved } of accounts) {
        // Before all else: what an order holds cannot be taken out until it has ended.
        if (order !== undefined && (await hasOpenOrders(order, id))) return 'open_orders';
        if (cashPosted !== 0n || cashReserved !== 0n) return 'balance_remaining';
        if (await hasHoldings(portfolio, id)) return 'positions_remaining';
      }
      if (pageInfo?.hasNextPage !== true) return undefined;
      after = pageInfo.endCursor;
    }
  };
}

const PAGE = 100;

async function hasHoldings(portfolio: PortfolioQuestions, accountId: string): Promise<boolean> {
  for (let after = ''; ; ) {
    const { holdings, pageInfo } = await portfolio.listHoldings({ accountId, page: { first: PAGE, after } });
    // A position that was sold whole may still be listed for what it earned.
    if (holdings.some(({ qty }) => qty !== 0n)) return true;
    if (pageInfo?.hasNextPage !== true) return false;
    after = pageInfo.endCursor;
  }
}

async function hasOpenOrders(order: OrderQuestions, accountId: string): Promise<boolean> {
  const { orders } = await order.listOrders({
    accountId,
    state: OrderState.ORDER_STATE_OPEN,
    statuses: [],
    symbol: '',
    side: Side.SIDE_UNSPECIFIED,
    type: OrderType.ORDER_TYPE_UNSPECIFIED,
    fromUs: 0n,
    toUs: 0n,
    page: { first: 1, after: '' },
  });
  return orders.length > 0;
}
