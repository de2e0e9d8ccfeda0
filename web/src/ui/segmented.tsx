import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import styles from './segmented.module.css';

/** One of a few, all of them visible. Arrow keys move, as a group of radio buttons does. */
export function Segmented<T extends string>({
  label,
  options,
  value,
  onPick,
  tone,
}: {
  label: string;
  options: readonly (readonly [value: T, text: ReactNode])[];
  value: T;
  onPick: (value: T) => void;
  /** Gives the chosen one the colour of its direction. */
  tone?: (value: T) => 'buy' | 'sell' | undefined;
}) {
  const name = useId();
  return (
    <fieldset className={styles.group}>
      <legend className="visually-hidden">{label}</legend>
      {options.map(([each, text]) => (
        <label key={each} className={styles.option} data-tone={tone?.(each)}>
          <input type="radio" name={name} checked={each === value} onChange={() => onPick(each)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Tabs<T extends string>({
  label,
  tabs,
  value,
  onPick,
  onMove,
}: {
  label: string;
  tabs: readonly (readonly [value: T, text: ReactNode])[];
  value: T;
  onPick: (value: T) => void;
  /** Where they can be put in order: drawn over another one, or with Shift and an arrow key. */
  onMove?: (value: T, to: number) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  // The row of them is drawn along where it is too long, so that the one that is picked is seen.
  useEffect(() => {
    const row = list.current;
    const place = row?.querySelector(`[data-tab="${value}"]`)?.getBoundingClientRect();
    if (row === null || place === undefined) return;
    // The row alone: whoever opens a page sees it from its top.
    const { left, right } = row.getBoundingClientRect();
    row.scrollLeft += Math.min(0, place.left - left) + Math.max(0, place.right - right);
  }, [value]);
  const places = (): HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>('[role=tab]') ?? [])];
  const drop = (event: PointerEvent<HTMLElement>, from: number): void => {
    const to = places().findIndex((tab) => {
      const { left, right } = tab.getBoundingClientRect();
      return event.clientX >= left && event.clientX <= right;
    });
    const moved = tabs[from]?.[0];
    if (moved !== undefined && to !== -1 && to !== from) onMove?.(moved, to);
  };
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = tabs.findIndex(([each]) => each === value);
    if (event.shiftKey && onMove !== undefined) {
      if (tabs[at + step] === undefined) return;
      onMove(value, at + step);
      // What is moved in the document loses the focus.
      queueMicrotask(() => list.current?.querySelector<HTMLElement>(`[data-tab="${value}"]`)?.focus());
      return;
    }
    const [next] = tabs[(at + step + tabs.length) % tabs.length] ?? [];
    if (next === undefined) return;
    onPick(next);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- the tabs in it take the focus
    <div role="tablist" aria-label={label} className={styles.tabs} ref={list} onKeyDown={move}>
      {tabs.map(([each, text], at) => (
        <button
          key={each}
          type="button"
          role="tab"
          data-tab={each}
          aria-selected={each === value}
          tabIndex={each === value ? 0 : -1}
          className={styles.tab}
          onClick={() => onPick(each)}
          {...(onMove === undefined
            ? {}
            : {
                title: 'Drag, or press Shift and an arrow key, to put it elsewhere',
                'aria-keyshortcuts': 'Shift+ArrowLeft Shift+ArrowRight',
                // A finger draws the row of them along instead.
                onPointerDown: (event: PointerEvent<HTMLElement>) =>
                  event.pointerType !== 'touch' && event.currentTarget.setPointerCapture(event.pointerId),
                onPointerUp: (event: PointerEvent<HTMLElement>) => drop(event, at),
              })}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
