import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useData, useMayPoll } from '../../api/use-data.ts';
import { Block, Section } from '../../ui/block.tsx';
import { type Column, Grid } from '../../ui/grid.tsx';
import { arrow, order, signedPercent, signOf } from '../../ui/number.ts';
import { MarketQuotes, WholeMarket } from './documents.ts';
import styles from './market.module.css';
import { type Sector, sectorsOf } from './sectors.ts';

const EVERY_MS = 10_000;
const network = { requestPolicy: 'cache-and-network' as const };

/** Of the whole market, from quotes that are asked for now and then: a sector is no thing that ticks. */
export function SectorsSection() {
  const market = useData(WholeMarket, {});
  const instruments = market.data?.instruments?.nodes ?? [];
  const symbols = instruments.map(({ symbol }) => symbol);
  const quotes = useData(MarketQuotes, { symbols }, { pause: symbols.length === 0, context: network });
  const mayPoll = useMayPoll();
  const { reload } = quotes;
  useEffect(() => {
    if (!mayPoll) return undefined;
    const timer = setInterval(reload, EVERY_MS);
    return () => clearInterval(timer);
  }, [mayPoll, reload]);
  const sectorOf = new Map(instruments.map(({ symbol, sector }) => [symbol, sector]));
  const sectors = quotes.data?.quotes?.map(({ symbol, changeRatio }) => ({
    symbol,
    changeRatio: changeRatio ?? '0',
    sector: sectorOf.get(symbol) ?? '',
  }));
  return (
    <Section title="Sectors">
      <Block
        data={sectors === undefined ? undefined : sectorsOf(sectors)}
        isLoading={market.isLoading || quotes.isLoading}
        error={market.error ?? quotes.error}
        reload={market.error === undefined ? reload : market.reload}
        what="The sectors"
        isEmpty={(all) => all.length === 0}
        empty="There are no prices yet."
      >
        {(all) => <Grid label="Sectors" columns={columns} rows={all} keyOf={({ name }) => name} />}
      </Block>
    </Section>
  );
}

const columns: Column<Sector>[] = [
  {
    key: 'name',
    title: 'Sector',
    phone: 'start',
    cell: ({ name, members }) => (
      <>
        {name} <small className={styles.count}>{members}</small>
      </>
    ),
    order: (left, right) => left.name.localeCompare(right.name),
  },
  {
    key: 'best',
    title: 'Best',
    phone: 'start-2',
    cell: ({ best }) => (
      <Link to="/trade/$symbol" params={{ symbol: best.symbol }} className={styles.symbol}>
        {best.symbol}
      </Link>
    ),
  },
  {
    key: 'change',
    title: 'Change',
    align: 'end',
    phone: 'end',
    cell: ({ changeRatio }) => (
      <span data-sign={signOf(changeRatio)}>
        {arrow[signOf(changeRatio)]} {signedPercent(changeRatio)}
      </span>
    ),
    order: (left, right) => order(left.changeRatio, right.changeRatio),
  },
];
