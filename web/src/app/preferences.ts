import type { Client } from '@urql/core';
import { onConnectionBack } from '../api/connection.ts';
import type {
  PreferenceFieldsFragment,
  PreferencesNowQuery,
  SavePreferencesMutation,
  UpdatePreferencesInput,
} from '../api/generated/graphql.ts';
import { type SessionState, sessionState } from '../api/session.ts';
import { mayPass } from '../api/use-data.ts';
import { currentTaste, onTaste, setTaste, type Taste } from '../ui/taste.ts';
import { setTasteConflicts, type TasteConflict, type TasteConflicts } from '../ui/taste-conflicts.ts';
import { say } from '../ui/toasts.tsx';
import { PreferencesNow, SavePreferences } from './documents.ts';
import { router } from './router.tsx';

/** Taste as the page has it, and as the server keeps it. */
const directions: Record<Taste['direction'], NonNullable<UpdatePreferencesInput['colours']>> = {
  teal: 'TEAL',
  sky: 'SKY',
  'green-red': 'GREEN_RED',
  'red-up': 'RED_UP',
};
const timeframes: Record<string, NonNullable<UpdatePreferencesInput['chartTimeframe']>> = {
  '1m': 'MINUTE',
  '5m': 'MINUTE_5',
  '15m': 'MINUTE_15',
  '1h': 'HOUR',
  '1D': 'DAY',
  '1W': 'WEEK',
  '1M': 'MONTH',
};

type Name = keyof Taste;

const inputs: { [Field in keyof Taste]: (taste: Taste) => UpdatePreferencesInput } = {
  theme: ({ theme }) => ({ theme }),
  density: ({ density }) => ({ density: density === 'dense' ? 'DENSE' : 'CALM' }),
  direction: ({ direction }) => ({ colours: directions[direction] }),
  hidesAmounts: ({ hidesAmounts }) => ({ hideAmounts: hidesAmounts }),
  singleKeys: ({ singleKeys }) => ({ singleKeys }),
  confirmsOrders: ({ confirmsOrders }) => ({ confirmOrders: confirmsOrders }),
  numbers: ({ numbers }) => ({ numberFormat: numbers }),
  timeframe: ({ timeframe }) => ({ chartTimeframe: timeframes[timeframe] ?? 'MINUTE' }),
  chartAs: ({ chartAs }) => ({ chartView: chartAs === 'table' ? 'TABLE' : 'CANDLES' }),
  watchlist: ({ watchlist }) => ({ watchlist }),
  blotterPx: ({ blotterPx }) => ({ blotterHeight: blotterPx }),
};

/** What of it has changed, for the server. */
export function changesOf(before: Taste, after: Taste): UpdatePreferencesInput {
  return inputOf(changedIn(before, after), after);
}

const names = Object.keys(inputs) as Name[];
const changedIn = (before: Taste, after: Taste): Name[] => names.filter((name) => before[name] !== after[name]);
const inputOf = (of: readonly Name[], taste: Taste): UpdatePreferencesInput =>
  Object.assign({}, ...of.map((name) => inputs[name](taste))) as UpdatePreferencesInput;

/** What the server says; a word that this page does not know leaves it as it is. */
export function tasteOf(kept: PreferenceFieldsFragment): Partial<Taste> {
  const direction = keyOf(directions, kept.colours);
  const timeframe = keyOf(timeframes, kept.chartTimeframe);
  return {
    theme: kept.theme,
    confirmsOrders: kept.confirmOrders,
    hidesAmounts: kept.hideAmounts,
    singleKeys: kept.singleKeys,
    numbers: kept.numberFormat,
    watchlist: kept.watchlist,
    ...(direction === undefined ? {} : { direction }),
    ...(timeframe === undefined ? {} : { timeframe }),
    ...(kept.density === 'UNKNOWN' ? {} : { density: kept.density === 'DENSE' ? 'dense' : 'calm' }),
    ...(kept.chartView === 'UNKNOWN' ? {} : { chartAs: kept.chartView === 'TABLE' ? 'table' : 'candles' }),
    ...(kept.blotterHeight === 0 ? {} : { blotterPx: kept.blotterHeight }),
  };
}

function keyOf<Key extends string>(of: Readonly<Record<Key, string>>, value: string): Key | undefined {
  return (Object.keys(of) as Key[]).find((key) => of[key] === value);
}

/** What became of a change. */
export type Answer =
  | { kind: 'kept'; preferences: PreferenceFieldsFragment }
  /** Somebody else was quicker: what is there now. */
  | { kind: 'conflict'; preferences: PreferenceFieldsFragment }
  | { kind: 'unheard' }
  /** It will never be wanted. */
  | { kind: 'refused' };

export interface Keeping {
  /** What the server was told of, or what was here before anybody could have changed it. */
  known: Taste;
  taste: () => Taste;
  setTaste: (taste: Partial<Taste>) => void;
  onTaste: (listener: () => void) => () => void;
  session: () => SessionState;
  send: (input: UpdatePreferencesInput) => Promise<Answer>;
  onBack: (listener: () => void) => () => void;
  later: (work: () => void) => void;
  /** Both values of what was changed here and elsewhere, for a person to choose. */
  ask: (conflicts: TasteConflicts) => void;
}

export interface Kept {
  /** What the server knows; what it has not heard yet goes before. */
  take: (preferences: PreferenceFieldsFragment) => void;
}

/** Where a page was left rather than what one has chosen: the last who moved it is right. */
const moved: ReadonlySet<Name> = new Set<Name>(['timeframe', 'chartAs', 'watchlist', 'blotterPx']);

/**
 * Tells the server what changes, a moment after the last of it, and again when nobody has heard it; upon the version that was read, so
 * that what was changed elsewhere meanwhile is not written over unseen.
 */
export function keepPreferences(keeping: Keeping): Kept {
  const { taste, session, send, onBack, later, ask } = keeping;
  let { known } = keeping;
  let saved: PreferenceFieldsFragment | undefined;
  const unsent = new Set<Name>();
  let conflicts: TasteConflicts = {};
  let isPlanned = false;
  let isSending = false;
  let isTaking = false;

  const plan = (): void => {
    if (isPlanned) return;
    isPlanned = true;
    later(() => {
      isPlanned = false;
      void flush();
    });
  };
  const flush = async (): Promise<void> => {
    // What a stranger likes stays with the browser: whoever signs in next may be somebody else.
    if (session() === 'signedOut') unsent.clear();
    if (unsent.size === 0 || isSending || session() !== 'signedIn') return;
    const sent = [...unsent];
    unsent.clear();
    isSending = true;
    const version = saved === undefined ? {} : { expectedVersion: saved.version };
    const answer = await send({ ...inputOf(sent, taste()), ...version });
    isSending = false;
    if (answer.kind === 'unheard') {
      // Until the connection is back.
      for (const name of sent) unsent.add(name);
      return;
    }
    if (answer.kind === 'kept') saved = answer.preferences;
    else if (answer.kind === 'conflict') meet(sent, answer.preferences);
    // What was changed while it was sent goes upon what it made.
    if (unsent.size > 0) plan();
  };
  /** Whatever one side alone has changed is right; what both have is asked. */
  const meet = (sent: readonly Name[], preferences: PreferenceFieldsFragment): void => {
    const was = saved === undefined ? {} : tasteOf(saved);
    const theirs = tasteOf(preferences);
    const asked: Name[] = [];
    for (const name of sent) {
      if (theirs[name] === taste()[name]) continue;
      if (moved.has(name) || theirs[name] === was[name]) unsent.add(name);
      else asked.push(name);
    }
    become({ ...conflicts, ...Object.fromEntries(asked.map((name) => [name, conflictOf(name, theirs)])) });
    take(preferences);
  };
  const conflictOf = (name: Name, theirs: Partial<Taste>): TasteConflict => ({
    yours: taste()[name],
    theirs: theirs[name] ?? taste()[name],
    choose: (which) => {
      become(without(conflicts, name));
      if (which === 'theirs') return show({ [name]: theirs[name] });
      unsent.add(name);
      plan();
    },
  });
  const become = (next: TasteConflicts): void => {
    if (Object.keys(next).join() === Object.keys(conflicts).join()) return;
    conflicts = next;
    ask(next);
  };
  const take = (preferences: PreferenceFieldsFragment): void => {
    saved = preferences;
    const own = new Set<string>([...unsent, ...Object.keys(conflicts)]);
    show(Object.fromEntries(Object.entries(tasteOf(preferences)).filter(([name]) => !own.has(name))));
  };
  const show = (change: Partial<Taste>): void => {
    isTaking = true;
    keeping.setTaste(change);
    isTaking = false;
  };
  const look = (): void => {
    const last = known;
    known = taste();
    if (isTaking) return;
    for (const name of changedIn(last, known)) {
      unsent.add(name);
      // Whoever chooses anew has chosen.
      become(without(conflicts, name));
    }
    if (unsent.size > 0) plan();
  };
  keeping.onTaste(look);
  look();
  onBack(plan);
  return { take };
}

function without(conflicts: TasteConflicts, name: Name): TasteConflicts {
  const { [name]: _, ...rest } = conflicts;
  return rest;
}

/** The same for this page, before the gateway. */
export function startKeeping(client: Client, known: Taste): Kept {
  return keepPreferences({
    known,
    taste: currentTaste,
    setTaste,
    onTaste,
    session: sessionState,
    send: (input) => savePreferences(client, input),
    onBack: onConnectionBack,
    later: (work) => void setTimeout(work, 400),
    ask: (conflicts) => {
      setTasteConflicts(conflicts);
      if (Object.keys(conflicts).length === 0 || window.location.pathname === PLACE) return;
      say('A preference was changed elsewhere as well', {
        label: 'Choose',
        run: () => void router.navigate({ to: PLACE } as never),
      });
    },
  });
}

const PLACE = '/settings/preferences';

async function savePreferences(client: Client, input: UpdatePreferencesInput): Promise<Answer> {
  const { data, error } = await client
    .mutation<SavePreferencesMutation>(String(SavePreferences), { input })
    .toPromise();
  const result = data?.updatePreferences;
  if (result?.__typename === 'Preferences') return { kind: 'kept', preferences: result };
  if (error !== undefined && mayPass(error)) return { kind: 'unheard' };
  if (result == null || !('code' in result) || result.code !== 'version_conflict') return { kind: 'refused' };
  const now = await client
    .query<PreferencesNowQuery>(String(PreferencesNow), {}, { requestPolicy: 'network-only' })
    .toPromise();
  const preferences = now.data?.preferences;
  return preferences == null ? { kind: 'unheard' } : { kind: 'conflict', preferences };
}
