import { useId } from 'react';
import styles from './settings.module.css';

/** Both values of one thing that was changed here and elsewhere, of which neither is chosen for anybody. */
export function Which({
  label,
  yours,
  theirs,
  value,
  onPick,
}: {
  label: string;
  yours: string;
  theirs: string;
  /** Undefined until one is chosen. */
  value?: string | undefined;
  onPick: (value: string) => void;
}) {
  const name = useId();
  return (
    <fieldset className={styles.which}>
      <legend>{label}</legend>
      {(
        [
          ['Yours', yours],
          ['Saved elsewhere', theirs],
        ] as const
      ).map(([whose, text]) => (
        <label key={whose}>
          <input type="radio" name={name} required checked={value === text} onChange={() => onPick(text)} />
          <span>{whose}</span>
          <strong>{text === '' ? 'empty' : text}</strong>
        </label>
      ))}
    </fieldset>
  );
}
