import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { useData } from '../../api/use-data.ts';
import { LiveQuote, useWatch } from '../../live/live-quote.tsx';
import { type Quote, quoteTopic, seedQuotes } from '../../live/market-feed.ts';
import { type Column, Grid } from '../../ui/grid.tsx';
import { arrow, compact, order, price, signedPercent, signOf } from '../../ui/number.ts';
import { MarketQuotes } from './documents.ts';
import styles from './market.module.css';

export interface QuoteRow {
  symbol: string;
  name: string;
  tick?: string | undefined;
  sector?: string;
  quote?: Quote | null | undefined;
}

/** Symbols with their live numbers. A sort goes by the numbers of the moment in which it is asked for; rows do not jump by themselves. */
export function QuoteGrid({
  label,
  rows,
  isShort = false,
  acts,
}: {
  label: string;
  rows: readonly QuoteRow[];
  isShort?: boolean;
  acts?: (row: QuoteRow, at: number) => ReactNode;
}) {
  const navigate = useNavigate();
  const symbols = rows.map(({ symbol }) => symbol).slice(0, 100);
  const { data } = useData(MarketQuotes, { symbols }, { pause: symbols.length === 0 });
  useEffect(() => seedQuotes([...rows.map(({ quote }) => quote), ...(data?.quotes ?? [])]), [data, rows]);
  useWatch('quotes', symbols);
  const live =
    (read: (quote: Quote, row: QuoteRow) => string, sign?: (quote: Quote) => string | null) => (row: QuoteRow) => (
      <LiveQuote
        symbol={row.symbol}
        read={(quote) => read(quote, row)}
        {...(sign === undefined ? {} : { sign })}
        className={styles.live}
      />
    );
  const by =
    (value: (quote: Quote) => string | null) =>
    (left: QuoteRow, right: QuoteRow): number => {
      const [a, b] = [left, right].map(({ symbol }) => quoteTopic(symbol).value);
      return order((a && value(a)) ?? '0', (b && value(b)) ?? '0');
    };
  const columns: Column<QuoteRow>[] = [
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
    {
      key: 'name',
      title: 'Name',
      phone: 'start-2',
      gives: true,
      cell: ({ name }) => (
        <span className={styles.name} title={name}>
          {name}
        </span>
      ),
      order: (left, right) => left.name.localeCompare(right.name),
    },
    {
      key: 'last',
      title: 'Last',
      align: 'end',
      phone: 'end',
      cell: live((quote, { tick }) => price(quote.last, tick)),
      order: by((quote) => quote.last),
    },
    {
      key: 'change',
      title: 'Change',
      align: 'end',
      phone: 'end-2',
      cell: live(
        (quote) => `${arrow[signOf(quote.change)]} ${signedPercent(quote.changeRatio)}`,
        (quote) => quote.change,
      ),
      order: by((quote) => quote.changeRatio),
    },
    ...(isShort
      ? []
      : ([
          {
            key: 'bid',
            title: 'Bid',
            align: 'end',
            spare: true,
            cell: live((quote, { tick }) => price(quote.bid, tick)),
          },
          {
            key: 'ask',
            title: 'Ask',
            align: 'end',
            spare: true,
            cell: live((quote, { tick }) => price(quote.ask, tick)),
          },
          {
            key: 'volume',
            title: 'Volume',
            align: 'end',
            cell: live((quote) => compact(quote.volume)),
            order: by((quote) => quote.volume),
          },
        ] satisfies Column<QuoteRow>[])),
    ...(acts === undefined
      ? []
      : [
          {
            key: 'acts',
            title: '',
            align: 'end' as const,
            phone: 'below' as const,
            cell: (row: QuoteRow) => acts(row, rows.indexOf(row)),
          },
        ]),
  ];
  return (
    <Grid
      label={label}
      columns={columns}
      rows={rows}
      keyOf={({ symbol }) => symbol}
      onOpen={({ symbol }) => void navigate({ to: '/trade/$symbol', params: { symbol } } as never)}
      rowLabel={({ symbol, name }) => `${symbol}, ${name}`}
    />
  );
}
