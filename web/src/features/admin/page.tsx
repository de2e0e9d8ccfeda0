import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import type { CheckTrailQuery } from '../../api/generated/graphql.ts';
import { useData, useSend } from '../../api/use-data.ts';
import { Block, Notice, Page, Section } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { type Column, Grid } from '../../ui/grid.tsx';
import { exactTime, when } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import styles from './admin.module.css';
import { CheckTrail, Grant, Halt, Resume, Trail } from './documents.ts';

/** What operators do from here: halts, roles and the trail of who did what. Each act says why, and the why is in the trail. */
export function AdminPage() {
  return (
    <Page title="Administration">
      <Section title="Halts">
        <Halts />
      </Section>
      <Section title="Roles">
        <Grants />
      </Section>
      <AuditTrail />
    </Page>
  );
}

function Halts() {
  const send = useSend();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const symbol = formText(form, 'symbol').toUpperCase();
    const isResume = (event.nativeEvent as SubmitEvent).submitter?.getAttribute('value') === 'resume';
    const answer = isResume
      ? await send(Resume, { symbol })
      : await send(Halt, { input: { symbol, reason: formText(form, 'reason') } });
    if (!answer.ok) return say(answer.trouble.message);
    const [result] = Object.values(answer.data) as ({ message?: string } | null)[];
    say(result?.message ?? `${symbol} ${isResume ? 'trades again' : 'is halted'}`);
  };
  return (
    <form className={styles.line} onSubmit={(event) => void submit(event)}>
      <Field label="Symbol" name="symbol" required />
      <Field label="Reason" name="reason" required />
      <Button type="submit" kind="danger" value="halt">
        Halt
      </Button>
      <Button type="submit" value="resume">
        Resume
      </Button>
    </form>
  );
}

function Grants() {
  const send = useSend();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const until = formText(form, 'until');
    const answer = await send(Grant, {
      input: {
        userId: formText(form, 'user'),
        role: formText(form, 'role'),
        reason: formText(form, 'reason'),
        expiresAt: until === '' ? null : `${until}T00:00:00Z`,
      },
    });
    if (!answer.ok) return say(answer.trouble.message);
    const result = answer.data.grantRole;
    say(result !== null && result.__typename !== 'Grant' ? result.message : 'Granted');
  };
  return (
    <form className={styles.line} onSubmit={(event) => void submit(event)}>
      <Field label="User id" name="user" required />
      <Field label="Role" name="role" required />
      <Field label="Reason" name="reason" required />
      <Field label="Until" name="until" type="date" />
      <Button type="submit">Grant</Button>
    </form>
  );
}

function AuditTrail() {
  const [after, setAfter] = useState<string | null>(null);
  const { data, isLoading, error, reload } = useData(Trail, { filter: {}, first: 50, after });
  const client = useClient();
  const [checked, setChecked] = useState<CheckTrailQuery['verifyAudit'] | undefined>();
  const check = async (): Promise<void> => {
    const answer = await client
      .query<CheckTrailQuery>(String(CheckTrail), {}, { requestPolicy: 'network-only' })
      .toPromise();
    setChecked(answer.data?.verifyAudit);
  };
  return (
    <Section title="Audit trail" side={<Button onClick={() => void check()}>Check the hashes</Button>}>
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
    </Section>
  );
}

interface Entry {
  id: string;
  sequence: string;
  occurredAt: string;
  actor: string;
  action: string;
  entity: string;
  result: string;
}

const columns: Column<Entry>[] = [
  { key: 'sequence', title: '#', align: 'end', cell: ({ sequence }) => sequence },
  {
    key: 'time',
    title: 'Time',
    phone: 'start-2',
    cell: ({ occurredAt }) => <time title={exactTime(occurredAt)}>{when(occurredAt)}</time>,
  },
  { key: 'actor', title: 'Who', phone: 'end-2', cell: ({ actor }) => <code>{actor}</code> },
  { key: 'action', title: 'Did', phone: 'start', cell: ({ action }) => action },
  { key: 'entity', title: 'To', cell: ({ entity }) => entity },
  { key: 'result', title: 'Result', phone: 'end', cell: ({ result }) => result },
];
