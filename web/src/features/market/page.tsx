import { useState } from 'react';
import { useData } from '../../api/use-data.ts';
import { Block, Page, Section } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Catalogue, Movers } from './documents.ts';
import { ListsSection } from './lists-section.tsx';
import styles from './market.module.css';
import { QuoteGrid } from './quote-grid.tsx';

export function MarketsPage() {
  return (
    <Page title="Markets">
      <div className={styles.columns}>
        <div className={styles.stack}>
          <ListsSection />
          <Everything />
        </div>
        <MoversSection />
      </div>
    </Page>
  );
}

const kinds = [
  ['GAINERS', 'Gainers'],
  ['LOSERS', 'Losers'],
  ['MOST_ACTIVE', 'Active'],
] as const;

function MoversSection() {
  const [kind, setKind] = useState<(typeof kinds)[number][0]>('GAINERS');
  const { data, isLoading, error, reload } = useData(Movers, { kind });
  return (
    <Section title="Movers" side={<Segmented label="Which" options={kinds} value={kind} onPick={setKind} />}>
      <Block
        data={data?.movers}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="The movers"
        isEmpty={({ nodes }) => nodes.length === 0}
        empty="Nothing has moved yet."
      >
        {({ nodes }) => (
          <QuoteGrid
            label="Movers"
            isShort
            rows={nodes.map(({ symbol, instrument, quote }) => ({
              symbol,
              name: instrument?.name ?? '',
              tick: instrument?.tick,
              quote,
            }))}
          />
        )}
      </Block>
    </Section>
  );
}

function Everything() {
  const [after, setAfter] = useState<string | null>(null);
  const { data, isLoading, error, reload } = useData(Catalogue, { first: 30, after });
  const page = data?.instruments;
  return (
    <Section title="All instruments">
      <Block
        data={page}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="The instruments"
        isEmpty={({ nodes }) => nodes.length === 0}
        empty="There are no instruments."
      >
        {({ nodes, pageInfo }) => (
          <>
            <QuoteGrid
              label="All instruments"
              rows={nodes.map(({ symbol, name, tick, sector }) => ({ symbol, name, tick, sector, quote: undefined }))}
            />
            {pageInfo.hasNextPage && (
              <p className={styles.more}>
                <Button onClick={() => setAfter(pageInfo.endCursor)}>More</Button>
              </p>
            )}
          </>
        )}
      </Block>
    </Section>
  );
}
