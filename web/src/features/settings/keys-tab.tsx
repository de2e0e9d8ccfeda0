import { type FormEvent, useState } from 'react';
import { useData, useSend } from '../../api/use-data.ts';
import { Block, Notice, Section } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Check, Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { money, understood } from '../../ui/number.ts';
import { ago, day, startOfDay } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import { Keys, MakeKey, RevokeKey } from './documents.ts';
import styles from './settings.module.css';

export function KeysTab() {
  const { data, isLoading, error, reload } = useData(Keys, {});
  const send = useSend();
  const revoke = async (id: string): Promise<void> => {
    const answer = await send(RevokeKey, { id });
    say(answer.ok ? 'The key works no more' : answer.trouble.message);
  };
  return (
    <>
      <Block
        data={data?.apiKeys}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="Your keys"
        isEmpty={({ nodes }) => nodes.length === 0}
        empty="No keys. A key lets a program act for you, as far as you allow."
      >
        {({ nodes }) => (
          <ul className={styles.rows}>
            {nodes.map((key) => (
              <li key={key.id}>
                <span>
                  <strong>{key.name}</strong> <code>{key.keyId}</code>
                  <br />
                  <small>
                    {key.scopes.join(', ')} ·{' '}
                    {key.dailyNotionalCap === null ? 'no cap' : `${money(key.dailyNotionalCap, 'USD')} a day`} ·{' '}
                    {key.expiresAt === null ? 'no end' : `until ${day(key.expiresAt)}`} ·{' '}
                    {key.lastUsedAt === null ? 'never used' : `used ${ago(key.lastUsedAt)}`}
                  </small>
                </span>
                <Button kind="danger" onClick={() => void revoke(key.id)}>
                  Revoke
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Block>
      <Section title="A new key">
        <NewKey allowed={data?.apiKeyScopes ?? []} />
      </Section>
    </>
  );
}

function NewKey({ allowed }: { allowed: readonly string[] }) {
  const send = useSend();
  const [problem, setProblem] = useState('');
  const [refused, setRefused] = useState<{ scope: string; words: string } | undefined>();
  const [made, setMade] = useState<{ keyId: string; secret: string } | undefined>();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const cap = understood(formText(form, 'cap'));
    if (!cap.ok && cap.reason !== 'empty') return setProblem('The cap is not an amount.');
    const scopes = allowed.filter((scope) => form.has(scope));
    if (scopes.length === 0) return setProblem('Say what it may do: at least one thing.');
    const until = formText(form, 'until');
    const answer = await send(MakeKey, {
      input: {
        name: formText(form, 'name'),
        scopes,
        dailyNotionalCap: cap.ok ? cap.value : null,
        expiresAt: until === '' ? null : startOfDay(until),
      },
    });
    if (!answer.ok) return setProblem(answer.trouble.message);
    const result = answer.data.createApiKey;
    if (result?.__typename !== 'CreatedApiKey') {
      const scope = result?.__typename === 'InvalidInput' ? scopes[scopeAt(result.field)] : undefined;
      const words = result?.message ?? 'There was no answer.';
      setRefused(scope === undefined ? undefined : { scope, words: words.replace(/^[^:]*: /, '') });
      return setProblem(scope === undefined ? words : '');
    }
    setProblem('');
    setRefused(undefined);
    setMade({ keyId: result.apiKey.keyId, secret: result.secret });
  };
  if (made !== undefined) {
    return (
      <Notice tone="good">
        <p>
          Key <code>{made.keyId}</code>, secret <code className={styles.secret}>{made.secret}</code>
        </p>
        <p>The secret is shown this once.</p>
        <p>
          <Button onClick={() => void navigator.clipboard.writeText(made.secret)}>Copy the secret</Button>{' '}
          <Button onClick={() => setMade(undefined)}>I have it</Button>
        </p>
      </Notice>
    );
  }
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      {problem !== '' && <Notice tone="warn">{problem}</Notice>}
      <Field label="Name" name="name" required maxLength={80} />
      <fieldset className={styles.scopes}>
        <legend>It may</legend>
        {allowed.map((scope) => (
          <Check
            key={scope}
            name={scope}
            label={nameOf(scope, allowed)}
            problem={refused?.scope === scope ? refused.words : undefined}
          />
        ))}
      </fieldset>
      <Field label="At most a day, USD" name="cap" inputMode="decimal" hint="Empty: no cap" />
      <Field label="Until" name="until" type="date" />
      <p>
        <Button type="submit" kind="primary">
          Make the key
        </Button>
      </p>
    </form>
  );
}

/** Whoever may do something to everybody's may mostly do it to their own as well: then it has to be said which is meant. */
function nameOf(scope: string, among: readonly string[]): string {
  const words = scope.replace(/:own$/, '').replaceAll(/[:_]/g, ' ');
  return among.includes(`${scope}:own`) ? `${words}, of everybody` : words;
}

/** Of "scopes[5]" or "input.scopes[5]": 5. */
const scopeAt = (field: string): number => Number(/scopes\[(\d+)\]$/.exec(field)?.[1] ?? -1);
