import type { Key } from './keys.ts';

/** Words of the label that begin with what was typed, in the table's order, each act once. */
export function matching(text: string, keys: readonly Key[]): Key[] {
  const wanted = text.trim().toLowerCase();
  const seen = new Set<string>();
  return keys.filter((key) => {
    if (key.act === undefined || key.act.kind === 'palette' || key.act.kind === 'move' || seen.has(key.label))
      return false;
    const isFound =
      wanted === '' ||
      `${key.label} ${key.group}`
        .toLowerCase()
        .split(/\s+/)
        .some((word) => word.startsWith(wanted));
    if (isFound) seen.add(key.label);
    return isFound;
  });
}
