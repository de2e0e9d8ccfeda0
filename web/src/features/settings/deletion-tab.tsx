import { useState } from 'react';
import { useData, useSend } from '../../api/use-data.ts';
import { wordsOf } from '../../text/orders.ts';
import { Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { dayAndTime } from '../../ui/time.ts';
import { AskForDeletion, Deletion } from './documents.ts';
import styles from './settings.module.css';

const stateWords: Record<string, string> = {
  REQUESTED: 'It has been asked for.',
  CHECKING: 'It is being checked that nothing is left open.',
  ERASING: 'It is being erased.',
  COMPLETED: 'It has been erased.',
  REFUSED: 'It was refused.',
  UNKNOWN: '',
};

export function DeletionTab() {
  const { data } = useData(Deletion, {});
  const send = useSend();
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState('');
  const deletion = data?.accountDeletion;
  const ask = async (): Promise<void> => {
    setAsking(false);
    const answer = await send(AskForDeletion, {});
    if (!answer.ok) setProblem(answer.trouble.message);
    else if (
      answer.data.requestAccountDeletion !== null &&
      answer.data.requestAccountDeletion.__typename !== 'AccountDeletion'
    ) {
      setProblem(answer.data.requestAccountDeletion.message);
    }
  };
  return (
    <div className={styles.form}>
      <p>
        Everything that is known of you is erased, except what the law wants kept. Money has to be withdrawn and orders
        ended before.
      </p>
      {problem !== '' && <Notice tone="warn">{problem}</Notice>}
      {deletion != null && (
        <Notice tone={deletion.state === 'REFUSED' ? 'warn' : 'plain'}>
          {dayAndTime(deletion.requestedAt)}: {stateWords[deletion.state]}{' '}
          {deletion.reason !== null && wordsOf(deletion.reason)}
        </Notice>
      )}
      <p>
        <Button kind="danger" onClick={() => setAsking(true)}>
          Delete my account
        </Button>
      </p>
      <Dialog title="Delete everything?" isOpen={isAsking} onClose={() => setAsking(false)}>
        <p>This cannot be undone.</p>
        <p>
          <Button autoFocus onClick={() => setAsking(false)}>
            Keep it
          </Button>{' '}
          <Button kind="danger" onClick={() => void ask()}>
            Delete it
          </Button>
        </p>
      </Dialog>
    </div>
  );
}
