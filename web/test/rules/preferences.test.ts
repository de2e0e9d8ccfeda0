import { expect, test } from 'vitest';
import type { PreferenceFieldsFragment, UpdatePreferencesInput } from '../../src/api/generated/graphql.ts';
import type { SessionState } from '../../src/api/session.ts';
import { changesOf, keepPreferences, tasteOf } from '../../src/app/preferences.ts';
import type { Taste } from '../../src/ui/taste.ts';

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
const kept = (taste: Taste) =>
  ({ ...changesOf({} as Taste, taste), displayCurrency: 'USD', mutedNotifications: [] }) as PreferenceFieldsFragment;

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
  world.isHeard = false;
  set({ theme: 'DARK' });
  await run();
  keeping.take(kept({ ...usual, theme: 'LIGHT', density: 'dense' }), set);
  expect(world.taste).toMatchObject({ theme: 'DARK', density: 'dense' });
  world.isHeard = true;
  for (const back of world.backs) back();
  await run();
  expect(world.sent).toEqual([{ theme: 'DARK' }, { theme: 'DARK' }]);
  for (const back of world.backs) back();
  await run();
  expect(world.sent).toHaveLength(2);
});

test('what the server says is not told back, and a stranger tells nobody', async () => {
  const { world, set, run, keeping } = page();
  keeping.take(kept(unusual), set);
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

function page() {
  const world = {
    taste: usual,
    sent: [] as UpdatePreferencesInput[],
    isHeard: true,
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
      return world.isHeard;
    },
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
