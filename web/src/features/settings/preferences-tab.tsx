import { Check, Choice } from '../../ui/field.tsx';
import { exampleNumber } from '../../ui/number.ts';
import { setTaste, useTaste } from '../../ui/taste.ts';
import styles from './settings.module.css';

const notations = ['en-US', 'en-IN', 'de-DE', 'de-CH', 'fr-FR', 'es-ES', 'pt-BR', 'ja-JP'];

/** All of it goes with the account; this browser has a copy, for the moment before anybody has answered. */
export function PreferencesTab() {
  const taste = useTaste();
  return (
    <div className={styles.form}>
      <Choice
        label="Theme"
        options={[
          ['SYSTEM', 'As the system'],
          ['LIGHT', 'Light'],
          ['DARK', 'Dark'],
        ]}
        value={taste.theme}
        onPick={(theme) => setTaste({ theme })}
      />
      <Choice
        label="Up and down"
        options={[
          ['teal', 'Teal and vermilion'],
          ['sky', 'Sky and vermilion'],
          ['green-red', 'Green and red'],
          ['red-up', 'Red up, green down'],
        ]}
        value={taste.direction}
        onPick={(direction) => setTaste({ direction })}
      />
      <Choice
        label="Rows"
        options={[
          ['calm', 'Calm'],
          ['dense', 'Dense'],
        ]}
        value={taste.density}
        onPick={(density) => setTaste({ density })}
      />
      <Choice
        label="Numbers and times"
        options={[
          ['', 'As the device, or the language of the profile'],
          ...[...new Set([...notations, ...(taste.numbers === '' ? [] : [taste.numbers])])].map(
            (tag) => [tag, `${exampleNumber(tag)} (${tag})`] as const,
          ),
        ]}
        value={taste.numbers}
        onPick={(numbers) => setTaste({ numbers })}
      />
      <Check
        label="Ask before an order is sent"
        checked={taste.confirmsOrders}
        onChange={(event) => setTaste({ confirmsOrders: event.target.checked })}
      />
      <Check
        label="Hide amounts"
        hint="H does it too"
        checked={taste.hidesAmounts}
        onChange={(event) => setTaste({ hidesAmounts: event.target.checked })}
      />
      <Check
        label="Keys of one letter"
        hint="Off: only those with Ctrl work"
        checked={taste.singleKeys}
        onChange={(event) => setTaste({ singleKeys: event.target.checked })}
      />
    </div>
  );
}
