import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useClient } from 'urql';
import { useAccounts } from '../../api/account.ts';
import type { ActivityFilter, ActivityType } from '../../api/generated/graphql.ts';
import { Page, Section } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { symbolIn } from '../../ui/symbol.ts';
import { monthName } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import { ActivityGrid } from './activity-grid.tsx';
import { activityWords } from './activity-rules.ts';
import styles from './portfolio.module.css';
import { monthsSince, statementOf } from './statement.ts';

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
    ...(search.from === undefined ? {} : { from: `${search.from}T00:00:00Z` }),
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

/** One file for each month, with the balance after every line. */
function Statements() {
  const { account } = useAccounts();
  const client = useClient();
  const [openedHereMs] = useState(Date.now);
  const [busy, setBusy] = useState<string | undefined>();
  if (account === undefined) return null;
  const fetchOne = async (month: string): Promise<void> => {
    setBusy(month);
    const text = await statementOf(client, account.accountId, month);
    setBusy(undefined);
    if (text === undefined) say('The statement could not be made; try again in a moment');
    else saveFile(`statement-${account.number}-${month}.csv`, text);
  };
  return (
    <Section title="Statements">
      <p className={styles.months}>
        {monthsSince(account.openedAt, openedHereMs)
          .slice(0, MOST_MONTHS)
          .map((month) => (
            <Button key={month} disabled={busy !== undefined} onClick={() => void fetchOne(month)}>
              {busy === month ? 'Reading…' : monthName(month)}
            </Button>
          ))}
      </p>
    </Section>
  );
}

const MOST_MONTHS = 24;

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
