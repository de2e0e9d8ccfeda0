import { useAccounts } from '../../api/account.ts';
import { useUnderway } from '../../api/orders.ts';
import { useData } from '../../api/use-data.ts';
import { Block, Empty } from '../../ui/block.tsx';
import { BlotterGrid } from './blotter-grid.tsx';
import { Blotter } from './documents.ts';
import { isOpen } from './rows.ts';

/** The orders beneath the chart: what is open first, then the latest. */
export function OrderTab() {
  const { account } = useAccounts();
  const loaded = useOrders(account?.accountId);
  const underway = useUnderway();
  return (
    <Block
      data={loaded.data?.account}
      isLoading={loaded.isLoading}
      error={loaded.error}
      reload={loaded.reload}
      what="Your orders"
      empty="No account yet: open one to trade."
    >
      {({ orders, currency }) =>
        orders?.nodes.length === 0 && underway.length === 0 ? (
          <Empty>No orders yet. The ticket beside the chart makes the first one.</Empty>
        ) : (
          <BlotterGrid orders={orders?.nodes ?? []} currency={currency} />
        )
      }
    </Block>
  );
}

export function OpenCount() {
  const { account } = useAccounts();
  const { data } = useOrders(account?.accountId);
  const orders = data?.account?.orders;
  const count = orders?.nodes.filter(isOpen).length ?? 0;
  // Of the first page: what is behind it may be open as well.
  return (
    <small>
      {count}
      {orders?.pageInfo.hasNextPage === true && '+'} open
    </small>
  );
}

const FIRST = 40;

function useOrders(accountId: string | undefined) {
  return useData(
    Blotter,
    { accountId: accountId ?? '', filter: {}, first: FIRST, after: null },
    { pause: accountId === undefined },
  );
}
