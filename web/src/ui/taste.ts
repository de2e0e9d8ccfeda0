import { useSyncExternalStore } from 'react';

/** How somebody likes it: kept here for the first paint; what the server knows of it wins once it is read. */
export interface Taste {
  theme: 'SYSTEM' | 'LIGHT' | 'DARK';
  density: 'calm' | 'dense';
  direction: 'teal' | 'sky' | 'green-red' | 'red-up';
  hidesAmounts: boolean;
  singleKeys: boolean;
  confirmsOrders: boolean;
  /** In whose notation: a language tag; empty for the device's own. */
  numbers: string;
  /** Of the chart, where a link does not say. */
  timeframe: string;
  chartAs: 'candles' | 'table';
  /** Beside the chart: the id of a list or `everything`; empty for the first that has symbols. */
  watchlist: string;
  /** Of the orders beneath the chart. */
  blotterPx: number;
}

const KEY = 'andvari.taste';
const usual: Taste = {
  theme: 'SYSTEM',
  density: 'calm',
  direction: 'teal',
  hidesAmounts: false,
  singleKeys: true,
  confirmsOrders: false,
  numbers: '',
  timeframe: '1m',
  chartAs: 'candles',
  watchlist: '',
  blotterPx: 232,
};
let taste: Taste = { ...usual, ...stored() };
const listeners = new Set<() => void>();

export const currentTaste = (): Taste => taste;

export function useTaste(): Taste {
  return useSyncExternalStore(onTaste, currentTaste);
}

export function onTaste(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function setTaste(change: Partial<Taste>): void {
  taste = { ...taste, ...change };
  localStorage.setItem(KEY, JSON.stringify(taste));
  showTaste();
  for (const listener of listeners) listener();
}

export function showTaste(): void {
  const { dataset } = document.documentElement;
  dataset['theme'] = taste.theme.toLowerCase();
  dataset['density'] = taste.density;
  dataset['direction'] = taste.direction;
  dataset['amounts'] = taste.hidesAmounts ? 'hidden' : 'shown';
}

export function isDark(): boolean {
  if (taste.theme !== 'SYSTEM') return taste.theme === 'DARK';
  return window.matchMedia('(prefers-color-scheme: dark)').matches;
}

/** What a script of an older version or another hand left there is taken only as far as it fits. */
function stored(): Partial<Taste> {
  try {
    const value = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(usual).flatMap(([name, known]) =>
        typeof value[name] === typeof known ? [[name, value[name]]] : [],
      ),
    );
  } catch {
    return {};
  }
}
