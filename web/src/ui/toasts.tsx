import { useSyncExternalStore } from 'react';
import { Button } from './button.tsx';
import styles from './toasts.module.css';

/** Said once, politely, and gone after a while. What needs an answer is no toast. */
interface Toast {
  id: number;
  text: string;
  act?: { label: string; run: () => void };
}

let shown: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();
const MOST = 3;
const SHOWN_MS = 6000;

export function say(text: string, act?: Toast['act']): void {
  lastId += 1;
  const toast: Toast = act === undefined ? { id: lastId, text } : { id: lastId, text, act };
  become([...shown, toast].slice(-MOST));
  if (act === undefined) setTimeout(() => take(toast.id), SHOWN_MS);
}

const take = (id: number): void => become(shown.filter((each) => each.id !== id));

function become(next: readonly Toast[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

export function Toasts() {
  const toasts = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  return (
    <div className={styles.toasts} role="status" aria-live="polite">
      {toasts.map(({ id, text, act }) => (
        <div key={id} className={styles.toast}>
          <span>{text}</span>
          {act !== undefined && (
            <Button
              kind="quiet"
              onClick={() => {
                act.run();
                take(id);
              }}
            >
              {act.label}
            </Button>
          )}
          <Button kind="quiet" aria-label={`Dismiss: ${text}`} onClick={() => take(id)}>
            ×
          </Button>
        </div>
      ))}
    </div>
  );
}
