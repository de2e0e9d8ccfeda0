import { type FormEvent, useState } from 'react';
import { showFactor } from '../../api/session.ts';
import { type FactorKind, otherKind, proofFields, switchWords, wordsForFactor } from '../../text/second-factor.ts';
import { Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import styles from './identity.module.css';
import { useWait } from './use-wait.ts';
import { inDuration } from './words.ts';

/** The second step. A lock holds for codes and leaves recovery codes to whoever kept them. */
export function FactorForm({
  challenge,
  onDone,
  onOver,
  onBack,
}: {
  challenge: string;
  onDone: () => void;
  /** The challenge is good for nothing any more. */
  onOver: () => void;
  onBack: () => void;
}) {
  const [kind, setKind] = useState<FactorKind>('code');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [wait, setWait] = useWait();

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    const answer = await showFactor(challenge, { [kind]: formText(form, kind) });
    setBusy(false);
    if (answer.ok) return onDone();
    if (answer.reason === 'factor_challenge_over') return onOver();
    setProblem(wordsForFactor(answer, kind));
    setWait(answer.retryAfterSeconds);
    form.querySelector('input')?.select();
  };
  const pick = (next: FactorKind): void => {
    setKind(next);
    setProblem('');
    setWait(0);
  };

  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      {problem !== '' && (
        <Notice tone="warn">
          {problem} {wait > 0 && `Try again ${inDuration(wait)}${kind === 'code' ? ', or use a recovery code' : ''}.`}
        </Notice>
      )}
      <Field key={kind} {...proofFields[kind]} required autoFocus />
      <Button type="submit" kind="primary" isLarge isWide disabled={isBusy || wait > 0}>
        {isBusy ? 'Signing in…' : 'Sign in'}
      </Button>
      <p className={styles.ways}>
        <Button kind="quiet" onClick={() => pick(otherKind[kind])}>
          {switchWords[kind]}
        </Button>
        <Button kind="quiet" onClick={onBack}>
          Back
        </Button>
      </p>
    </form>
  );
}
