import type { PreferenceFieldsFragment, UpdatePreferencesInput } from '../api/generated/graphql.ts';
import type { SessionState } from '../api/session.ts';
import type { Taste } from '../ui/taste.ts';

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
  const names = Object.keys(inputs) as (keyof Taste)[];
  const changed = names.filter((name) => before[name] !== after[name]);
  return Object.assign({}, ...changed.map((name) => inputs[name](after))) as UpdatePreferencesInput;
}

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

export interface Keeping {
  /** What the server was told of, or what was here before anybody could have changed it. */
  known: Taste;
  taste: () => Taste;
  onTaste: (listener: () => void) => () => void;
  session: () => SessionState;
  /** True: the server has it, or will never want it. */
  send: (input: UpdatePreferencesInput) => Promise<boolean>;
  onBack: (listener: () => void) => () => void;
  later: (work: () => void) => void;
}

export interface Kept {
  /** What the server knows; what it has not heard yet goes before. */
  take: (preferences: PreferenceFieldsFragment, setTaste: (taste: Partial<Taste>) => void) => void;
}

/** Tells the server what changes, a moment after the last of it, and again when nobody has heard it. */
export function keepPreferences({ known: before, taste, onTaste, session, send, onBack, later }: Keeping): Kept {
  let known = before;
  let unsent: UpdatePreferencesInput = {};
  let isPlanned = false;
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
    if (session() === 'signedOut') unsent = {};
    const input = unsent;
    if (Object.keys(input).length === 0 || session() !== 'signedIn') return;
    unsent = {};
    if (!(await send(input))) unsent = { ...input, ...unsent };
  };
  const look = (): void => {
    const last = known;
    known = taste();
    if (isTaking) return;
    unsent = { ...unsent, ...changesOf(last, known) };
    if (Object.keys(unsent).length > 0) plan();
  };
  onTaste(look);
  look();
  onBack(plan);
  return {
    take: (preferences, setTaste) => {
      isTaking = true;
      setTaste(tasteOf({ ...preferences, ...unsent } as PreferenceFieldsFragment));
      isTaking = false;
    },
  };
}
