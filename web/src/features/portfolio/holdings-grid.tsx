import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccountData } from '../../api/account.ts';
import type { HoldingsQuery } from '../../api/generated/graphql.ts';
import { useData } from '../../api/use-data.ts';
import { Amount } from '../../ui/amount.tsx';
import { Block } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { type Column, Grid } from '../../ui/grid.tsx';
import {
  arrow,
  money,
  order,
  percent,
  price,
  quantity,
  ratioOf,
  signedMoney,
  signedPercent,
  signOf,
} from '../../ui/number.ts';
import { day } from '../../ui/time.ts';
import { Holdings, Lots } from './documents.ts';
import styles from './portfolio.module.css';

type Account = NonNullable<HoldingsQuery['account']>;
type Holding = NonNullable<Account['holdings']>['nodes'][number];

export function HoldingsGrid({ isShort = false, equity }: { isShort?: boolean; equity?: string | undefined }) {
  const { data, isLoading, error, reload } = useAccountData(Holdings, {});
  return (
    <Block
      data={data?.account?.holdings && data.account}
      isLoading={isLoading}
      error={error}
      reload={reload}
      what="Your positions"
      isEmpty={({ holdings }) => holdings?.nodes.length === 0}
      empty="No positions. What you buy is here."
    >
      {({ accountId, currency, holdings }) => (
        <HoldingRows
          accountId={accountId}
          currency={currency}
          holdings={holdings?.nodes ?? []}
          isShort={isShort}
          equity={equity}
        />
      )}
    </Block>
  );
}

function HoldingRows({
  accountId,
  currency,
  holdings,
  isShort,
  equity,
}: {
  accountId: string;
  currency: string;
  holdings: readonly Holding[];
  isShort: boolean;
  equity: string | undefined;
}) {
  const [opened, setOpened] = useState<string | undefined>();
  const navigate = useNavigate();
  const by =
    (value: (holding: Holding) => string | null) =>
    (left: Holding, right: Holding): number =>
      order(value(left) ?? '0', value(right) ?? '0');
  const columns: Column<Holding>[] = [
    {
      key: 'symbol',
      title: 'Symbol',
      phone: 'start',
      cell: ({ symbol }) => (
        <Link to="/trade/$symbol" params={{ symbol }} className={styles.symbol}>
          {symbol}
        </Link>
      ),
      order: (left, right) => left.symbol.localeCompare(right.symbol),
    },
    ...(isShort
      ? []
      : [
          {
            key: 'name',
            title: 'Name',
            gives: true,
            cell: ({ instrument }: Holding) => <span className={styles.name}>{instrument?.name ?? ''}</span>,
          },
        ]),
    {
      key: 'quantity',
      title: 'Quantity',
      align: 'end',
      phone: 'start-2',
      cell: (each) => <Amount>{quantity(each.quantity)}</Amount>,
      order: by((each) => each.quantity),
    },
    {
      key: 'average',
      title: 'Average cost',
      align: 'end',
      spare: true,
      cell: (each) => price(each.averageCost),
      order: by((each) => each.averageCost),
    },
    {
      key: 'value',
      title: 'Value',
      align: 'end',
      phone: 'end',
      cell: (each) => <Amount>{money(each.marketValue, currency)}</Amount>,
      order: by((each) => each.marketValue),
    },
    ...(equity === undefined
      ? []
      : [
          {
            key: 'share',
            title: 'Share',
            align: 'end' as const,
            spare: true,
            cell: (each: Holding) => (each.marketValue === null ? '–' : percent(ratioOf(each.marketValue, equity))),
          },
        ]),
    {
      key: 'unrealized',
      title: 'Unrealised',
      align: 'end',
      phone: 'end-2',
      cell: (each) => (
        <span data-sign={signOf(each.unrealizedPnl)}>
          <Amount>{signedMoney(each.unrealizedPnl, currency)}</Amount> {arrow[signOf(each.unrealizedPnl)]}{' '}
          {signedPercent(each.unrealizedRatio)}
        </span>
      ),
      order: by((each) => each.unrealizedPnl),
    },
    {
      key: 'day',
      title: 'Today',
      align: 'end',
      cell: (each) => (
        <span data-sign={signOf(each.dayPnl)}>
          <Amount>{signedMoney(each.dayPnl, currency)}</Amount>
        </span>
      ),
      order: by((each) => each.dayPnl),
    },
    {
      key: 'acts',
      title: '',
      align: 'end',
      phone: 'below',
      cell: (each) => (
        <span className={styles.acts}>
          {!isShort && (
            <Button
              kind="quiet"
              aria-expanded={opened === each.symbol}
              onClick={() => setOpened(opened === each.symbol ? undefined : each.symbol)}
            >
              Lots
            </Button>
          )}
          <Button
            kind="quiet"
            onClick={() =>
              void navigate({
                to: '/trade/$symbol',
                params: { symbol: each.symbol },
                search: { side: 'sell', quantity: each.quantityAvailable },
              } as never)
            }
          >
            Sell
          </Button>
        </span>
      ),
    },
  ];
  return (
    <Grid
      label="Positions"
      columns={columns}
      rows={holdings}
      keyOf={(each) => each.id}
      onOpen={({ symbol }) => void navigate({ to: '/trade/$symbol', params: { symbol } } as never)}
      rowLabel={(each) => `${quantity(each.quantity)} ${each.symbol}`}
      expanded={(each) =>
        opened === each.symbol ? <OpenLots accountId={accountId} symbol={each.symbol} currency={currency} /> : null
      }
      defaultSorting={{ key: 'value', direction: 'down' }}
    />
  );
}

/** In the order in which they are sold: first in, first out. */
function OpenLots({ accountId, symbol, currency }: { accountId: string; symbol: string; currency: string }) {
  const { data, isLoading, error, reload } = useData(Lots, { accountId, symbol });
  return (
    <Block
      data={data?.account?.lots}
      isLoading={isLoading}
      error={error}
      reload={reload}
      what="The lots"
      isEmpty={({ nodes }) => nodes.length === 0}
      empty="No open lots."
    >
      {({ nodes }) => (
        <ol className={styles.lots}>
          {nodes.map((lot, at) => (
            <li key={lot.id}>
              <span>{at + 1}.</span>
              <span>{day(lot.openedAt)}</span>
              <span>
                <Amount>
                  {quantity(lot.quantityRemaining)} of {quantity(lot.quantityOpened)}
                </Amount>
              </span>
              <span>
                cost <Amount>{money(lot.costRemaining, currency)}</Amount>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Block>
  );
}
