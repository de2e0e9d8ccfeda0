import { isNotificationKind, isSecurityNotice } from './notification.ts';

/** What is chosen from a few. */
export const choices = {
  theme: ['light', 'dark', 'system'],
  colours: ['teal', 'sky', 'green_red', 'red_up'],
  density: ['calm', 'dense'],
  chartTimeframe: ['minute', 'minute_5', 'minute_15', 'hour', 'day', 'week', 'month'],
  chartView: ['candles', 'table'],
} as const;
type Choice = keyof typeof choices;
type Chosen = { readonly [Field in Choice]: (typeof choices)[Field][number] };

export interface Preferences extends Chosen {
  readonly userId: string;
  readonly displayCurrency: string;
  readonly confirmOrders: boolean;
  readonly mutedNotifications: readonly string[];
  readonly hideAmounts: boolean;
  readonly singleKeysOff: boolean;
  /** A language tag; empty for the device's own. */
  readonly numberFormat: string;
  readonly watchlist: string;
  readonly blotterHeight: number;
  readonly version: bigint;
}

export type PreferencesChange = Partial<
  Omit<Preferences, 'userId' | 'version' | Choice> & Readonly<Record<Choice, string>>
>;
export type PreferencesField = keyof PreferencesChange;
export type PreferencesRefusal =
  | { refused: 'invalid_field'; field: PreferencesField; problem: string }
  | { refused: 'security_notice'; field: 'mutedNotifications'; at: number; problem: string };

export function defaultPreferences(userId: string): Preferences {
  return {
    userId,
    theme: 'system',
    displayCurrency: 'USD',
    confirmOrders: true,
    mutedNotifications: [],
    colours: 'teal',
    density: 'calm',
    hideAmounts: false,
    singleKeysOff: false,
    numberFormat: '',
    chartTimeframe: 'minute',
    chartView: 'candles',
    watchlist: '',
    blotterHeight: 232,
    version: 1n,
  };
}

/** What was muted before it could not be, is heard: it is not in the list either, so that the list can be sent back. */
export function withoutMutedSecurity(stored: Preferences): Preferences {
  return { ...stored, mutedNotifications: stored.mutedNotifications.filter((kind) => !isSecurityNotice(kind)) };
}

/** The very same object where nothing changes. */
export function changePreferences(current: Preferences, change: PreferencesChange): Preferences | PreferencesRefusal {
  const { theme, colours, density, chartTimeframe, chartView, ...rest } = { ...current, ...change };
  if (!isChoice('theme', theme)) return unchosen('theme');
  if (!isChoice('colours', colours)) return unchosen('colours');
  if (!isChoice('density', density)) return unchosen('density');
  if (!isChoice('chartTimeframe', chartTimeframe)) return unchosen('chartTimeframe');
  if (!isChoice('chartView', chartView)) return unchosen('chartView');
  if (!/^[A-Z]{3}$/.test(rest.displayCurrency)) return refused('displayCurrency', 'a currency like USD');
  if (!rest.mutedNotifications.every(isNotificationKind)) {
    return refused('mutedNotifications', 'kinds of notifications that there are');
  }
  const security = rest.mutedNotifications.findIndex(isSecurityNotice);
  if (security >= 0) {
    const problem = `${rest.mutedNotifications[security]} tells of the account’s security: nobody can mute it`;
    return { refused: 'security_notice', field: 'mutedNotifications', at: security, problem };
  }
  if (!LANGUAGE_TAG.test(rest.numberFormat)) return refused('numberFormat', 'a language tag like de-CH, or empty');
  if (!/^[\w=+/:-]{0,100}$/.test(rest.watchlist)) return refused('watchlist', 'the id of a list, everything or empty');
  const { blotterHeight } = rest;
  if (!Number.isInteger(blotterHeight) || blotterHeight < 100 || blotterHeight > 2000) {
    return refused('blotterHeight', 'pixels from 100 to 2000');
  }
  const mutedNotifications = [...new Set(rest.mutedNotifications)].toSorted(byText);
  const changed = { ...rest, theme, colours, density, chartTimeframe, chartView, mutedNotifications };
  return isSame(current, changed) ? current : { ...changed, version: current.version + 1n };
}

const LANGUAGE_TAG = /^(?:[a-zA-Z]{2,8}(?:-[a-zA-Z0-9]{1,8}){0,3})?$/;

function isChoice<Field extends Choice>(field: Field, text: string): text is Chosen[Field] {
  return (choices[field] as readonly string[]).includes(text);
}

function unchosen(field: Choice): PreferencesRefusal {
  return refused(field, `one of ${choices[field].join(', ')}`);
}

function refused(field: PreferencesField, expected: string): PreferencesRefusal {
  return { refused: 'invalid_field', field, problem: `should be ${expected}` };
}

function isSame(one: Preferences, other: Preferences): boolean {
  const { mutedNotifications, ...fields } = one;
  return (
    mutedNotifications.join() === other.mutedNotifications.join() &&
    Object.entries(fields).every(([name, value]) => other[name as keyof typeof fields] === value)
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
