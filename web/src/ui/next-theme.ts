import { currentTaste, setTaste } from './taste.ts';

export function nextTheme(): void {
  const order = ['SYSTEM', 'LIGHT', 'DARK'] as const;
  const { theme } = currentTaste();
  setTaste({ theme: order[(order.indexOf(theme) + 1) % order.length] ?? 'SYSTEM' });
}
