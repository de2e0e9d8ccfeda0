import { useState } from 'react';
import type { InstrumentFilter } from '../../api/generated/graphql.ts';
import { useData } from '../../api/use-data.ts';
import { Block, Page, Section } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { CalendarSection } from './calendar-section.tsx';
import { Catalogue, Movers } from './documents.ts';
import { ListsSection } from './lists-section.tsx';
import styles from './market.module.css';
import { QuoteGrid } from './quote-grid.tsx';
import { SectorsSection } from './sectors-section.tsx';

export function MarketsPage() {
  return (
    <Page title="Markets">
      <div className={styles.columns}>
        <div className={styles.stack}>
          <ListsSection />
          <Everything title="Indices and funds" filter={funds} />
          <Everything title="Shares" filter={shares} />
        </div>
        <div className={styles.stack}>
          <MoversSection />
          <SectorsSection />
          <CalendarSection />
        </div>
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

const funds: InstrumentFilter = { type: 'ETF' };
const shares: InstrumentFilter = { type: 'EQUITY' };

function Everything({ title, filter }: { title: string; filter: InstrumentFilter }) {
  const [after, setAfter] = useState<string | null>(null);
  const { data, isLoading, error, reload } = useData(Catalogue, { first: 30, after, filter });
  const page = data?.instruments;
  return (
    <Section title={title}>
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
              label={title}
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
