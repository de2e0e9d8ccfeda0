import { isDark } from './taste.ts';

/** Colours as a canvas needs them: of one theme, spelled out. */
export function themeInks(): (name: string) => string {
  const style = getComputedStyle(document.documentElement);
  const at = isDark() ? 1 : 0;
  return (name) => {
    const value = style.getPropertyValue(name).trim();
    return /^light-dark\(([^,]+),\s*([^)]+)\)$/.exec(value)?.[at + 1]?.trim() ?? value;
  };
}
