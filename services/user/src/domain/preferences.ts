import { isNotificationKind } from './notification.ts';

export const themes = ['light', 'dark', 'system'] as const;
export type Theme = (typeof themes)[number];

export interface Preferences {
  readonly userId: string;
  readonly theme: Theme;
  readonly displayCurrency: string;
  readonly confirmOrders: boolean;
  readonly mutedNotifications: readonly string[];
  readonly version: bigint;
}

export type PreferencesChange = Partial<Omit<Preferences, 'userId' | 'version' | 'theme'> & { readonly theme: string }>;
export type PreferencesField = keyof PreferencesChange;
export type PreferencesRefusal = { refused: 'invalid_field'; field: PreferencesField; problem: string };

export function defaultPreferences(userId: string): Preferences {
  return {
    userId,
    theme: 'system',
    displayCurrency: 'USD',
    confirmOrders: true,
    mutedNotifications: [],
    version: 1n,
  };
}

/** The very same object where nothing changes. */
export function changePreferences(current: Preferences, change: PreferencesChange): Preferences | PreferencesRefusal {
  const { theme = current.theme, displayCurrency, mutedNotifications } = change;
  if (!isTheme(theme)) return refused('theme', `one of ${themes.join(', ')}`);
  if (displayCurrency !== undefined && !/^[A-Z]{3}$/.test(displayCurrency)) {
    return refused('displayCurrency', 'a currency like USD');
  }
  const unknown = mutedNotifications?.find((kind) => !isNotificationKind(kind));
  if (unknown !== undefined) return refused('mutedNotifications', 'kinds of notifications that there are');
  const muted =
    mutedNotifications === undefined ? {} : { mutedNotifications: [...new Set(mutedNotifications)].toSorted(byText) };
  const changed = { ...current, ...change, theme, ...muted };
  return isSame(current, changed) ? current : { ...changed, version: current.version + 1n };
}

function isTheme(text: string): text is Theme {
  return (themes as readonly string[]).includes(text);
}

function refused(field: PreferencesField, expected: string): PreferencesRefusal {
  return { refused: 'invalid_field', field, problem: `should be ${expected}` };
}

function isSame(one: Preferences, other: Preferences): boolean {
  return (
    one.theme === other.theme &&
    one.displayCurrency === other.displayCurrency &&
    one.confirmOrders === other.confirmOrders &&
    one.mutedNotifications.join() === other.mutedNotifications.join()
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
