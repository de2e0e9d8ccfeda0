import { useEffect } from 'react';
import { useAccountData } from '../../api/account.ts';
import { useUnderway } from '../../api/orders.ts';
import { type AccountEvent, onAccountEvent } from '../../live/account-stream.ts';
import { Block, Empty } from '../../ui/block.tsx';
import { BlotterGrid } from './blotter-grid.tsx';
import { Blotter, OpenOrders } from './documents.ts';

/** The orders beneath the chart: what is open first, then the latest. */
export function OrderTab() {
  const loaded = useOrders();
  const underway = useUnderway();
  const account = loaded.data?.account;
  return (
    <Block
      data={account?.orders && { ...account, orders: account.orders }}
      isLoading={loaded.isLoading}
      error={loaded.error}
      reload={loaded.reload}
      what="Your orders"
      empty="No account yet: open one to trade."
    >
      {({ orders, currency }) =>
        orders.nodes.length === 0 && underway.length === 0 ? (
          <Empty>No orders yet. The ticket beside the chart makes the first one.</Empty>
        ) : (
          <BlotterGrid orders={orders.nodes} currency={currency} />
        )
      }
    </Block>
  );
}

/** Of all orders, however many the list beneath has read. */
export function OpenCount() {
  const { data, reload } = useAccountData(OpenOrders, {});
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = onAccountEvent(({ __typename }) => {
      if (!moves.has(__typename)) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        reload();
      }, COUNT_EVERY_MS);
    });
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [reload]);
  const open = data?.account?.blotterSummary?.open;
  return open === undefined ? null : <small>{open} open</small>;
}

/** After the first news, once for all that comes meanwhile: the count goes over every order there was. */
const COUNT_EVERY_MS = 500;
const moves = new Set<AccountEvent['__typename']>(['OrderMoved', 'SubscriptionStarted', 'Missed']);

const FIRST = 40;

const useOrders = () => useAccountData(Blotter, { filter: {}, first: FIRST, after: null });
