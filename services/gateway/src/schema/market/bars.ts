import { invalid } from '@andvari/kit/base/errors';
import {
  BarOrigin as BarOrigins,
  BarPeriod as BarPeriods,
  type GetBarsResponse,
  Timeframe as Timeframes,
} from '@andvari/proto/stock/v1/stock';
import { builder } from '../builder.ts';
import { protoEnum, protoEnumNamed } from '../proto-enum.ts';
import { textOrNull } from '../text.ts';
import { symbolFrom } from './symbols.ts';

export const Timeframe = protoEnum('Timeframe', Timeframes, 'How much time one bar spans.', {
  MINUTE: 'One minute.',
  MINUTE_5: 'Five minutes.',
  MINUTE_15: 'A quarter of an hour.',
  HOUR: 'One hour.',
  DAY: 'One trading day.',
  WEEK: 'One week, from Monday.',
  MONTH: 'One calendar month.',
});
const BarPeriod = protoEnumNamed('BarPeriod', 'BAR_PERIOD_', BarPeriods, 'What a chart shows, up to now.', {
  DAY: 'One day.',
  WEEK: 'One week.',
  MONTH: 'One month.',
  MONTHS_3: 'Three months.',
  MONTHS_6: 'Six months.',
  YEAR: 'One year.',
  YEARS_5: 'Five years.',
  MAX: 'All that there is.',
});
const BarOrigin = protoEnumNamed('BarOrigin', 'BAR_ORIGIN_', BarOrigins, 'Whose trades.', {
  REFERENCE: 'The reference market alone.',
  VENUE: 'Our own trades alone; nothing where nobody traded here.',
});

/** A page of a chart. */
const MAX_BARS = 1000;

const Bars = builder.objectRef<GetBarsResponse & { symbol: string }>('Bars').implement({
  description: 'A chart in columns: the values of one index are one bar, the oldest first. The last may still change.',
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of which instrument.' }),
    times: t.intList({
      description: 'When each begins, in seconds since 1970 in UTC: what charts take.',
      resolve: ({ bars }) => bars.map(({ startsAtUs }) => Number(startsAtUs / 1_000_000n)),
    }),
    open: t.field({
      type: ['Decimal'],
      description: 'The first price of each.',
      resolve: ({ bars }) => bars.map((it) => it.open),
    }),
    high: t.field({ type: ['Decimal'], description: 'The highest.', resolve: ({ bars }) => bars.map((it) => it.high) }),
    low: t.field({ type: ['Decimal'], description: 'The lowest.', resolve: ({ bars }) => bars.map((it) => it.low) }),
    close: t.field({ type: ['Decimal'], description: 'The last.', resolve: ({ bars }) => bars.map((it) => it.close) }),
    volume: t.field({
      type: ['Decimal'],
      description: 'How many were traded.',
      resolve: ({ bars }) => bars.map((it) => it.volume),
    }),
    lastIsLive: t.boolean({
      description: 'Whether the last one still changes.',
      resolve: ({ bars }) => bars.at(-1)?.live ?? false,
    }),
    timeframe: t.field({
      type: Timeframe.type,
      description: 'How much time one spans.',
      resolve: ({ timeframe }) => Timeframe.from(timeframe),
    }),
    source: t.exposeString('source', { description: 'Who says so.' }),
    asOf: t.field({ type: 'DateTime', description: 'Of when it is.', resolve: ({ asOfUs }) => asOfUs }),
    endCursor: t.string({
      nullable: true,
      description: 'Given as `after`, it brings the page behind this one.',
      resolve: ({ pageInfo }) => textOrNull(pageInfo?.endCursor ?? ''),
    }),
    hasNextPage: t.boolean({
      description: 'Whether there is one.',
      resolve: ({ pageInfo }) => pageInfo?.hasNextPage ?? false,
    }),
  }),
});

builder.queryField('bars', (t) =>
  t.field({
    type: Bars,
    nullable: true,
    description: 'A chart: of a period up to now, or of a range in a timeframe.',
    complexity: 20,
    authScopes: { may: 'instrument:read' },
    args: {
      symbol: t.arg.string({ required: true, description: 'Of which instrument.' }),
      period: t.arg({ type: BarPeriod.type, description: 'Up to now, in the timeframe that suits it.' }),
      timeframe: t.arg({ type: Timeframe.type, description: 'Of each bar.' }),
      from: t.arg({ type: 'DateTime', description: 'Bars that begin then or later.' }),
      to: t.arg({ type: 'DateTime', description: 'Bars that begin before.' }),
      adjusted: t.arg.boolean({ required: true, defaultValue: true, description: 'For splits and dividends since.' }),
      origin: t.arg({
        type: BarOrigin.type,
        description: 'Whose trades; without it, the reference with our own folded in.',
      }),
      latestFirst: t.arg.boolean({
        required: true,
        defaultValue: false,
        description: 'The end of the range first, so that a chart can go back in time.',
      }),
      first: t.arg.int({
        required: true,
        defaultValue: MAX_BARS,
        description: `Bars of a page, ${MAX_BARS} at the most.`,
      }),
      after: t.arg.string({ description: 'The end cursor of the page before.' }),
    },
    resolve: async (
      _,
      { symbol: given, period, timeframe, from, to, adjusted, origin, latestFirst, first, after },
      { clients },
    ) => {
      if (first < 1 || first > MAX_BARS) throw invalid('first', `should be from 1 to ${MAX_BARS}`);
      const symbol = symbolFrom('symbol', given);
      const bars = await clients.stock.getBars({
        symbol,
        timeframe: (timeframe ?? 0) as Timeframes,
        fromUs: from ?? 0n,
        toUs: to ?? 0n,
        adjusted,
        page: { first, after: after ?? '' },
        period: (period ?? 0) as BarPeriods,
        origin: (origin ?? 0) as BarOrigins,
        latestFirst,
      });
      return { ...bars, symbol };
    },
  }),
);
