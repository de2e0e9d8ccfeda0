import { type FormEvent, useState } from 'react';
import { confirmPassword, giveUp } from '../api/confirmation.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { formText } from '../ui/form-text.ts';
import styles from './confirm-again.module.css';

/** Over whatever asked for it, which goes on by itself once it is really you. */
export function ConfirmAgain() {
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const answer = await confirmPassword(formText(event.currentTarget, 'password'));
    setBusy(false);
    if (!answer.ok) setProblem(answer.status === 429 ? 'Too many tries; wait a moment.' : 'This is not the password.');
  };
  return (
    <Dialog title="Your password, once more" isOpen onClose={giveUp}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <p>This can do harm in a stranger’s hands, and you signed in some time ago.</p>
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          autoFocus
          problem={problem === '' ? undefined : problem}
        />
        <p className={styles.acts}>
          <Button onClick={giveUp}>Leave it</Button>
          <Button type="submit" kind="primary" disabled={isBusy}>
            Go on
          </Button>
        </p>
      </form>
    </Dialog>
  );
}
