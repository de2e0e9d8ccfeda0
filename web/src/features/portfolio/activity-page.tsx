import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ActivityFilter, ActivityType } from '../../api/generated/graphql.ts';
import { Page } from '../../ui/block.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { type Activity, ActivityGrid } from './activity-grid.tsx';
import { activityWords, csvOf } from './activity-rules.ts';
import styles from './portfolio.module.css';

const types = [['', 'Everything'], ...Object.entries(activityWords).filter(([type]) => type !== 'UNKNOWN')] as [
  string,
  string,
][];

export function ActivityPage() {
  const search = useSearch({ strict: false }) as { type?: string; symbol?: string; from?: string };
  const navigate = useNavigate();
  const set = (change: Record<string, string | undefined>): void =>
    void navigate({ to: '/activity', search: { ...search, ...change }, replace: true } as never);
  const filter: ActivityFilter = {
    ...(search.type !== undefined && search.type in activityWords ? { types: [search.type as ActivityType] } : {}),
    ...(search.symbol === undefined ? {} : { symbol: search.symbol.toUpperCase() }),
    ...(search.from === undefined ? {} : { from: `${search.from}T00:00:00Z` }),
  };
  return (
    <Page title="Activity">
      <div className={styles.filters}>
        <Choice
          label="What"
          layout="row"
          options={types}
          value={search.type ?? ''}
          onPick={(type) => set({ type: type || undefined })}
        />
        <Field
          label="Symbol"
          layout="row"
          defaultValue={search.symbol ?? ''}
          onBlur={(event) => set({ symbol: event.target.value.trim() || undefined })}
        />
        <Field
          label="Since"
          layout="row"
          type="date"
          value={search.from ?? ''}
          onChange={(event) => set({ from: event.target.value || undefined })}
        />
      </div>
      <ActivityGrid key={JSON.stringify(filter)} filter={filter} onRows={save} />
    </Page>
  );
}

function save(rows: readonly Activity[]): void {
  const text = csvOf(
    rows.map(({ occurredAt, type, symbol, quantity, price, amount, currency, realizedPnl, reference }) => ({
      time: occurredAt,
      type,
      symbol,
      quantity,
      price,
      amount,
      currency,
      realizedPnl,
      reference,
    })),
  );
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: 'activity.csv' });
  link.click();
  URL.revokeObjectURL(url);
}
