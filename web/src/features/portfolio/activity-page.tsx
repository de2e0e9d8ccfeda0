import { useNavigate, useSearch } from '@tanstack/react-router';
import type { MouseEvent } from 'react';
import { useAccountData } from '../../api/account.ts';
import type { ActivityFilter, ActivityType } from '../../api/generated/graphql.ts';
import { Block, Page, Section } from '../../ui/block.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { symbolIn } from '../../ui/symbol.ts';
import { monthName, startOfDay } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import { ActivityGrid } from './activity-grid.tsx';
import { activityWords } from './activity-rules.ts';
import { StatementFiles } from './documents.ts';
import styles from './portfolio.module.css';
import { takeFile } from './take-file.ts';

const types = [['', 'Everything'], ...Object.entries(activityWords).filter(([type]) => type !== 'UNKNOWN')] as [
  string,
  string,
][];

export function ActivityPage() {
  const search = useSearch({ strict: false }) as { type?: string; symbol?: string; from?: string };
  const navigate = useNavigate();
  const set = (change: Record<string, string | undefined>): void =>
    void navigate({ to: '/activity', search: { ...search, ...change }, replace: true } as never);
  const symbol = symbolIn(search.symbol);
  const filter: ActivityFilter = {
    ...(search.type !== undefined && search.type in activityWords ? { types: [search.type as ActivityType] } : {}),
    ...(symbol === undefined ? {} : { symbol }),
    ...(search.from === undefined ? {} : { from: startOfDay(search.from) }),
  };
  return (
    <Page title="Activity">
      <div className={styles.filters}>
        <Choice
          label="What"
          layout="inline"
          options={types}
          value={search.type ?? ''}
          onPick={(type) => set({ type: type || undefined })}
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
      <ActivityGrid key={JSON.stringify(filter)} filter={filter} />
      <Statements />
    </Page>
  );
}

/** One file for each month in which anything happened, with the balance after every line: the gateway makes it. */
function Statements() {
  const { data, isLoading, error, reload } = useAccountData(StatementFiles, {});
  return (
    <Section title="Statements">
      <Block
        data={data?.account?.statements?.nodes}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="Your statements"
        isEmpty={(months) => months.length === 0}
        empty="The first comes with the first activity."
      >
        {(months) => (
          <p className={styles.months}>
            {months.map(({ month, path }) => (
              <a key={month} href={path} download onClick={(event) => void take(event, path)}>
                {monthName(month)}
              </a>
            ))}
          </p>
        )}
      </Block>
    </Section>
  );
}

async function take(event: MouseEvent, path: string): Promise<void> {
  event.preventDefault();
  if (!(await takeFile(path))) say('The statement could not be read; try again in a moment');
}
