import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useClient } from 'urql';
import type { AuditFilter, CheckTrailQuery, TrailQuery } from '../../api/generated/graphql.ts';
import { useData } from '../../api/use-data.ts';
import { wordsOf } from '../../text/orders.ts';
import { Block, Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { type Column, Grid } from '../../ui/grid.tsx';
import { exactTime, when } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import styles from './admin.module.css';
import { CheckTrail, Trail } from './documents.ts';

type Entry = NonNullable<TrailQuery['auditLog']>['nodes'][number];
const filters = [
  ['actor', 'Who'],
  ['action', 'Did'],
  ['entity', 'To'],
] as const;

/** Who did what to what; the hashes show whether anybody has changed it since. */
export function AuditTab() {
  const search = useSearch({ strict: false }) as Partial<Record<string, string>>;
  const navigate = useNavigate();
  const [after, setAfter] = useState<string | null>(null);
  const filter: AuditFilter = Object.fromEntries(
    filters.flatMap(([name]) =>
      search[name] === undefined ? [] : [[name, name === 'action' ? asAction(search[name]) : search[name]]],
    ),
  );
  const { data, isLoading, error, reload } = useData(Trail, { filter, first: 50, after });
  const client = useClient();
  const [checked, setChecked] = useState<CheckTrailQuery['verifyAudit'] | undefined>();
  const check = async (): Promise<void> => {
    const answer = await client
      .query<CheckTrailQuery>(String(CheckTrail), {}, { requestPolicy: 'network-only' })
      .toPromise();
    if (answer.data?.verifyAudit == null) say('The trail could not be checked');
    setChecked(answer.data?.verifyAudit);
  };
  return (
    <>
      <div className={styles.line}>
        {filters.map(([name, label]) => (
          <Field
            key={name}
            label={label}
            defaultValue={search[name] ?? ''}
            autoComplete="off"
            onBlur={(event) => {
              setAfter(null);
              void navigate({
                to: '/admin/$tab',
                params: { tab: 'audit' },
                search: { ...search, [name]: event.target.value.trim() || undefined },
                replace: true,
              } as never);
            }}
          />
        ))}
        <Button onClick={() => void check()}>Check the hashes</Button>
      </div>
      {checked != null && (
        <Notice tone={checked.intact ? 'good' : 'warn'}>
          {checked.checked} entries checked:{' '}
          {checked.intact ? 'intact' : `broken at ${checked.firstBadSequence ?? '?'}: ${checked.problem ?? ''}`}
        </Notice>
      )}
      <Block
        data={data?.auditLog}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="The audit trail"
        isEmpty={({ nodes }) => nodes.length === 0}
        empty="No entries."
      >
        {({ nodes, pageInfo }) => (
          <>
            <Grid label="Audit trail" columns={columns} rows={nodes} keyOf={({ id }) => id} />
            {pageInfo.hasNextPage && <Button onClick={() => setAfter(pageInfo.endCursor)}>Older ones</Button>}
          </>
        )}
      </Block>
    </>
  );
}

/** However somebody writes it: `order.placed` is `ORDER_PLACED`. */
const asAction = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z]+/g, '_');

const columns: Column<Entry>[] = [
  { key: 'sequence', title: '#', align: 'end', cell: ({ sequence }) => sequence },
  {
    key: 'time',
    title: 'Time',
    phone: 'start-2',
    cell: ({ occurredAt }) => <time title={exactTime(occurredAt)}>{when(occurredAt)}</time>,
  },
  { key: 'actor', title: 'Who', phone: 'end-2', cell: ({ actor }) => <code>{actor}</code> },
  { key: 'action', title: 'Did', phone: 'start', cell: ({ action }) => wordsOf(action) },
  { key: 'entity', title: 'To', gives: true, cell: ({ entity }) => <span title={entity}>{entity}</span> },
  { key: 'result', title: 'Result', phone: 'end', cell: ({ result }) => result },
];
