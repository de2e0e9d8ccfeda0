import { type FormEvent, useState } from 'react';
import type { ProfileQuery } from '../../api/generated/graphql.ts';
import { useData, useSend } from '../../api/use-data.ts';
import { Block, Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { countryName } from '../../ui/country.ts';
import { Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { say } from '../../ui/toasts.tsx';
import { Profile, SaveProfile } from './documents.ts';
import styles from './settings.module.css';

type Me = NonNullable<ProfileQuery['me']>;

export function ProfileTab() {
  const { data, isLoading, error, reload } = useData(Profile, {});
  return (
    <Block data={data?.me} isLoading={isLoading} error={error} reload={reload} what="Your profile">
      {(me) => <ProfileForm key={me.version} me={me} reload={reload} />}
    </Block>
  );
}

const fields = [
  ['givenName', 'Given name', 'given-name', '', 100],
  ['familyName', 'Family name', 'family-name', '', 100],
  ['country', 'Country', 'country', 'Two letters: US, DE, FR', 2],
  ['phone', 'Phone', 'tel', 'With its country: +1 …', 32],
  ['locale', 'Language', 'language', 'How numbers are written: en, de-CH', 35],
  ['timezone', 'Time zone', 'off', 'Like Europe/Berlin', 64],
] as const;

/** Saved from the version that was read: what somebody changed elsewhere meanwhile is not written over unseen. */
function ProfileForm({ me, reload }: { me: Me; reload: () => void }) {
  const send = useSend();
  const [problem, setProblem] = useState('');
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const changed = fields.flatMap(([name]) =>
      entered(form, name) === (me[name] ?? '') ? [] : [[name, entered(form, name)]],
    );
    const country = entered(form, 'country');
    if (country !== '' && countryName(country) === undefined) return setProblem(`There is no country ${country}.`);
    if (changed.length === 0) return say('Nothing has changed');
    const answer = await send(SaveProfile, { input: { ...Object.fromEntries(changed), expectedVersion: me.version } });
    if (!answer.ok) return setProblem(answer.trouble.message);
    const result = answer.data.updateProfile;
    if (result !== null && result.__typename !== 'User') return setProblem(result.message);
    say('Saved');
  };
  const entered = (form: FormData, name: (typeof fields)[number][0]): string =>
    name === 'country' ? formText(form, name).toUpperCase() : formText(form, name);
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      {problem !== '' && (
        <Notice tone="warn">
          {problem}{' '}
          <button type="button" className="link" onClick={reload}>
            Read it anew
          </button>
        </Notice>
      )}
      <Field label="Email" value={me.email} readOnly hint="It is what you sign in with." />
      {fields.map(([name, label, autoComplete, hint, maxLength]) => (
        <Field
          key={name}
          label={label}
          name={name}
          autoComplete={autoComplete}
          maxLength={maxLength}
          defaultValue={me[name] ?? ''}
          {...(hint === '' ? {} : { hint })}
        />
      ))}
      <p>
        <Button type="submit" kind="primary">
          Save
        </Button>
      </p>
    </form>
  );
}
