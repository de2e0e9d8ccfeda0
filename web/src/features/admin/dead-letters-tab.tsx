import { type FormEvent, useEffect, useState } from 'react';
import type { DeadLettersQuery } from '../../api/generated/graphql.ts';
import { useData } from '../../api/use-data.ts';
import { Block, Facts, Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { type Column, Grid } from '../../ui/grid.tsx';
import { exactTime, when } from '../../ui/time.ts';
import styles from './admin.module.css';
import { ApplyLettersAgain, DeadLetters, DropLetters } from './documents.ts';
import { useAct } from './use-act.ts';

type Letter = NonNullable<DeadLettersQuery['deadLetters']>['nodes'][number];

const LOOK_AGAIN_MS = 2000;

/** Messages that the ledger could not apply: each is an effect that is missing until somebody has decided. */
export function DeadLettersTab({ mayDecide }: { mayDecide: boolean }) {
  const [after, setAfter] = useState<string | null>(null);
  const { data, isLoading, error, reload } = useData(DeadLetters, { first: 50, after }, { context: fresh });
  const [opened, setOpened] = useState<string | undefined>();
  const [dropping, setDropping] = useState<Letter | undefined>();
  const act = useAct();
  const letters = data?.deadLetters?.nodes ?? [];
  const isWaiting = letters.some(({ isRequeued }) => isRequeued);
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setInterval(reload, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isWaiting, reload]);

  const applyAgain = async (chosen: readonly Letter[]): Promise<void> => {
    const input = { ids: chosen.map(({ id }) => id) };
    const done = chosen.length === 1 ? 'It is applied again' : `${chosen.length} are applied again`;
    await act(ApplyLettersAgain, { input }, done);
    reload();
  };
  const columns: Column<Letter>[] = [
    {
      key: 'failed',
      title: 'Set aside',
      phone: 'start-2',
      cell: ({ failedAt }) => <time title={exactTime(failedAt)}>{when(failedAt)}</time>,
    },
    { key: 'consumer', title: 'Of', cell: ({ consumer }) => consumer },
    {
      key: 'subject',
      title: 'Message',
      phone: 'start',
      cell: ({ subject }) => (
        <code className={styles.short} title={subject}>
          {subject}
        </code>
      ),
    },
    {
      key: 'error',
      title: 'Why',
      cell: ({ error: why }) => (
        <span className={styles.short} title={why}>
          {why}
        </span>
      ),
    },
    {
      key: 'state',
      title: 'State',
      phone: 'end',
      cell: ({ isRequeued, attempts }) =>
        isRequeued ? 'waits to be applied' : attempts === 0 ? 'set aside' : `failed again, ${attempts}×`,
    },
    {
      key: 'acts',
      title: '',
      align: 'end',
      phone: 'end-2',
      cell: (letter) => (
        <>
          <Button
            kind="quiet"
            aria-expanded={opened === letter.id}
            onClick={() => setOpened(opened === letter.id ? undefined : letter.id)}
          >
            More
          </Button>
          {mayDecide && (
            <Button kind="quiet" disabled={letter.isRequeued} onClick={() => void applyAgain([letter])}>
              Apply again
            </Button>
          )}
        </>
      ),
    },
  ];
  return (
    <>
      <Block
        data={data?.deadLetters}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="The dead letters"
        isEmpty={({ nodes }) => nodes.length === 0}
        empty={
          after === null ? (
            'Nothing is set aside: the ledger has applied all that it was told.'
          ) : (
            <Button onClick={() => setAfter(null)}>From the oldest</Button>
          )
        }
      >
        {({ nodes, pageInfo }) => (
          <>
            <Notice tone="warn">
              What these messages say is missing in the ledger. Mend the cause, then have them applied again.
            </Notice>
            <Grid
              label="Dead letters"
              columns={columns}
              rows={nodes}
              keyOf={({ id }) => id}
              expanded={(letter) =>
                opened === letter.id ? (
                  <Details letter={letter} {...(mayDecide ? { onDrop: () => setDropping(letter) } : {})} />
                ) : null
              }
            />
            <p className={styles.below}>
              {after !== null && <Button onClick={() => setAfter(null)}>From the oldest</Button>}
              {pageInfo.hasNextPage && <Button onClick={() => setAfter(pageInfo.endCursor)}>Newer ones</Button>}
              {mayDecide && nodes.length > 1 && (
                <Button onClick={() => void applyAgain(nodes)}>Apply these {nodes.length} again</Button>
              )}
            </p>
          </>
        )}
      </Block>
      <p className={styles.aside}>
        Those of other services: <code>seedctl dead-letters ls</code>
      </p>
      {dropping !== undefined && (
        <DropDialog
          letter={dropping}
          onClose={() => {
            setDropping(undefined);
            reload();
          }}
        />
      )}
    </>
  );
}

/** What was true a minute ago may have been applied since. */
const fresh = { requestPolicy: 'cache-and-network' as const };

/** All of it; whoever drops one has seen what it is. */
function Details({ letter, onDrop }: { letter: Letter; onDrop?: () => void }) {
  const { eventId, consumer, error, deliveries, attempts, failedAt, subject } = letter;
  return (
    <div className={styles.details}>
      <p className={styles.whole}>{error}</p>
      <Facts
        facts={[
          ['Message', <code key="subject">{subject}</code>],
          ['Event', <code key="event">{eventId}</code>],
          ['Consumer', consumer],
          ['Set aside', exactTime(failedAt)],
          ['Delivered', `${deliveries}×`],
          ['Failed again', `${attempts}×`],
        ]}
      />
      {onDrop !== undefined && (
        <p>
          <Button kind="danger" onClick={onDrop}>
            Drop
          </Button>
        </p>
      )}
    </div>
  );
}

function DropDialog({ letter, onClose }: { letter: Letter; onClose: () => void }) {
  const act = useAct();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const input = { ids: [letter.id], reason: formText(event.currentTarget, 'reason') };
    if (await act(DropLetters, { input }, 'It is dropped')) onClose();
  };
  return (
    <Dialog title="Drop this message for good?" isOpen onClose={onClose}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <p>
          What it says will never be applied, and it cannot be undone: <code>{letter.subject}</code>
        </p>
        <Field label="Reason" name="reason" required maxLength={200} autoFocus />
        <p className={styles.acts}>
          <Button onClick={onClose}>Keep it</Button>
          <Button type="submit" kind="danger">
            Drop it
          </Button>
        </p>
      </form>
    </Dialog>
  );
}
