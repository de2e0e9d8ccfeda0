import { type FormEvent, useState } from 'react';
import { useData, useSend } from '../../api/use-data.ts';
import { Block, Notice, Section } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { ago, exactTime } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import { ChangePassword, EndOthers, EndSession, Sessions } from './documents.ts';
import { SecondFactorSettings } from './second-factor.tsx';
import styles from './settings.module.css';

export function SecurityTab() {
  return (
    <>
      <Section title="Password">
        <PasswordForm />
      </Section>
      <Section title="Second factor">
        <SecondFactorSettings />
      </Section>
      <Section title="Sessions">
        <SessionList />
      </Section>
    </>
  );
}

function PasswordForm() {
  const send = useSend();
  const [problem, setProblem] = useState('');
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const input = { currentPassword: formText(form, 'current'), newPassword: formText(form, 'next') };
    const answer = await send(ChangePassword, { input });
    if (!answer.ok) return setProblem(answer.trouble.message);
    const result = answer.data.changePassword;
    if (result !== null && result.__typename !== 'PasswordChanged') return setProblem(result.message);
    setProblem('');
    form.reset();
    say('The password is new; all other sessions have ended');
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      {problem !== '' && <Notice tone="warn">{problem}</Notice>}
      <Field label="Current password" name="current" type="password" autoComplete="current-password" required />
      <Field
        label="New password"
        name="next"
        type="password"
        autoComplete="new-password"
        required
        minLength={12}
        hint="At least 12 characters."
      />
      <p>
        <Button type="submit" kind="primary">
          Change it
        </Button>
      </p>
    </form>
  );
}

function SessionList() {
  const { data, isLoading, error, reload } = useData(Sessions, {});
  const send = useSend();
  const end = async (id: string): Promise<void> => {
    const answer = await send(EndSession, { id });
    say(answer.ok ? 'The session has ended' : answer.trouble.message);
  };
  const endOthers = async (): Promise<void> => {
    const answer = await send(EndOthers, {});
    say(answer.ok ? 'All other sessions have ended' : answer.trouble.message);
  };
  return (
    <Block
      data={data?.sessions}
      isLoading={isLoading}
      error={error}
      reload={reload}
      what="Your sessions"
      isEmpty={({ nodes }) => nodes.length === 0}
      empty="No sessions."
    >
      {({ nodes }) => (
        <>
          <ul className={styles.rows}>
            {nodes.map((session) => (
              <li key={session.id}>
                <div>
                  <details className={styles.device}>
                    <summary>
                      <strong>{session.device}</strong>{' '}
                      {session.isCurrent && <small className={styles.here}>this one</small>}
                    </summary>
                    <small>
                      It says of itself: <code>{session.userAgent === '' ? 'nothing' : session.userAgent}</code>
                    </small>
                  </details>
                  <small>
                    {session.address} · seen{' '}
                    <time title={exactTime(session.lastSeenAt)}>{ago(session.lastSeenAt)}</time>
                  </small>
                </div>
                {!session.isCurrent && <Button onClick={() => void end(session.id)}>End it</Button>}
              </li>
            ))}
          </ul>
          {nodes.length > 1 && (
            <p>
              <Button kind="danger" onClick={() => void endOthers()}>
                End all others
              </Button>
            </p>
          )}
        </>
      )}
    </Block>
  );
}
