import { type FormEvent, useRef, useState } from 'react';
import { useClient } from 'urql';
import type { ProfileQuery } from '../../api/generated/graphql.ts';
import { useData, useSend } from '../../api/use-data.ts';
import { Block, Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { countryName } from '../../ui/country.ts';
import { Field } from '../../ui/field.tsx';
import { say } from '../../ui/toasts.tsx';
import { Profile, SaveProfile } from './documents.ts';
import { afterSaving, changesOf, chosen, type Edit, editOf, rebased, typed, type Values } from './profile-edit.ts';
import styles from './settings.module.css';
import { Which } from './which.tsx';

type Me = NonNullable<ProfileQuery['me']>;

export function ProfileTab() {
  const { data, isLoading, error, reload } = useData(Profile, {});
  return (
    <Block data={data?.me} isLoading={isLoading} error={error} reload={reload} what="Your profile">
      {(me) => <ProfileForm me={me} />}
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
type Name = (typeof fields)[number][0];

interface Problem {
  readonly message: string;
  readonly name: string;
}
const NO_PROBLEM: Problem = { message: '', name: '' };

const valuesOf = (me: Me): Values<Name> =>
  Object.fromEntries(fields.map(([name]) => [name, me[name] ?? ''])) as Values<Name>;

/** Saved from the version that was read: what somebody changed elsewhere meanwhile is not written over unseen. */
function ProfileForm({ me }: { me: Me }) {
  const send = useSend();
  const client = useClient();
  const [edit, setEdit] = useState(() => editOf(valuesOf(me), me.version));
  const [problem, setProblem] = useState<Problem>(NO_PROBLEM);
  const form = useRef<HTMLFormElement>(null);
  if (me.version > edit.version) setEdit(rebased(edit, valuesOf(me), me.version));

  /** Said where it can be mended, which may be far from the button that was pressed. */
  const complain = (message: string, path = ''): void => {
    const name = path.split('.').at(-1) ?? '';
    setProblem({ message, name });
    const field = form.current?.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.focus();
  };
  const readAnew = async (): Promise<Me | undefined> => {
    const { data } = await client
      .query<ProfileQuery>(String(Profile), {}, { requestPolicy: 'network-only' })
      .toPromise();
    return data?.me ?? undefined;
  };
  /** Upon whatever was saved elsewhere, as long as nobody has to be asked. */
  const save = async (from: Edit<Name>): Promise<void> => {
    const changes = changesOf(from);
    if (Object.keys(changes).length === 0) {
      setEdit(editOf(from.base, from.version));
      return say('Nothing has changed');
    }
    const answer = await send(SaveProfile, { input: { ...changes, expectedVersion: from.version } });
    if (!answer.ok) return complain(answer.trouble.message);
    const result = answer.data.updateProfile;
    if (result === null || result.__typename === 'User') {
      if (result !== null) setEdit((now) => afterSaving(now, changes, valuesOf(result), result.version));
      return say('Saved');
    }
    if (result.__typename === 'InvalidInput') return complain(result.message, result.field);
    if (result.code !== 'version_conflict') return complain(result.message);
    const saved = await readAnew();
    if (saved === undefined || saved.version <= from.version) return complain(result.message);
    const next = rebased(from, valuesOf(saved), saved.version);
    setEdit(next);
    if (Object.keys(next.both).length === 0) await save(next);
  };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const { country } = edit.draft;
    if (country !== '' && countryName(country) === undefined)
      return complain(`There is no country ${country}.`, 'country');
    setProblem(NO_PROBLEM);
    void save(edit);
  };
  return (
    <form ref={form} className={styles.form} onSubmit={submit}>
      {Object.keys(edit.both).length > 0 && (
        <Notice tone="warn">
          Your profile was changed elsewhere meanwhile, where you have changed it as well. Say which is right, then
          save.
        </Notice>
      )}
      <Field label="Email" value={me.email} readOnly hint="It is what you sign in with." />
      {fields.map(([name, label, autoComplete, hint, maxLength]) => {
        const both = edit.both[name];
        return both === undefined ? (
          <Field
            key={name}
            label={label}
            name={name}
            autoComplete={autoComplete}
            maxLength={maxLength}
            value={edit.draft[name]}
            problem={problem.name === name ? problem.message : undefined}
            onChange={({ target: { value } }) => {
              setProblem(NO_PROBLEM);
              setEdit(typed(edit, name, name === 'country' ? value.toUpperCase() : value));
            }}
            {...(hint === '' ? {} : { hint })}
          />
        ) : (
          <Which
            key={name}
            label={label}
            yours={both.yours}
            theirs={both.theirs}
            value={both.isChosen ? edit.draft[name] : undefined}
            onPick={(value) => setEdit(chosen(edit, name, value))}
          />
        );
      })}
      {problem.message !== '' && !fields.some(([name]) => name === problem.name) && (
        <Notice tone="warn">{problem.message}</Notice>
      )}
      <p>
        <Button type="submit" kind="primary">
          Save
        </Button>
      </p>
    </form>
  );
}
