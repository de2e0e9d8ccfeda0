import { expect, test, vi } from 'vitest';
import type { PreferenceFieldsFragment, UpdatePreferencesInput } from '../../src/api/generated/graphql.ts';
import type { SessionState } from '../../src/api/session.ts';
import type { Answer } from '../../src/app/preferences.ts';
import type { Taste } from '../../src/ui/taste.ts';
import type { TasteConflicts } from '../../src/ui/taste-conflicts.ts';

vi.stubGlobal('BroadcastChannel', class extends EventTarget {});
vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
vi.stubGlobal('location', { pathname: '/' });
const { changesOf, keepPreferences, tasteOf } = await import('../../src/app/preferences.ts');

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
const unusual: Taste = {
  theme: 'DARK',
  density: 'dense',
  direction: 'red-up',
  hidesAmounts: true,
  singleKeys: false,
  confirmsOrders: true,
  numbers: 'de-CH',
  timeframe: '1D',
  chartAs: 'table',
  watchlist: 'everything',
  blotterPx: 400,
};
const kept = (taste: Taste, version = 1) =>
  ({
    ...changesOf({} as Taste, taste),
    displayCurrency: 'USD',
    mutedNotifications: [] as never[],
    version,
  }) as PreferenceFieldsFragment;

test('all that one likes goes to the server and comes back the same', () => {
  expect(tasteOf(kept(unusual))).toEqual(unusual);
  expect(tasteOf(kept(usual))).toEqual(usual);
});

test('a word that this page does not know, and what an older server does not say, leave it as it is', () => {
  const newer = {
    ...kept(usual),
    colours: 'UNKNOWN',
    density: 'UNKNOWN',
    chartView: 'UNKNOWN',
    chartTimeframe: 'UNKNOWN',
  };
  const found = tasteOf({ ...newer, blotterHeight: 0 } as PreferenceFieldsFragment);
  expect(Object.keys(found)).toEqual(['theme', 'confirmsOrders', 'hidesAmounts', 'singleKeys', 'numbers', 'watchlist']);
});

test('only what has changed is sent, once for all changes of a moment', async () => {
  const { world, set, run } = page();
  set({ density: 'dense' });
  set({ blotterPx: 300 });
  set({ blotterPx: 310 });
  await run();
  expect(world.sent).toEqual([{ density: 'DENSE', blotterHeight: 310 }]);
});

test('what nobody has heard is sent again when the connection is back, and goes before what the server says', async () => {
  const { world, set, run, keeping } = page();
  world.answer = () => ({ kind: 'unheard' });
  set({ theme: 'DARK' });
  await run();
  keeping.take(kept({ ...usual, theme: 'LIGHT', density: 'dense' }));
  expect(world.taste).toMatchObject({ theme: 'DARK', density: 'dense' });
  world.answer = () => ({ kind: 'kept', preferences: kept(world.taste) });
  for (const back of world.backs) back();
  await run();
  expect(world.sent).toEqual([{ theme: 'DARK' }, { theme: 'DARK', expectedVersion: 1 }]);
  for (const back of world.backs) back();
  await run();
  expect(world.sent).toHaveLength(2);
});

test('what the server says is not told back, and a stranger tells nobody', async () => {
  const { world, set, run, keeping } = page();
  keeping.take(kept(unusual));
  await run();
  expect([world.taste, world.sent]).toEqual([unusual, []]);
  world.session = 'signedOut';
  set({ theme: 'LIGHT' });
  await run();
  world.session = 'signedIn';
  for (const back of world.backs) back();
  await run();
  expect(world.sent).toEqual([]);
});

const elsewhere = (change: Partial<Taste>): Answer => ({
  kind: 'conflict',
  preferences: kept({ ...usual, ...change }, 2),
});
const keptAs = (taste: Taste) => (): Answer => ({ kind: 'kept', preferences: kept(taste, 3) });

test('what was changed elsewhere and not here is taken, and what was changed here goes upon it', async () => {
  const { world, set, run, keeping } = page();
  keeping.take(kept(usual));
  world.answer = () => elsewhere({ density: 'dense' });
  set({ theme: 'DARK' });
  await run();
  expect(world.taste).toMatchObject({ theme: 'DARK', density: 'dense' });
  world.answer = keptAs(world.taste);
  await run();
  expect(world.sent).toEqual([
    { theme: 'DARK', expectedVersion: 1 },
    { theme: 'DARK', expectedVersion: 2 },
  ]);
  expect(world.asked).toEqual([]);
});

test.each([
  ['yours', 'DARK', [{ theme: 'DARK', expectedVersion: 2 }]],
  ['theirs', 'LIGHT', []],
] as const)(
  'changed here and elsewhere, both values are asked about, and %s can be chosen',
  async (which, theme, then) => {
    const { world, set, run, keeping } = page();
    keeping.take(kept(usual));
    world.answer = () => elsewhere({ theme: 'LIGHT' });
    set({ theme: 'DARK' });
    await run();
    await run();
    // Nothing is written over unseen, here or there.
    expect(world.sent).toHaveLength(1);
    expect(world.taste.theme).toBe('DARK');
    const asked = world.asked.at(-1)?.theme;
    expect(asked).toMatchObject({ yours: 'DARK', theirs: 'LIGHT' });
    world.answer = keptAs({ ...usual, theme });
    asked?.choose(which);
    await run();
    expect(world.taste.theme).toBe(theme);
    expect(world.sent.slice(1)).toEqual(then);
    expect(world.asked.at(-1)).toEqual({});
  },
);

test('whoever chooses anew has chosen; where a page was left is asked of nobody, nor what both have made the same', async () => {
  const { world, set, run, keeping } = page();
  keeping.take(kept(usual));
  world.answer = () => elsewhere({ theme: 'LIGHT', blotterPx: 300, density: 'dense' });
  set({ theme: 'DARK', blotterPx: 400, density: 'dense' });
  await run();
  expect(Object.keys(world.asked.at(-1) ?? {})).toEqual(['theme']);
  world.answer = keptAs({ ...usual, theme: 'SYSTEM', blotterPx: 400 });
  set({ theme: 'SYSTEM' });
  await run();
  expect(world.asked.at(-1)).toEqual({});
  expect(world.sent.slice(1)).toEqual([{ theme: 'SYSTEM', blotterHeight: 400, expectedVersion: 2 }]);
});

test('one change goes after the other: two at a time would be at odds with each other', async () => {
  const { world, set, run, keeping } = page();
  keeping.take(kept(usual));
  let answered: (answer: Answer) => void = () => undefined;
  world.answer = () => new Promise<Answer>((resolve) => (answered = resolve)) as never;
  set({ theme: 'DARK' });
  await run();
  set({ density: 'dense' });
  await run();
  expect(world.sent).toEqual([{ theme: 'DARK', expectedVersion: 1 }]);
  answered({ kind: 'kept', preferences: kept(world.taste, 2) });
  await run();
  await run();
  expect(world.sent.slice(1)).toEqual([{ density: 'DENSE', expectedVersion: 2 }]);
});

function page() {
  const world = {
    taste: usual,
    sent: [] as UpdatePreferencesInput[],
    answer: (): Answer => ({ kind: 'kept', preferences: kept(usual) }),
    asked: [] as TasteConflicts[],
    session: 'signedIn' as SessionState,
    listeners: [] as (() => void)[],
    backs: [] as (() => void)[],
    planned: [] as (() => void)[],
  };
  const set = (change: Partial<Taste>): void => {
    world.taste = { ...world.taste, ...change };
    for (const listener of world.listeners) listener();
  };
  const keeping = keepPreferences({
    known: usual,
    taste: () => world.taste,
    onTaste: (listener) => {
      world.listeners.push(listener);
      return () => undefined;
    },
    session: () => world.session,
    send: async (input) => {
      world.sent.push(input);
      return world.answer();
    },
    setTaste: set,
    ask: (conflicts) => void world.asked.push(conflicts),
    onBack: (listener) => {
      world.backs.push(listener);
      return () => undefined;
    },
    later: (work) => void world.planned.push(work),
  });
  const run = async (): Promise<void> => {
    for (const work of world.planned.splice(0)) work();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { world, set, run, keeping };
}
