import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { type AuthAnswer, postAuth, signIn, useSession } from '../../api/session.ts';
import { Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { Ring } from '../../ui/icon.tsx';
import { currentLocale } from '../../ui/number.ts';
import { DevelopmentMailbox } from './development-mailbox.tsx';
import styles from './identity.module.css';
import { SHORTEST, strengthOf } from './password.ts';
import { SignInForm } from './sign-in-form.tsx';
import { wordsForSignUp } from './words.ts';

function Alone({ title, children, below }: { title: string; children: ReactNode; below?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Andvari`;
  }, [title]);
  return (
    <main className={styles.alone}>
      <div className={styles.column}>
        <Link to="/" className={styles.brand} aria-label="Andvari">
          <Ring size={30} />
        </Link>
        <h1>{title}</h1>
        {children}
        {below !== undefined && <div className={styles.below}>{below}</div>}
      </div>
    </main>
  );
}

export function SignInPage() {
  const navigate = useNavigate();
  const session = useSession();
  const { next } = useSearch({ strict: false });
  const target = ownPath(next);
  useEffect(() => {
    if (session === 'signedIn') void navigate({ href: target, replace: true });
  }, [session, navigate, target]);
  return (
    <Alone
      title="Sign in"
      below={
        <>
          <p>
            New here? <Link to="/sign-up">Make an account</Link>
          </p>
          <p>
            <Link to="/reset">Forgot the password?</Link>
          </p>
        </>
      }
    >
      <SignInForm onDone={() => void navigate({ href: target, replace: true })} />
    </Alone>
  );
}

/** Only a path of ours: a link that signs somebody in and then leads elsewhere is a trap. */
export function ownPath(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : '/';
}

export function SignUpPage() {
  const navigate = useNavigate();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [isSent, setSent] = useState(false);
  const [problem, setProblem] = useState({ field: '', words: '' });
  const strength = strengthOf(password, email);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const person = {
      givenName: formText(form, 'givenName'),
      familyName: formText(form, 'familyName'),
    };
    setBusy(true);
    const answer = await postAuth('register', { email: email.trim(), password, ...person, locale: currentLocale() });
    if (answer.ok) {
      // Where a session came with it, one is in already; where not, the letter says how it goes on.
      const entered = await signIn(email.trim(), password);
      if (entered.ok && entered.challenge === '') void navigate({ to: '/welcome' });
      else setSent(true);
    }
    setProblem(wordsForSignUp(answer));
    setBusy(false);
  };

  if (isSent) {
    return (
      <Alone title="Look into your mail" below={<Link to="/sign-in">To signing in</Link>}>
        <p>A letter is on its way to {email}. It says how to go on.</p>
        <DevelopmentMailbox to={email.trim()} />
      </Alone>
    );
  }
  return (
    <Alone
      title="Make an account"
      below={
        <p>
          Have one? <Link to="/sign-in">Sign in</Link>
        </p>
      }
    >
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        {problem.words !== '' && problem.field !== 'password' && problem.field !== 'email' && (
          <Notice tone="warn">{problem.words}</Notice>
        )}
        <div className={styles.pair}>
          <Field label="Given name" name="givenName" autoComplete="given-name" required maxLength={100} autoFocus />
          <Field label="Family name" name="familyName" autoComplete="family-name" required maxLength={100} />
        </div>
        <Field
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          required
          maxLength={320}
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          problem={problem.field === 'email' ? problem.words : undefined}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          minLength={SHORTEST}
          maxLength={1024}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          hint={<span data-level={strength.level}>{strength.words}</span>}
          problem={problem.field === 'password' ? problem.words : undefined}
        />
        <Button type="submit" kind="primary" isLarge isWide disabled={isBusy}>
          {isBusy ? 'Making it…' : 'Make an account'}
        </Button>
      </form>
    </Alone>
  );
}

/** Asks first: a link is opened by what looks through letters as well, and that must confirm nothing. */
export function VerifyPage() {
  const [ofLetter] = useTokenOfLink('/verify');
  const [answer, setAnswer] = useState<AuthAnswer | undefined>();
  const [isBusy, setBusy] = useState(false);
  const confirm = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const token = ofLetter ?? formText(event.currentTarget, 'token');
    setBusy(true);
    setAnswer(await postAuth('verify-email', { token }));
    setBusy(false);
  };
  if (answer?.ok === true) {
    return (
      <Alone title="Address verified">
        <p>Thank you. The next step is to open an account to trade with.</p>
        <Link to="/welcome" className={styles.go}>
          Go on
        </Link>
      </Alone>
    );
  }
  if (answer !== undefined && answer.status !== 0) {
    return (
      <Alone title="This link does not work" below={<Link to="/sign-in">To signing in</Link>}>
        <p>It may be too old, or has been used already.</p>
      </Alone>
    );
  }
  return (
    <Alone title="Verify your address">
      <form className={styles.form} onSubmit={(event) => void confirm(event)}>
        {answer !== undefined && <Notice tone="warn">{wordsForSignUp(answer).words}</Notice>}
        {ofLetter === undefined ? (
          <Field
            label="The code from the letter"
            name="token"
            required
            autoComplete="one-time-code"
            maxLength={512}
            autoFocus
          />
        ) : (
          <p>The letter has reached you. Is the address to be yours here?</p>
        )}
        <Button type="submit" kind="primary" isLarge isWide disabled={isBusy}>
          Confirm the address
        </Button>
      </form>
    </Alone>
  );
}

export function ResetPage() {
  const [token, forget] = useTokenOfLink('/reset');
  return token === undefined ? <AskForReset /> : <NewPassword token={token} onAnother={forget} />;
}

/** The token that the page was opened with. The address, which is seen, kept and sent on, is rid of it at once. */
function useTokenOfLink(to: '/verify' | '/reset'): readonly [token: string | undefined, forget: () => void] {
  const { token } = useSearch({ strict: false }) as { token?: string };
  const navigate = useNavigate();
  const [kept, setKept] = useState(token);
  if (token !== undefined && token !== kept) setKept(token);
  useEffect(() => {
    if (token !== undefined) void navigate({ to, search: {}, replace: true } as never);
  }, [token, to, navigate]);
  return [kept, () => setKept(undefined)];
}

function AskForReset() {
  const [state, setState] = useState<'asking' | 'sent' | 'failed'>('asking');
  return (
    <Alone title="A new password" below={<Link to="/sign-in">Back to signing in</Link>}>
      {state === 'sent' ? (
        <>
          <p role="status">If there is an account with this address, a letter is on its way to it.</p>
          <DevelopmentMailbox to="" />
        </>
      ) : (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            const email = formText(event.currentTarget, 'email');
            void postAuth('request-password-reset', { email }).then(({ ok }) => setState(ok ? 'sent' : 'failed'));
          }}
        >
          {state === 'failed' && <Notice tone="warn">This did not work. Try again in a moment.</Notice>}
          <Field label="Email" name="email" type="email" autoComplete="username" required maxLength={320} autoFocus />
          <Button type="submit" kind="primary" isLarge isWide>
            Send a letter
          </Button>
        </form>
      )}
    </Alone>
  );
}

function NewPassword({ token, onAnother }: { token: string; onAnother: () => void }) {
  const [password, setPassword] = useState('');
  const [answer, setAnswer] = useState<AuthAnswer | undefined>();
  if (answer?.ok === true) {
    return (
      <Alone title="The password is new">
        <p>All sessions have ended. Sign in with the new one.</p>
        <Link to="/sign-in" className={styles.go}>
          Sign in
        </Link>
      </Alone>
    );
  }
  return (
    <Alone
      title="A new password"
      below={
        <button type="button" className="link" onClick={onAnother}>
          Ask for another letter
        </button>
      }
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void postAuth('reset-password', { token, newPassword: password }).then(setAnswer);
        }}
      >
        {answer !== undefined && <Notice tone="warn">{wordsForSignUp(answer).words}</Notice>}
        <Field
          label="New password"
          type="password"
          autoComplete="new-password"
          required
          minLength={SHORTEST}
          maxLength={1024}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          hint={strengthOf(password).words}
          autoFocus
        />
        <Button type="submit" kind="primary" isLarge isWide>
          Set it
        </Button>
      </form>
    </Alone>
  );
}
