import { type FormEvent, useState } from 'react';
import type { GrantsQuery, RoleName } from '../../api/generated/graphql.ts';
import { useData } from '../../api/use-data.ts';
import { wordsOf } from '../../text/orders.ts';
import { Block, Section } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { type Column, Grid } from '../../ui/grid.tsx';
import { dayAndTime, startOfDay } from '../../ui/time.ts';
import styles from './admin.module.css';
import { FindUsers, Grant, Grants, Revoke } from './documents.ts';
import { useAct } from './use-act.ts';

type GrantRow = NonNullable<GrantsQuery['grants']>['nodes'][number];

export function RolesTab() {
  const { data, isLoading, error, reload } = useData(Grants, { userId: null, after: null });
  const [revoking, setRevoking] = useState<GrantRow | undefined>();
  const columns: Column<GrantRow>[] = [
    {
      key: 'user',
      title: 'Who',
      phone: 'start',
      cell: ({ user }) => user?.email ?? '–',
      order: (left, right) => (left.user?.email ?? '').localeCompare(right.user?.email ?? ''),
    },
    {
      key: 'role',
      title: 'Role',
      phone: 'end',
      cell: ({ role }) => wordsOf(role),
      order: (left, right) => left.role.localeCompare(right.role),
    },
    { key: 'reason', title: 'Why', phone: 'start-2', cell: ({ reason }) => reason ?? '–' },
    { key: 'since', title: 'Since', cell: ({ grantedAt }) => dayAndTime(grantedAt) },
    {
      key: 'until',
      title: 'Until',
      cell: ({ expiresAt }) => (expiresAt === null ? 'no end' : dayAndTime(expiresAt)),
    },
    {
      key: 'acts',
      title: '',
      align: 'end',
      phone: 'end-2',
      cell: (grant) => (
        <Button kind="quiet" onClick={() => setRevoking(grant)}>
          Revoke
        </Button>
      ),
    },
  ];
  return (
    <>
      <Block
        data={data?.grants}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="The grants"
        isEmpty={({ nodes }) => nodes.length === 0}
        empty="Nobody has a role beyond that of a member."
      >
        {({ nodes }) => <Grid label="Grants" columns={columns} rows={nodes} keyOf={({ id }) => id} />}
      </Block>
      <Section title="Give a role">
        <GiveRole roles={data?.roles?.nodes ?? []} onDone={reload} />
      </Section>
      {revoking !== undefined && (
        <RevokeDialog
          grant={revoking}
          onClose={() => {
            setRevoking(undefined);
            reload();
          }}
        />
      )}
    </>
  );
}

function GiveRole({
  roles,
  onDone,
}: {
  roles: readonly { name: RoleName; description: string }[];
  onDone: () => void;
}) {
  const act = useAct();
  const [role, setRole] = useState<RoleName | undefined>();
  const [search, setSearch] = useState('');
  const { data } = useData(FindUsers, { search, after: null }, { pause: search.length < 2 });
  const found = (data?.users?.nodes ?? []).filter(({ email }) => email.startsWith(search)).slice(0, 2);
  const [only] = found.length === 1 ? found : [];
  const shown = role ?? roles[0]?.name ?? 'SUPPORT';
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (only === undefined) return;
    const form = event.currentTarget;
    const until = formText(form, 'until');
    const input = {
      userId: only.userId,
      role: shown,
      reason: formText(form, 'reason'),
      expiresAt: until === '' ? null : startOfDay(until),
    };
    if (!(await act(Grant, { input }, `${only.email} is ${wordsOf(shown)} now`))) return;
    setSearch('');
    form.reset();
    onDone();
  };
  return (
    <form className={styles.line} onSubmit={(event) => void submit(event)}>
      <Field
        label="Address"
        value={search}
        onChange={(event) => setSearch(event.target.value.trim())}
        required
        autoComplete="off"
        hint={only === undefined ? 'Enough of it to mean one person' : `${only.givenName} ${only.familyName}`}
      />
      <Choice
        label="Role"
        options={roles.map(({ name }) => [name, wordsOf(name)] as const)}
        value={shown}
        onPick={setRole}
        title={roles.find(({ name }) => name === shown)?.description}
      />
      <Field label="Reason" name="reason" required maxLength={200} />
      <Field label="Until" name="until" type="date" />
      <Button type="submit" kind="primary" disabled={only === undefined}>
        Grant
      </Button>
    </form>
  );
}

function RevokeDialog({ grant, onClose }: { grant: GrantRow; onClose: () => void }) {
  const act = useAct();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (grant.user === null) return;
    const input = { userId: grant.user.userId, role: grant.role, reason: formText(event.currentTarget, 'reason') };
    if (await act(Revoke, { input }, `${grant.user.email} is no longer ${wordsOf(grant.role)}`)) onClose();
  };
  return (
    <Dialog title={`Take ${wordsOf(grant.role)} from ${grant.user?.email ?? 'nobody'}`} isOpen onClose={onClose}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <Field label="Reason" name="reason" required maxLength={200} autoFocus />
        <p className={styles.acts}>
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" kind="danger">
            Revoke
          </Button>
        </p>
      </form>
    </Dialog>
  );
}
