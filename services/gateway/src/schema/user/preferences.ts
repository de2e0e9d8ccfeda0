import { assert } from '@andvari/kit/base/errors';
import { Timeframe as Timeframes } from '@andvari/proto/stock/v1/stock';
import type { Preferences as PreferencesMessage } from '@andvari/proto/user/v1/user';
import { builder } from '../builder.ts';
import { Timeframe } from '../market/bars.ts';
import { NotPossible, refusals, refusing } from '../refusals.ts';
import { signedIn } from '../viewer-scope.ts';
import { wordEnum } from '../word-enum.ts';
import { NotificationKind } from './notification-kind.ts';
import { versionFrom } from './update-profile.ts';

const Theme = builder.enumType('Theme', {
  description: 'The colours of the page.',
  values: {
    LIGHT: { value: 'light', description: 'Ink on paper.' },
    DARK: { value: 'dark', description: 'Paper on ink.' },
    SYSTEM: { value: 'system', description: 'As the device has it.' },
  },
});

const Colours = wordEnum('Colours', 'In which colours up and down are.', {
  teal: 'Teal and vermilion.',
  sky: 'Sky and vermilion.',
  green_red: 'Green and red.',
  red_up: 'Red is up, green is down.',
});
const Density = wordEnum('Density', 'How close rows stand.', { calm: 'With air.', dense: 'Close.' });
const ChartView = wordEnum('ChartView', 'How bars are shown.', { candles: 'Drawn.', table: 'As numbers.' });

/** A timeframe as the user service keeps it. */
const timeframes: Readonly<Record<string, number>> = {
  minute: Timeframes.TIMEFRAME_MINUTE,
  minute_5: Timeframes.TIMEFRAME_MINUTE_5,
  minute_15: Timeframes.TIMEFRAME_MINUTE_15,
  hour: Timeframes.TIMEFRAME_HOUR,
  day: Timeframes.TIMEFRAME_DAY,
  week: Timeframes.TIMEFRAME_WEEK,
  month: Timeframes.TIMEFRAME_MONTH,
};

const texts = {
  theme: 'The colours of the page.',
  confirmOrders: 'Whether the page asks once more before it sends an order.',
  colours: 'In which colours up and down are.',
  density: 'How close rows stand.',
  hideAmounts: 'Whether amounts stay hidden until they are asked for.',
  singleKeys: 'Whether keys of one letter do something.',
  numberFormat: 'In whose notation numbers and times are: a language tag like `de-CH`; empty where the device decides.',
  chartTimeframe: 'Of each bar, where a link does not say.',
  chartView: 'How bars are shown.',
  watchlist: 'Which list stands beside the chart: its id or `everything`; empty for the first that has symbols.',
  blotterHeight: 'Of the orders beneath the chart, in pixels of the page; 0 where nobody has said.',
};

const Preferences = builder.objectRef<PreferencesMessage>('Preferences').implement({
  description: 'How a user likes things.',
  fields: (t) => ({
    theme: t.field({ type: Theme, description: texts.theme, resolve: ({ theme }) => themeFrom(theme) }),
    displayCurrency: t.exposeString('displayCurrency', {
      description: 'In which sums over accounts are shown: three letters of ISO 4217.',
    }),
    confirmOrders: t.exposeBoolean('confirmOrders', { description: texts.confirmOrders }),
    colours: t.field({
      type: Colours.type,
      description: texts.colours,
      resolve: ({ colours }) => Colours.from(colours),
    }),
    density: t.field({
      type: Density.type,
      description: texts.density,
      resolve: ({ density }) => Density.from(density),
    }),
    hideAmounts: t.exposeBoolean('hideAmounts', { description: texts.hideAmounts }),
    singleKeys: t.boolean({ description: texts.singleKeys, resolve: ({ singleKeysOff }) => !singleKeysOff }),
    numberFormat: t.exposeString('numberFormat', { description: texts.numberFormat }),
    chartTimeframe: t.field({
      type: Timeframe.type,
      description: texts.chartTimeframe,
      resolve: ({ chartTimeframe }) => Timeframe.from(timeframes[chartTimeframe] ?? 0),
    }),
    chartView: t.field({
      type: ChartView.type,
      description: texts.chartView,
      resolve: ({ chartView }) => ChartView.from(chartView),
    }),
    watchlist: t.exposeString('watchlist', { description: texts.watchlist }),
    blotterHeight: t.exposeInt('blotterHeight', { description: texts.blotterHeight }),
    mutedNotifications: t.field({
      type: [NotificationKind.type],
      description: 'Kinds of notifications that stay out of the inbox.',
      resolve: ({ mutedNotifications }) => mutedNotifications.map(NotificationKind.from),
    }),
    version: t.int({
      description: 'Grows with every change; a change may name the version it was made from.',
      resolve: ({ version }) => Number(version),
    }),
  }),
});

const UpdatePreferencesInput = builder.inputType('UpdatePreferencesInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    theme: t.field({ type: Theme, description: texts.theme }),
    displayCurrency: t.string({ description: 'Three letters of ISO 4217.' }),
    confirmOrders: t.boolean({ description: texts.confirmOrders }),
    colours: t.field({ type: Colours.type, description: texts.colours }),
    density: t.field({ type: Density.type, description: texts.density }),
    hideAmounts: t.boolean({ description: texts.hideAmounts }),
    singleKeys: t.boolean({ description: texts.singleKeys }),
    numberFormat: t.string({ description: texts.numberFormat }),
    chartTimeframe: t.field({ type: Timeframe.type, description: texts.chartTimeframe }),
    chartView: t.field({ type: ChartView.type, description: texts.chartView }),
    watchlist: t.string({ description: texts.watchlist }),
    blotterHeight: t.int({ description: 'Pixels, 100 to 2000.' }),
    mutedNotifications: t.field({
      type: [NotificationKind.type],
      description:
        'The whole new list of kinds that stay out of the inbox. One of the account’s security is refused as `security_notice`.',
    }),
    expectedVersion: t.int({ description: 'Refused when the preferences have moved on since.' }),
  }),
});

builder.queryField('preferences', (t) =>
  t.field({
    type: Preferences,
    nullable: true,
    description: 'One’s own preferences.',
    authScopes: { may: 'preferences:read' },
    resolve: async (_, _args, context) => {
      const { userId } = signedIn(context);
      return (await context.clients.user.getPreferences({ userId })).preferences ?? null;
    },
  }),
);

builder.mutationField('updatePreferences', (t) =>
  t.field({
    type: Preferences,
    nullable: true,
    description: 'Changes one’s own preferences.',
    errors: refusals(NotPossible),
    authScopes: { may: 'preferences:update' },
    args: { input: t.arg({ type: UpdatePreferencesInput, required: true }) },
    resolve: async (_, { input }, context) => {
      const { singleKeys, chartTimeframe, mutedNotifications } = input;
      const { preferences } = await refusing(
        context.clients.user.updatePreferences({
          userId: signedIn(context).userId,
          theme: input.theme ?? undefined,
          displayCurrency: input.displayCurrency ?? undefined,
          confirmOrders: input.confirmOrders ?? undefined,
          colours: input.colours ?? undefined,
          density: input.density ?? undefined,
          hideAmounts: input.hideAmounts ?? undefined,
          singleKeysOff: typeof singleKeys === 'boolean' ? !singleKeys : undefined,
          numberFormat: input.numberFormat ?? undefined,
          chartTimeframe: typeof chartTimeframe === 'number' ? wordOf(chartTimeframe) : undefined,
          chartView: input.chartView ?? undefined,
          watchlist: input.watchlist ?? undefined,
          blotterHeight: input.blotterHeight ?? undefined,
          mutedNotifications: mutedNotifications ? { kinds: mutedNotifications } : undefined,
          expectedVersion: versionFrom(input.expectedVersion),
        }),
      );
      assert(preferences, 'UpdatePreferences answered without preferences');
      return preferences;
    },
  }),
);

/** A theme of a newer service than this gateway reads as the neutral one. */
function themeFrom(theme: string): 'light' | 'dark' | 'system' {
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

const wordOf = (timeframe: number): string =>
  Object.entries(timeframes).find(([, number]) => number === timeframe)?.[0] ?? '';
