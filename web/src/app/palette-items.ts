import { staffParts } from '../api/staff-parts.ts';
import type { Key } from './keys.ts';

/** Words of the label that begin with what was typed: commands before pages, else in the table's order, each act once. */
export function matching(text: string, keys: readonly Key[]): Key[] {
  const seen = new Set<string>();
  const found = keys.filter((key) => {
    if (key.act === undefined || key.act.kind === 'palette' || key.act.kind === 'move' || seen.has(key.label))
      return false;
    const isFound = isNamed(text, `${key.label} ${key.group}`);
    if (isFound) seen.add(key.label);
    return isFound;
  });
  const isPage = ({ act }: Key): boolean => act?.kind === 'go';
  return [...found.filter((key) => !isPage(key)), ...found.filter(isPage)];
}

export interface PageItem {
  label: string;
  group: string;
  to: string;
}

/** Pages that no key leads to; those of staff where somebody has the right. Only by name: there are too many to show them all. */
export function pagesMatching(text: string, permissions: readonly string[]): PageItem[] {
  if (text.trim() === '') return [];
  const ofStaff = staffParts
    .filter(({ right }) => permissions.includes(right))
    .map(({ tab, label }): PageItem => ({ label, group: 'Administration', to: `/admin/${tab}` }));
  return [...unkeyed, ...ofStaff].filter(({ label, group }) => isNamed(text, `${label} ${group}`));
}

const unkeyed: readonly PageItem[] = [
  { label: 'Profile', group: 'Settings', to: '/settings/profile' },
  { label: 'Security', group: 'Settings', to: '/settings/security' },
  { label: 'API keys', group: 'Settings', to: '/settings/keys' },
  { label: 'Preferences', group: 'Settings', to: '/settings/preferences' },
  { label: 'System status', group: 'Go to', to: '/status' },
  { label: 'About', group: 'Go to', to: '/about' },
];

function isNamed(text: string, words: string): boolean {
  const wanted = text.trim().toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .some((_, at, all) => all.slice(at).join(' ').startsWith(wanted));
}
