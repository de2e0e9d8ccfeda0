import { type FormEvent, useState } from 'react';
import { signIn } from '../../api/session.ts';
import { overWords } from '../../text/second-factor.ts';
import { Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { FactorForm } from './factor-form.tsx';
import styles from './identity.module.css';
import { useWait } from './use-wait.ts';
import { inDuration, wordsForSignIn } from './words.ts';

/** The password, and then the second factor of whoever has one. */
export function SignInForm({ onDone }: { onDone: () => void }) {
  const [challenge, setChallenge] = useState('');
  const [problem, setProblem] = useState('');
  const begin = (words: string): void => {
    setProblem(words);
    setChallenge('');
  };
  return challenge === '' ? (
    <PasswordForm problem={problem} onProblem={setProblem} onChallenge={setChallenge} onDone={onDone} />
  ) : (
    <FactorForm challenge={challenge} onDone={onDone} onOver={() => begin(overWords)} onBack={() => begin('')} />
  );
}

function PasswordForm({
  problem,
  onProblem,
  onChallenge,
  onDone,
}: {
  problem: string;
  onProblem: (words: string) => void;
  onChallenge: (challenge: string) => void;
  onDone: () => void;
}) {
  const [isBusy, setBusy] = useState(false);
  const [wait, setWait] = useWait();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    const answer = await signIn(formText(form, 'email'), formText(form, 'password'));
    setBusy(false);
    onProblem(wordsForSignIn(answer));
    setWait(answer.retryAfterSeconds);
    if (answer.challenge !== '') onChallenge(answer.challenge);
    else if (answer.ok) onDone();
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
