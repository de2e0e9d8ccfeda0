import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react';
import styles from './field.module.css';

/** A labelled input with its hint and its one sentence of refusal, tied together for whoever cannot see them side by side. */
export function Field({
  label,
  hint,
  problem,
  problemId,
  layout = 'stacked',
  after,
  autoFocus,
  ...input
}: InputHTMLAttributes<HTMLInputElement> & {
  label: string;
  hint?: ReactNode;
  problem?: string | undefined;
  /** Of the element that says what is wrong with it, where that is not said right beneath. */
  problemId?: string | undefined;
  /** Row: beneath others, whose inputs begin at the same place. Inline: beside others. */
  layout?: 'stacked' | 'row' | 'inline';
  after?: ReactNode;
}) {
  const id = useId();
  const beneath = problem !== undefined ? `${id}-problem` : hint !== undefined ? `${id}-hint` : undefined;
  const described = [problemId, beneath].filter((each) => each !== undefined).join(' ') || undefined;
  return (
    <div className={styles.field} data-layout={layout}>
      <label htmlFor={id}>{label}</label>
      <div className={styles.control}>
        <input
          id={id}
          {...input}
          autoFocus={autoFocus}
          data-first={autoFocus || undefined}
          className={styles.input}
          aria-invalid={problem !== undefined || problemId !== undefined}
          aria-describedby={described}
        />
        {after}
      </div>
      {problem !== undefined ? (
        <p id={`${id}-problem`} className={styles.problem}>
          {problem}
        </p>
      ) : (
        hint !== undefined && (
          <p id={`${id}-hint`} className={styles.hint}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}

export function Choice<T extends string>({
  label,
  options,
  value,
  onPick,
  layout = 'stacked',
  ...select
}: Omit<SelectHTMLAttributes<HTMLSelectElement>, 'value' | 'onChange'> & {
  label: string;
  options: readonly (readonly [value: T, text: string])[];
  value: T;
  onPick: (value: T) => void;
  layout?: 'stacked' | 'row' | 'inline' | 'bare';
}) {
  const id = useId();
  return (
    <div className={styles.field} data-layout={layout}>
      <label htmlFor={id} className={layout === 'bare' ? 'visually-hidden' : undefined}>
        {label}
      </label>
      <div className={styles.control}>
        <select
          id={id}
          {...select}
          className={styles.input}
          value={value}
          onChange={(event) => {
            const picked = options.find(([each]) => each === event.target.value);
            if (picked !== undefined) onPick(picked[0]);
          }}
        >
          {options.map(([each, text]) => (
            <option key={each} value={each}>
              {text}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

export function Check({
  label,
  hint,
  problem,
  ...input
}: InputHTMLAttributes<HTMLInputElement> & { label: string; hint?: string; problem?: string | undefined }) {
  const id = useId();
  const below = problem ?? hint;
  return (
    <div className={styles.check}>
      <input
        id={id}
        type="checkbox"
        {...input}
        aria-invalid={problem !== undefined}
        aria-describedby={below === undefined ? undefined : `${id}-below`}
      />
      <label htmlFor={id}>{label}</label>
      {below !== undefined && (
        <p id={`${id}-below`} className={problem === undefined ? styles.hint : styles.problem}>
          {below}
        </p>
      )}
    </div>
  );
}
