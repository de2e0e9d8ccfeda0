/** All keys, in one table: the handler, the palette, the help and the hints read it. No key sends an order. */
export type KeyAct =
  | { kind: 'go'; to: string }
  | { kind: 'palette' }
  | { kind: 'help' }
  | { kind: 'side'; side: 'BUY' | 'SELL' }
  | { kind: 'move'; by: 1 | -1 }
  | { kind: 'timeframe'; index: number }
  | { kind: 'hideAmounts' }
  | { kind: 'theme' };

export interface Key {
  /** As typed, one after the other: "g m". */
  keys: string;
  label: string;
  group: 'Anywhere' | 'Go to' | 'Trade' | 'Lists';
  /** Left out: the part with the focus handles it. */
  act?: KeyAct;
}

export const keys: readonly Key[] = [
  { keys: 'Ctrl+k', label: 'Search or jump to', group: 'Anywhere', act: { kind: 'palette' } },
  { keys: '/', label: 'Search or jump to', group: 'Anywhere', act: { kind: 'palette' } },
  { keys: '?', label: 'All keys', group: 'Anywhere', act: { kind: 'help' } },
  { keys: 'Escape', label: 'Out of a field', group: 'Anywhere' },
  { keys: 'h', label: 'Hide or show amounts', group: 'Anywhere', act: { kind: 'hideAmounts' } },
  { keys: 't', label: 'Light, dark, as the system', group: 'Anywhere', act: { kind: 'theme' } },
  { keys: 'g m', label: 'Markets', group: 'Go to', act: { kind: 'go', to: '/' } },
  { keys: 'g t', label: 'Trade', group: 'Go to', act: { kind: 'go', to: '/trade' } },
  { keys: 'g o', label: 'Orders', group: 'Go to', act: { kind: 'go', to: '/orders' } },
  { keys: 'g p', label: 'Portfolio', group: 'Go to', act: { kind: 'go', to: '/portfolio' } },
  { keys: 'g f', label: 'Funding', group: 'Go to', act: { kind: 'go', to: '/funding' } },
  { keys: 'g a', label: 'Activity', group: 'Go to', act: { kind: 'go', to: '/activity' } },
  { keys: 'g i', label: 'Inbox', group: 'Go to', act: { kind: 'go', to: '/inbox' } },
  { keys: 'b', label: 'Ticket to buy', group: 'Trade', act: { kind: 'side', side: 'BUY' } },
  { keys: 's', label: 'Ticket to sell', group: 'Trade', act: { kind: 'side', side: 'SELL' } },
  ...['1m', '5m', '15m', '1h', '1D', '1W', '1M'].map(
    (label, index): Key => ({
      keys: String(index + 1),
      label: `Chart of ${label}`,
      group: 'Trade',
      act: { kind: 'timeframe', index },
    }),
  ),
  { keys: 'j', label: 'Next', group: 'Lists', act: { kind: 'move', by: 1 } },
  { keys: 'k', label: 'Previous', group: 'Lists', act: { kind: 'move', by: -1 } },
  { keys: 'Enter', label: 'Open', group: 'Lists' },
  { keys: 'c', label: 'Cancel the focused order, after a question', group: 'Lists' },
  { keys: 'r', label: 'Replace the focused order', group: 'Lists' },
];

export interface KeyPress {
  key: string;
  ctrl: boolean;
  /** Typing goes to the field and nowhere else. */
  isInField: boolean;
}

/** What a key means after those before it; `pending` is the beginning of a sequence. */
export function keyFor(press: KeyPress, pending: string, allowsSingle: boolean): { act?: KeyAct; pending: string } {
  const typed = press.ctrl ? `Ctrl+${press.key.toLowerCase()}` : press.key;
  const isSingle = !press.ctrl;
  if (isSingle && (press.isInField || !allowsSingle)) return { pending: '' };
  const sequence = pending === '' ? typed : `${pending} ${typed}`;
  const found = keys.find((each) => each.keys === sequence);
  if (found?.act !== undefined) return { act: found.act, pending: '' };
  const isBeginning = keys.some((each) => each.keys.startsWith(`${sequence} `));
  return { pending: isBeginning ? sequence : '' };
}
