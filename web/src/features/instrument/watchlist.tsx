import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useInstruments } from '../../api/instruments.ts';
import { useData } from '../../api/use-data.ts';
import { LiveQuote, useWatch } from '../../live/live-quote.tsx';
import { seedQuotes } from '../../live/market-feed.ts';
import { Block } from '../../ui/block.tsx';
import { Choice } from '../../ui/field.tsx';
import { arrow, price, signedPercent, signOf } from '../../ui/number.ts';
import { setTaste, useTaste } from '../../ui/taste.ts';
import { SideLists, SideQuotes } from './documents.ts';
import styles from './watchlist.module.css';

const EVERYTHING = 'everything';

/** What one keeps an eye on, beside the chart. Without a list of one's own: what there is. */
export function Watchlist({ symbol }: { symbol: string }) {
  const lists = useData(SideLists, {});
  const { known, ...instruments } = useInstruments();
  const { watchlist: chosen } = useTaste();
  const retry = (): void => {
    lists.reload();
    instruments.reload();
  };
  const own = lists.data?.watchlists?.nodes ?? [];
  const list =
    own.find(({ id }) => id === chosen) ??
    (chosen === EVERYTHING ? undefined : own.find(({ symbols }) => symbols.length > 0));
  const symbols = list?.symbols ?? [...known.keys()];
  const options = [...own.map(({ id, name }) => [id, name] as const), [EVERYTHING, 'All instruments'] as const];
  return (
    <section className={styles.list} aria-label="Watchlist">
      <header className={styles.head}>
        <h2>Watchlist</h2>
        <Choice
          label="Which list"
          layout="bare"
          options={options}
          value={list?.id ?? EVERYTHING}
          onPick={(watchlist) => setTaste({ watchlist })}
        />
      </header>
      <Block
        data={lists.data === undefined && instruments.data === undefined ? undefined : symbols}
        isLoading={lists.isLoading || instruments.isLoading}
        error={lists.error ?? instruments.error}
        reload={retry}
        what="Your watchlists"
        isEmpty={(all) => all.length === 0}
        empty={<p>Nothing on this list yet.</p>}
      >
        {(all) => <Rows symbols={all} names={known} here={symbol} />}
      </Block>
    </section>
  );
}

function Rows({
  symbols,
  names,
  here,
}: {
  symbols: readonly string[];
  names: ReadonlyMap<string, { name: string; tick: string }>;
  here: string;
}) {
  const shown = symbols.slice(0, 60);
  const { data } = useData(SideQuotes, { symbols: shown }, { pause: shown.length === 0 });
  useEffect(() => seedQuotes(data?.quotes ?? []), [data]);
  useWatch('quotes', shown);
  return (
    <nav className={styles.rows} aria-label="Symbols" data-list>
      {shown.map((symbol) => (
        <Link
          key={symbol}
          to="/trade/$symbol"
          params={{ symbol }}
          data-row
          className={styles.row}
          aria-current={symbol === here ? 'page' : undefined}
        >
          <strong>{symbol}</strong>
          <LiveQuote
            symbol={symbol}
            read={(quote) => price(quote.last, names.get(symbol)?.tick)}
            className={styles.price}
          />
          <small>{names.get(symbol)?.name ?? ''}</small>
          <LiveQuote
            symbol={symbol}
            read={(quote) => `${arrow[signOf(quote.change)]}${signedPercent(quote.changeRatio)}`}
            sign={(quote) => quote.change}
            className={styles.change}
          />
        </Link>
      ))}
    </nav>
  );
}
