import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccountData } from '../../api/account.ts';
import type { ActivitiesQuery, ActivityFilter } from '../../api/generated/graphql.ts';
import { Amount } from '../../ui/amount.tsx';
import { Block } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { type Column, Grid } from '../../ui/grid.tsx';
import { money, price, quantity, signedMoney, signOf } from '../../ui/number.ts';
import { exactTime, when } from '../../ui/time.ts';
import { activityWords, originOf, withBalances } from './activity-rules.ts';
import { Activities } from './documents.ts';
import styles from './portfolio.module.css';

export type Activity = NonNullable<NonNullable<ActivitiesQuery['account']>['activities']>['nodes'][number];
type Row = Activity & { balance: string | undefined };

const FIRST = 50;

/** The ledger in the reader's words, newest first; the balance stands beside where nothing is filtered out. */
export function ActivityGrid({ filter }: { filter: ActivityFilter }) {
  const [after, setAfter] = useState<string | null>(null);
  const { data, isLoading, error, reload } = useAccountData(Activities, { filter, first: FIRST, after });
  const page = data?.account?.activities;
  const isWhole = Object.keys(filter).length === 0;
  return (
    <Block
      data={data?.account?.activities && data.account}
      isLoading={isLoading}
      error={error}
      reload={reload}
      what="Your activity"
      isEmpty={({ activities }) => activities?.nodes.length === 0}
      empty="Nothing has happened here yet."
    >
      {({ cash, currency }) => {
        const rows = withBalances(page?.nodes ?? [], isWhole ? cash : undefined);
        return (
          <>
            <Grid label="Activity" columns={columnsOf(currency, isWhole)} rows={rows} keyOf={(row) => row.id} />
            <p className={styles.below}>
              {page?.pageInfo.hasNextPage === true && (
                <Button onClick={() => setAfter(page.pageInfo.endCursor)}>Older ones</Button>
              )}
            </p>
          </>
        );
      }}
    </Block>
  );
}

function columnsOf(currency: string, hasBalance: boolean): Column<Row>[] {
  return [
    {
      key: 'time',
      title: 'Time',
      phone: 'start-2',
      cell: ({ occurredAt }) => (
        <time dateTime={occurredAt} title={exactTime(occurredAt)}>
          {when(occurredAt)}
        </time>
      ),
    },
    {
      key: 'type',
      title: 'What',
      phone: 'start',
      cell: (row) => {
        const words = `${activityWords[row.type] ?? row.type}${row.symbol === null ? '' : ` ${row.symbol}`}`;
        const from = originOf(row);
        return from === undefined ? words : <Link {...(from as { to: string })}>{words}</Link>;
      },
    },
    {
      key: 'symbol',
      title: 'Symbol',
      cell: ({ symbol }) =>
        symbol === null ? (
          ''
        ) : (
          <Link to="/trade/$symbol" params={{ symbol }} className={styles.symbol}>
            {symbol}
          </Link>
        ),
    },
    {
      key: 'quantity',
      title: 'Quantity',
      align: 'end',
      cell: (row) => (row.quantity === null ? '' : quantity(row.quantity)),
    },
    { key: 'price', title: 'Price', align: 'end', cell: (row) => (row.price === null ? '' : price(row.price)) },
    {
      key: 'amount',
      title: 'Amount',
      align: 'end',
      phone: 'end',
      cell: (row) => (
        <span data-sign={signOf(row.amount)}>
          <Amount>{signedMoney(row.amount, currency)}</Amount>
        </span>
      ),
    },
    {
      key: 'realized',
      title: 'Realised',
      align: 'end',
      cell: (row) => (row.realizedPnl === null ? '' : <Amount>{signedMoney(row.realizedPnl, currency)}</Amount>),
    },
    ...(hasBalance
      ? [
          {
            key: 'balance',
            title: 'Cash after',
            align: 'end' as const,
            phone: 'end-2' as const,
            cell: (row: Row) => <Amount>{money(row.balance, currency)}</Amount>,
          },
        ]
      : []),
  ];
}
