import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { NotificationKind } from '../../api/generated/graphql.ts';
import { useData, useSend } from '../../api/use-data.ts';
import { sentence } from '../../text/orders.ts';
import { Block, Page } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ago, exactTime } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import { Letters, MarkRead, Mute } from './documents.ts';
import styles from './inbox.module.css';
import { canBeMuted, kindWords } from './kinds.ts';
import { letterText } from './letter-text.ts';
import { subjectOf } from './subject.ts';

export function InboxPage() {
  const [which, setWhich] = useState<'all' | 'unread'>('all');
  const [after, setAfter] = useState<string | null>(null);
  const send = useSend();
  const { data, isLoading, error, reload } = useData(Letters, { unreadOnly: which === 'unread', first: 30, after });
  const muted = data?.preferences?.mutedNotifications ?? [];
  const act = async (promise: ReturnType<typeof markRead>): Promise<void> => {
    const answer = await promise;
    if (!answer.ok) say(answer.trouble.message);
  };
  const markRead = (ids: string[] | null) => send(MarkRead, { ids });
  const mute = async (kind: NotificationKind): Promise<void> => {
    const mutedNotifications = muted.includes(kind) ? muted.filter((each) => each !== kind) : [...muted, kind];
    const expectedVersion = data?.preferences?.version ?? null;
    const answer = await send(Mute, { input: { mutedNotifications, expectedVersion } });
    const result = answer.ok ? answer.data.updatePreferences : undefined;
    if (result?.__typename === 'Preferences') {
      return say(`You are ${muted.includes(kind) ? 'told again' : 'no longer told'} of ${kindWords[kind]}`);
    }
    reload();
    say(answer.ok ? sentence(result?.message ?? 'There was no answer.') : answer.trouble.message);
  };
  return (
    <Page
      title="Inbox"
      side={
        <Button disabled={data?.inbox?.unreadCount === 0} onClick={() => void act(markRead(null))}>
          Mark all read
        </Button>
      }
    >
      <div className={styles.filters}>
        <Segmented
          label="Which"
          options={[
            ['all', 'All'],
            ['unread', 'Unread'],
          ]}
          value={which}
          onPick={(next) => {
            setAfter(null);
            setWhich(next);
          }}
        />
      </div>
      <Block
        data={data?.notifications}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="Your inbox"
        isEmpty={({ nodes }) => nodes.length === 0}
        empty="Nothing to read."
      >
        {({ nodes, pageInfo }) => (
          <>
            <ul className={styles.letters}>
              {nodes.map((letter) => {
                const subject = subjectOf(letter.subjectRef);
                return (
                  <li key={letter.id} data-unread={letter.readAt === null || undefined}>
                    <h2>
                      {subject === undefined ? (
                        letter.title
                      ) : (
                        <Link {...(subject as { to: string })}>{letter.title}</Link>
                      )}
                    </h2>
                    <time dateTime={letter.createdAt} title={exactTime(letter.createdAt)}>
                      {ago(letter.createdAt)}
                    </time>
                    <p>{letterText(letter.body)}</p>
                    <span className={styles.acts}>
                      {letter.readAt === null && (
                        <Button kind="quiet" onClick={() => void act(markRead([letter.id]))}>
                          Mark read
                        </Button>
                      )}
                      {canBeMuted(letter.kind) && (
                        <Button kind="quiet" onClick={() => void mute(letter.kind)}>
                          {muted.includes(letter.kind) ? 'Unmute' : 'Mute'} {kindWords[letter.kind]}
                        </Button>
                      )}
                    </span>
                  </li>
                );
              })}
            </ul>
            {pageInfo.hasNextPage && <Button onClick={() => setAfter(pageInfo.endCursor)}>Older ones</Button>}
          </>
        )}
      </Block>
    </Page>
  );
}
