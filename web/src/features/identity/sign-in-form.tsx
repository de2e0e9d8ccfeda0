import { type FormEvent, useEffect, useState } from 'react';
import { signIn } from '../../api/session.ts';
import { Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import styles from './identity.module.css';
import { inDuration, wordsForSignIn } from './words.ts';

export function SignInForm({ onDone }: { onDone: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [wait, setWait] = useState(0);
  useEffect(() => {
    if (wait <= 0) return undefined;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    const answer = await signIn(formText(form, 'email'), formText(form, 'password'));
    setBusy(false);
    setProblem(wordsForSignIn(answer));
    setWait(answer.retryAfterSeconds);
    if (answer.ok) onDone();
  };

  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      {problem !== '' && (
        <Notice tone="warn">
          {problem} {wait > 0 && `Try again ${inDuration(wait)}.`}
        </Notice>
      )}
      <Field label="Email" name="email" type="email" autoComplete="username" required autoFocus maxLength={320} />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        maxLength={1024}
      />
      <Button type="submit" kind="primary" isLarge isWide disabled={isBusy || wait > 0}>
        {isBusy ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  );
}
