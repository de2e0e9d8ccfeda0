import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import styles from './grip.module.css';

const steps: Record<string, 1 | -1> = { ArrowUp: -1, ArrowDown: 1 };

/** What one takes hold of to put a row of a table elsewhere: drawn over another row, or moved by arrow keys. */
export function Grip({
  label,
  onStep,
  onDrop,
}: {
  label: string;
  onStep: (by: 1 | -1) => void;
  /** On which row, by its key. */
  onDrop: (key: string) => void;
}) {
  const grip = useRef<HTMLButtonElement>(null);
  const target = useRef<HTMLElement | undefined>(undefined);

  const mark = (next: HTMLElement | undefined, where?: 'before' | 'after'): void => {
    delete target.current?.dataset['drop'];
    target.current = next;
    if (next !== undefined && where !== undefined) next.dataset['drop'] = where;
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const rows = rowsAround(event.currentTarget);
    const from = rows.findIndex((row) => row.contains(event.currentTarget));
    const under = rows.findIndex((row) => event.clientY < row.getBoundingClientRect().bottom);
    const to = under === -1 ? rows.length - 1 : under;
    mark(to === from ? undefined : rows[to], to < from ? 'before' : 'after');
  };
  const onPointerUp = (): void => {
    const key = target.current?.dataset['key'];
    mark(undefined);
    if (key !== undefined) onDrop(key);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = steps[event.key];
    if (event.key === 'Escape') mark(undefined);
    if (by === undefined) return;
    event.preventDefault();
    onStep(by);
    // A row that is moved in the document loses the focus.
    queueMicrotask(() => grip.current?.focus());
  };
  return (
    <button
      ref={grip}
      type="button"
      className={styles.grip}
      aria-label={label}
      title="Drag, or press the arrow keys"
      onKeyDown={onKeyDown}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => mark(undefined)}
    >
      <span aria-hidden="true">⠿</span>
    </button>
  );
}

const rowsAround = (node: HTMLElement): HTMLElement[] => [
  ...(node.closest('tbody')?.querySelectorAll<HTMLElement>('tr[data-key]') ?? []),
];
