import { CURRENCIES } from '@andvari/money/currency';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { WelcomeQuery } from '../../api/generated/graphql.ts';
import { newIntentId } from '../../api/sends.ts';
import { useData, useSend } from '../../api/use-data.ts';
import { Block, Notice, Page } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { countries } from '../../ui/country.ts';
import { Choice, Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { DevelopmentMailbox } from './development-mailbox.tsx';
import { Welcome, WelcomeOpenAccount, WelcomeProfile } from './documents.ts';
import styles from './identity.module.css';
import { type StepState, stepsOf } from './steps.ts';

export function WelcomePage() {
  const { data, isLoading, error, reload } = useData(Welcome, {});
  return (
    <Page title="Welcome" side={<Link to="/">Look around first</Link>}>
      <p>Four steps to your first order. Until then everything can be looked at.</p>
      <Block data={data?.me} isLoading={isLoading} error={error} reload={reload} what="Your account">
        {(me) => <Steps me={me} accounts={data?.accounts?.nodes ?? []} reload={reload} />}
      </Block>
    </Page>
  );
}

type Me = NonNullable<WelcomeQuery['me']>;
type Accounts = NonNullable<WelcomeQuery['accounts']>['nodes'];

function Steps({ me, accounts, reload }: { me: Me; accounts: Accounts; reload: () => void }) {
  const steps = stepsOf(me, accounts);
  return (
    <ol className={styles.steps}>
      <Step number={1} title="Your profile" state={steps.profile}>
        {steps.profile === 'now' ? <ProfileForm me={me} /> : `${me.givenName} ${me.familyName}`}
      </Step>
      <Step number={2} title="Your address" state={steps.verified}>
        {steps.verified === 'done' ? (
          `${me.email} is verified.`
        ) : (
          <>
            <p>A letter with a link went to {me.email}.</p>
            <p>
              <DevelopmentMailbox to={me.email} /> <Link to="/verify">Enter its code</Link> ·{' '}
              <button type="button" className="link" onClick={reload}>
                I have done it
              </button>
            </p>
          </>
        )}
      </Step>
      <Step number={3} title="Open an account" state={steps.account}>
        {me.onboarding.state === 'REJECTED' && (
          <Notice tone="warn">Rejected: {me.onboarding.reason ?? 'no reason was given'}</Notice>
        )}
        {steps.account === 'now' && <OpenAccountForm onDone={reload} />}
        {steps.account === 'done' && accounts.map(({ name, currency }) => `${name}, ${currency}`).join(' · ')}
      </Step>
      <Step number={4} title="First deposit" state={steps.deposit}>
        {steps.deposit === 'now' && <Link to="/funding">Deposit money</Link>}
        {steps.deposit === 'done' && (
          <>
            All is ready. <Link to="/">To the markets</Link>
          </>
        )}
      </Step>
    </ol>
  );
}

const stateWords: Record<StepState, string> = { done: 'Done', now: 'Next', later: 'Later' };

function Step({
  number,
  title,
  state,
  children,
}: {
  number: number;
  title: string;
  state: StepState;
  children: ReactNode;
}) {
  return (
    <li className={styles.step}>
      <span className={styles.mark} data-state={state} aria-hidden="true">
        {state === 'done' ? '✓' : number}
      </span>
      <h2>{title}</h2>
      <span className={styles.state}>{stateWords[state]}</span>
      <div>{children}</div>
    </li>
  );
}

function ProfileForm({ me }: { me: Me }) {
  const send = useSend();
  const [problem, setProblem] = useState('');
  const [country, setCountry] = useState(me.country ?? '');
  const [all] = useState(() => [['', 'Pick one'] as const, ...countries()]);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const answer = await send(WelcomeProfile, {
      input: {
        givenName: formText(form, 'givenName'),
        familyName: formText(form, 'familyName'),
        country,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        expectedVersion: me.version,
      },
    });
    const result = answer.ok ? answer.data.updateProfile : null;
    if (!answer.ok) setProblem(answer.trouble.message);
    else setProblem(result !== null && result.__typename !== 'User' ? result.message : '');
  };
  return (
    <form className={styles.act} onSubmit={(event) => void submit(event)}>
      {problem !== '' && <Notice tone="warn">{problem}</Notice>}
      <Field
        label="Given name"
        name="givenName"
        defaultValue={me.givenName}
        autoComplete="given-name"
        required
        maxLength={100}
      />
      <Field
        label="Family name"
        name="familyName"
        defaultValue={me.familyName}
        autoComplete="family-name"
        required
        maxLength={100}
      />
      <Choice label="Country" options={all} value={country} onPick={setCountry} autoComplete="country" required />
      <Button type="submit" kind="primary">
        Save
      </Button>
    </form>
  );
}

const currencies = CURRENCIES.map((code) => [code, code] as const);
const kinds = [
  ['INVESTMENT', 'Investment: to trade with'],
  ['SAVINGS', 'Savings'],
  ['CHEQUING', 'Chequing'],
] as const;

function OpenAccountForm({ onDone }: { onDone: () => void }) {
  const send = useSend();
  const [intent, setIntent] = useState(newIntentId);
  const [kind, setKind] = useState<'INVESTMENT' | 'SAVINGS' | 'CHEQUING'>('INVESTMENT');
  const [currency, setCurrency] = useState<(typeof CURRENCIES)[number]>('USD');
  const [problem, setProblem] = useState('');
  const open = async (): Promise<void> => {
    const name = kind === 'INVESTMENT' ? 'Trading' : kind === 'SAVINGS' ? 'Savings' : 'Everyday';
    const answer = await send(WelcomeOpenAccount, { input: { kind, currency, name, idempotencyKey: intent } });
    if (!answer.ok) return setProblem(answer.trouble.message);
    setIntent(newIntentId());
    const result = answer.data.openAccount;
    if (result !== null && result.__typename !== 'Account') return setProblem(result.message);
    setProblem('');
    onDone();
  };
  return (
    <div className={styles.act}>
      {problem !== '' && <Notice tone="warn">{problem}</Notice>}
      <Choice label="Kind" options={kinds} value={kind} onPick={setKind} />
      <Choice label="Currency" options={currencies} value={currency} onPick={setCurrency} />
      <Button kind="primary" onClick={() => void open()}>
        Open it
      </Button>
    </div>
  );
}
