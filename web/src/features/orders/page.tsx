import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccountData } from '../../api/account.ts';
import type { OrderFilter } from '../../api/generated/graphql.ts';
import { isOpen } from '../../api/order-states.ts';
import { useSend } from '../../api/use-data.ts';
import { Block, Page } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { symbolIn } from '../../ui/symbol.ts';
import { startOfDay } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import { BlotterGrid } from './blotter-grid.tsx';
import { Blotter, CancelAll } from './documents.ts';
import styles from './orders.module.css';

const states = [
  ['ALL', 'All'],
  ['OPEN', 'Open'],
  ['CLOSED', 'Ended'],
] as const;

export function OrdersPage() {
  const search = useSearch({ strict: false }) as {
    state?: string;
    symbol?: string;
    from?: string;
    order?: string;
  };
  const navigate = useNavigate();
  const send = useSend();
  const [after, setAfter] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const state = states.find(([each]) => each === search.state)?.[0] ?? 'ALL';
  const symbol = symbolIn(search.symbol);
  const filter: OrderFilter = {
    state,
    ...(symbol === undefined ? {} : { symbol }),
    ...(search.from === undefined ? {} : { from: startOfDay(search.from) }),
  };
  const { account, ...loaded } = useAccountData(Blotter, { filter, first: 50, after });
  const set = (change: Record<string, string | undefined>): void => {
    setAfter(null);
    void navigate({ to: '/orders', search: { ...search, ...change }, replace: true } as never);
  };
  const cancelAll = async (): Promise<void> => {
    setAsking(false);
    const answer = await send(CancelAll, {
      accountId: account?.accountId ?? '',
      symbol: symbol ?? null,
    });
    if (!answer.ok) return say(answer.trouble.message);
    const result = answer.data.cancelAllOrders;
    if (result?.__typename === 'CancelledOrders')
      say(`${result.requested} orders are being cancelled${result.hasMore ? '; there are more' : ''}`);
    else if (result !== null && result !== undefined) say(result.message);
  };
  const orders = loaded.data?.account?.orders;
  const open = (orders?.nodes ?? []).filter(isOpen).length;
  return (
    <Page
      title="Orders"
      side={
        <Button kind="danger" disabled={open === 0} onClick={() => setAsking(true)}>
          Cancel all{symbol === undefined ? '' : ` of ${symbol}`}
        </Button>
      }
    >
      <div className={styles.filters}>
        <Segmented
          label="Which orders"
          options={states}
          value={state}
          onPick={(next) => set({ state: next === 'ALL' ? undefined : next })}
        />
        <Field
          label="Symbol"
          layout="inline"
          defaultValue={search.symbol ?? ''}
          problem={search.symbol !== undefined && symbol === undefined ? 'Not a symbol.' : undefined}
          onBlur={(event) => set({ symbol: event.target.value.trim() || undefined })}
        />
        <Field
          label="Since"
          layout="inline"
          type="date"
          value={search.from ?? ''}
          onChange={(event) => set({ from: event.target.value || undefined })}
        />
      </div>
      <Block
        data={loaded.data?.account?.orders && loaded.data.account}
        isLoading={loaded.isLoading}
        error={loaded.error}
        reload={loaded.reload}
        what="Your orders"
        isEmpty={({ orders: all }) => all?.nodes.length === 0}
        empty="No orders here. The ticket on a trade page makes them."
      >
        {({ currency }) => (
          <BlotterGrid
            orders={orders?.nodes ?? []}
            currency={currency}
            symbol={symbol}
            opened={search.order}
            onOpened={(order) => void navigate({ to: '/orders', search: { ...search, order }, replace: true } as never)}
          />
        )}
      </Block>
      {orders?.pageInfo.hasNextPage === true && (
        <Button onClick={() => setAfter(orders.pageInfo.endCursor)}>Older ones</Button>
      )}
      <Dialog title="Cancel all open orders?" isOpen={asking} onClose={() => setAsking(false)}>
        <p>
          Every open order{symbol === undefined ? '' : ` of ${symbol}`} is asked to be cancelled. Those that fill first
          stay filled.
        </p>
        <p className={styles.dialogActs}>
          <Button autoFocus onClick={() => setAsking(false)}>
            Keep them
          </Button>
          <Button kind="danger" onClick={() => void cancelAll()}>
            Cancel all
          </Button>
        </p>
      </Dialog>
    </Page>
  );
}
