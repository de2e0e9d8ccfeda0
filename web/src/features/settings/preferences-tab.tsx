import type { ReactNode } from 'react';
import { Notice } from '../../ui/block.tsx';
import { Check, Choice } from '../../ui/field.tsx';
import { exampleNumber } from '../../ui/number.ts';
import { setTaste, type Taste, useTaste } from '../../ui/taste.ts';
import { useTasteConflicts } from '../../ui/taste-conflicts.ts';
import styles from './settings.module.css';
import { Which } from './which.tsx';

const notations = ['en-US', 'en-IN', 'de-DE', 'de-CH', 'fr-FR', 'es-ES', 'pt-BR', 'ja-JP'];

const themes = [
  ['SYSTEM', 'As the system'],
  ['LIGHT', 'Light'],
  ['DARK', 'Dark'],
] as const;
const directions = [
  ['teal', 'Teal and vermilion'],
  ['sky', 'Sky and vermilion'],
  ['green-red', 'Green and red'],
  ['red-up', 'Red up, green down'],
] as const;
const densities = [
  ['calm', 'Calm'],
  ['dense', 'Dense'],
] as const;

const notation = (tag: string) =>
  [tag, tag === '' ? 'As the profile, or the device' : `${exampleNumber(tag)} (${tag})`] as const;

/** All of it goes with the account, each as soon as it is chosen; this browser has a copy, for the moment before anybody has answered. */
export function PreferencesTab() {
  const taste = useTaste();
  const conflicts = useTasteConflicts();
  const numbers = [...new Set(['', ...notations, taste.numbers])].map(notation);
  return (
    <div className={styles.form}>
      {Object.keys(conflicts).length > 0 && (
        <Notice tone="warn">What you have changed here was changed elsewhere as well. Say which is right.</Notice>
      )}
      <Asked name="theme" label="Theme" words={wordsIn(themes)}>
        <Choice label="Theme" options={themes} value={taste.theme} onPick={(theme) => setTaste({ theme })} />
      </Asked>
      <Asked name="direction" label="Up and down" words={wordsIn(directions)}>
        <Choice
          label="Up and down"
          options={directions}
          value={taste.direction}
          onPick={(direction) => setTaste({ direction })}
        />
      </Asked>
      <Asked name="density" label="Rows" words={wordsIn(densities)}>
        <Choice label="Rows" options={densities} value={taste.density} onPick={(density) => setTaste({ density })} />
      </Asked>
      <Asked name="numbers" label="Numbers and times" words={(tag) => notation(String(tag))[1]}>
        <Choice
          label="Numbers and times"
          options={numbers}
          value={taste.numbers}
          onPick={(picked) => setTaste({ numbers: picked })}
        />
      </Asked>
      <Asked name="confirmsOrders" label="Ask before an order is sent" words={onOrOff}>
        <Check
          label="Ask before an order is sent"
          checked={taste.confirmsOrders}
          onChange={(event) => setTaste({ confirmsOrders: event.target.checked })}
        />
      </Asked>
      <Asked name="hidesAmounts" label="Hide amounts" words={onOrOff}>
        <Check
          label="Hide amounts"
          hint="H does it too"
          checked={taste.hidesAmounts}
          onChange={(event) => setTaste({ hidesAmounts: event.target.checked })}
        />
      </Asked>
      <Asked name="singleKeys" label="Keys of one letter" words={onOrOff}>
        <Check
          label="Keys of one letter"
          hint="Off: only those with Ctrl work"
          checked={taste.singleKeys}
          onChange={(event) => setTaste({ singleKeys: event.target.checked })}
        />
      </Asked>
    </div>
  );
}

/** A preference; where it was changed here and elsewhere, both values in its place. */
function Asked({
  name,
  label,
  words,
  children,
}: {
  name: keyof Taste;
  label: string;
  words: (value: Taste[keyof Taste]) => string;
  children: ReactNode;
}) {
  const conflict = useTasteConflicts()[name];
  if (conflict === undefined) return children;
  const [yours, theirs] = [words(conflict.yours), words(conflict.theirs)];
  return (
    <Which
      label={label}
      yours={yours}
      theirs={theirs}
      onPick={(picked) => conflict.choose(picked === yours ? 'yours' : 'theirs')}
    />
  );
}

const onOrOff = (value: Taste[keyof Taste]): string => (value === true ? 'On' : 'Off');
const wordsIn =
  (options: readonly (readonly [value: string, words: string])[]) =>
  (value: Taste[keyof Taste]): string =>
    options.find(([each]) => each === value)?.[1] ?? String(value);
