import { run } from '../ui/commands.ts';
import { nextTheme } from '../ui/next-theme.ts';
import { tradePath } from '../ui/recent.ts';
import { currentTaste, setTaste } from '../ui/taste.ts';
import { type KeyAct, keyFor } from './keys.ts';

const SEQUENCE_MS = 1200;

/** The whole keyboard, in one place, until it is told to stop. */
export function followKeys(go: (to: string) => void): () => void {
  let pending = { keys: '', atMs: 0 };
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.altKey || event.isComposing) return;
    // A dialog has the keyboard to itself.
    if (document.querySelector('dialog[open]') !== null) return;
    // Out of a field, to where the single letters are.
    if (event.key === 'Escape' && isField(event.target)) event.target.blur();
    const before = Date.now() - pending.atMs < SEQUENCE_MS ? pending.keys : '';
    const press = { key: event.key, ctrl: event.ctrlKey || event.metaKey, isInField: isField(event.target) };
    const { act, pending: next } = keyFor(press, before, currentTaste().singleKeys);
    pending = { keys: next, atMs: Date.now() };
    if (act === undefined) return;
    event.preventDefault();
    perform(act, go);
  };
  window.addEventListener('keydown', onKey);
  return () => window.removeEventListener('keydown', onKey);
}

export function perform(act: KeyAct, go: (to: string) => void): void {
  switch (act.kind) {
    case 'go':
      return go(act.to === '/trade' ? tradePath() : act.to);
    case 'palette':
      run({ name: 'palette' });
      return;
    case 'help':
      run({ name: 'keys' });
      return;
    case 'side':
      if (!run({ name: 'ticket.side', side: act.side })) go(`${tradePath()}?side=${act.side.toLowerCase()}`);
      return;
    case 'timeframe':
      run({ name: 'chart.timeframe', index: act.index });
      return;
    case 'move':
      return moveFocus(act.by);
    case 'hideAmounts':
      setTaste({ hidesAmounts: !currentTaste().hidesAmounts });
      return;
    case 'theme':
      nextTheme();
      return;
  }
}

/** Within the list that has the focus, else into the first list of the page. */
function moveFocus(by: 1 | -1): void {
  const here = document.activeElement?.closest<HTMLElement>('table, [data-list]');
  const list = here ?? document.querySelector<HTMLElement>('main table, [data-list]');
  const rows = [...(list?.querySelectorAll<HTMLElement>('tr[tabindex], [data-row]') ?? [])];
  const at = rows.findIndex((row) => row === document.activeElement);
  rows[at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
}

function isField(target: EventTarget | null): target is HTMLElement {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName)) &&
    !(target instanceof HTMLInputElement && ['radio', 'checkbox', 'button'].includes(target.type))
  );
}
