import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { FindUsersQuery } from '../../api/generated/graphql.ts';
import { useData, useSend } from '../../api/use-data.ts';
import { sentence } from '../../text/orders.ts';
import { Block, Empty, Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { type Column, Grid } from '../../ui/grid.tsx';
import { money } from '../../ui/number.ts';
import { dayAndTime } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import styles from './admin.module.css';
import { AccountsOf, FindUsers, RemoveFactor, Review } from './documents.ts';
import { useAct } from './use-act.ts';

type User = NonNullable<FindUsersQuery['users']>['nodes'][number];
const SHORTEST = 2;

/** People by the beginning of their address or name; a review says why, and the why is in the audit trail. */
export function UsersTab({ mayRemoveFactors, self }: { mayRemoveFactors: boolean; self: string | undefined }) {
  const [search, setSearch] = useState('');
  const [reviewing, setReviewing] = useState<User | undefined>();
  const [removing, setRemoving] = useState<User | undefined>();
  const [opened, setOpened] = useState<string | undefined>();
  const isAsked = search.length >= SHORTEST;
  const { data, isLoading, error, reload } = useData(FindUsers, { search, after: null }, { pause: !isAsked });
  const columns: Column<User>[] = [
    { key: 'email', title: 'Address', phone: 'start', cell: ({ email }) => email, order: by((user) => user.email) },
    {
      key: 'name',
      title: 'Name',
      phone: 'start-2',
      cell: ({ givenName, familyName }) => `${givenName} ${familyName}`,
      order: by((user) => user.familyName),
    },
    { key: 'country', title: 'Country', cell: ({ country }) => country ?? '–' },
    {
      key: 'since',
      title: 'Since',
      cell: ({ createdAt }) => dayAndTime(createdAt),
      order: by((user) => user.createdAt),
    },
    {
      key: 'onboarding',
      title: 'Onboarding',
      phone: 'end',
      cell: ({ onboarding }) => (
        <span title={onboarding.reason ?? undefined}>{onboardingWords[onboarding.state] ?? onboarding.state}</span>
      ),
    },
    {
      key: 'acts',
      title: '',
      align: 'end',
      phone: 'end-2',
      cell: (user) => (
        <>
          <Button
            kind="quiet"
            aria-expanded={opened === user.id}
            onClick={() => setOpened(opened === user.id ? undefined : user.id)}
          >
            More
          </Button>
          <Button kind="quiet" onClick={() => setReviewing(user)}>
            Review
          </Button>
        </>
      ),
    },
  ];
  return (
    <>
      <div className={styles.line}>
        <Field
          label="Address or name begins with"
          value={search}
          onChange={(event) => setSearch(event.target.value.trimStart())}
          maxLength={100}
          autoComplete="off"
          hint="At least two letters"
        />
      </div>
      {!isAsked ? (
        <Empty>Nobody is looked for yet.</Empty>
      ) : (
        <Block
          data={data?.users}
          isLoading={isLoading}
          error={error}
          reload={reload}
          what="The users"
          isEmpty={({ nodes }) => nodes.length === 0}
          empty="Nobody is called that."
        >
          {({ nodes }) => (
            <Grid
              label="Users"
              columns={columns}
              rows={nodes}
              keyOf={({ id }) => id}
              expanded={(user) =>
                opened === user.id ? (
                  <Details
                    user={user}
                    isSelf={user.userId === self}
                    {...(mayRemoveFactors ? { onRemoveFactor: () => setRemoving(user) } : {})}
                  />
                ) : null
              }
            />
          )}
        </Block>
      )}
      {reviewing !== undefined && <ReviewDialog user={reviewing} onClose={() => setReviewing(undefined)} />}
      {removing !== undefined && <RemoveFactorDialog user={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

const onboardingWords: Record<string, string> = {
  NEW: 'New',
  VERIFIED: 'Verified',
  APPROVED: 'Approved',
  REJECTED: 'Rejected',
};

const by =
  (value: (user: User) => string) =>
  (left: User, right: User): number =>
    value(left).localeCompare(value(right));

function Details({ user, isSelf, onRemoveFactor }: { user: User; isSelf: boolean; onRemoveFactor?: () => void }) {
  return (
    <div className={styles.details}>
      <Accounts userId={user.userId} />
      <p className={styles.ways}>
        <Link to="/admin/$tab" params={{ tab: 'audit' }} search={{ entity: `user/${user.userId}` }}>
          In the audit trail
        </Link>
        {onRemoveFactor !== undefined &&
          (isSelf ? (
            <Link to="/settings/$tab" params={{ tab: 'security' }}>
              Your own second factor
            </Link>
          ) : (
            <Button kind="danger" onClick={onRemoveFactor}>
              Remove the second factor
            </Button>
          ))}
      </p>
    </div>
  );
}

function Accounts({ userId }: { userId: string }) {
  const { data, isLoading, error, reload } = useData(AccountsOf, { userId });
  return (
    <Block
      data={data?.accounts}
      isLoading={isLoading}
      error={error}
      reload={reload}
      what="The accounts"
      isEmpty={({ nodes }) => nodes.length === 0}
      empty="No account has been opened."
    >
      {({ nodes }) => (
        <ul className={styles.nested}>
          {nodes.map(({ id, name, number, currency, cash, status }) => (
            <li key={id}>
              {name} · {number} · {money(cash, currency)} · {status.toLowerCase()}
            </li>
          ))}
        </ul>
      )}
    </Block>
  );
}

function ReviewDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const act = useAct();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const isRejected = (event.nativeEvent as SubmitEvent).submitter?.getAttribute('value') === 'reject';
    const state = isRejected ? ('REJECTED' as const) : ('APPROVED' as const);
    const input = { userId: user.userId, state, reason: formText(event.currentTarget, 'reason') };
    if (await act(Review, { input }, `${user.email} is ${isRejected ? 'rejected' : 'approved'}`)) onClose();
  };
  return (
    <Dialog title={`Review ${user.email}`} isOpen onClose={onClose}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <p>
          {user.givenName} {user.familyName}, {user.country ?? 'no country'}:{' '}
          {onboardingWords[user.onboarding.state] ?? user.onboarding.state}
          {user.onboarding.reason === null ? '' : ` (${user.onboarding.reason})`}
        </p>
        <Field label="Reason" name="reason" required maxLength={200} autoFocus />
        <p className={styles.acts}>
          <Button type="submit" kind="danger" value="reject">
            Reject
          </Button>
          <Button type="submit" kind="primary" value="approve">
            Approve
          </Button>
        </p>
      </form>
    </Dialog>
  );
}

const refusalWords: Record<string, string> = {
  factor_not_enabled: 'There is no second factor to remove: the password is enough for them already.',
  recent_sign_in_required: 'Nothing was done: your password was not confirmed.',
  user_not_found: 'Nothing was done: this user is gone.',
};

/** Says in the dialog why it was refused: whoever has somebody on the telephone reads it there. */
function RemoveFactorDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const send = useSend();
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const input = { userId: user.userId, reason: formText(event.currentTarget, 'reason') };
    setBusy(true);
    const answer = await send(RemoveFactor, { input });
    setBusy(false);
    if (!answer.ok) return setProblem(answer.trouble.message);
    const result = answer.data.removeSecondFactor;
    if (result === null || result.__typename === 'SecondFactorRemoved') {
      say(`The second factor of ${user.email} is removed`);
      return onClose();
    }
    setProblem(refusalWords[result.code] ?? sentence(result.message));
  };
  return (
    <Dialog title="Remove the second factor?" isOpen onClose={onClose}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <p>
          <strong>{user.email}</strong> will sign in with the password alone, and the recovery codes will be good for
          nothing. Password, sessions and API keys stay as they are. They are told of it.
        </p>
        <p>Only for who has lost both the device and the recovery codes. Make sure that it is really they who ask.</p>
        {problem !== '' && <Notice tone="warn">{problem}</Notice>}
        <Field
          label="Reason"
          name="reason"
          required
          maxLength={200}
          autoFocus
          hint="It stands in the audit trail until they are erased."
        />
        <p className={styles.acts}>
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" kind="danger" disabled={isBusy}>
            Remove it
          </Button>
        </p>
      </form>
    </Dialog>
  );
}
