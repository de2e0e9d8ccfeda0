import { invalid } from '@andvari/kit/base/errors';
import {
  type FxRate as FxRateMessage,
  type GetCalendarResponse,
  type GetClockResponse,
  type MarketDay as MarketDayMessage,
  type MarketHoliday as MarketHolidayMessage,
} from '@andvari/proto/stock/v1/stock';
import { builder } from '../builder.ts';
import { asNamedIn } from '../operation-inputs.ts';
import { timeOrNull } from '../scalars.ts';
import { MarketState } from './quote.ts';
import { inCapitals } from './symbols.ts';

export const MarketClock = builder.objectRef<GetClockResponse>('MarketClock').implement({
  description: 'Where the market is in its day.',
  fields: (t) => ({
    now: t.field({
      type: 'DateTime',
      description: 'The time by which the market goes.',
      resolve: ({ nowUs }) => nowUs,
    }),
    state: t.field({
      type: MarketState.type,
      description: 'Whether it is open.',
      resolve: ({ state }) => MarketState.from(state),
    }),
    nextOpen: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the next regular session begins.',
      resolve: ({ nextOpenUs }) => timeOrNull(nextOpenUs),
    }),
    nextClose: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the regular session ends.',
      resolve: ({ nextCloseUs }) => timeOrNull(nextCloseUs),
    }),
    alwaysOpen: t.exposeBoolean('alwaysOpen', { description: 'Kept open whatever the calendar says.' }),
    timeZone: t.exposeString('timeZone', { description: 'Of the market, as IANA names it.' }),
  }),
});

const MarketDay = builder.objectRef<MarketDayMessage>('MarketDay').implement({
  description: 'A day with a session.',
  fields: (t) => ({
    date: t.exposeString('date', { description: 'In the market’s own zone: 2026-11-27.' }),
    opensAt: t.field({
      type: 'DateTime',
      description: 'When the regular session begins.',
      resolve: ({ opensAtUs }) => opensAtUs,
    }),
    closesAt: t.field({ type: 'DateTime', description: 'When it ends.', resolve: ({ closesAtUs }) => closesAtUs }),
    earlyClose: t.exposeBoolean('earlyClose', { description: 'Whether it ends earlier than usual.' }),
    preOpensAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When trading before the session begins.',
      resolve: ({ preOpensAtUs }) => timeOrNull(preOpensAtUs),
    }),
    afterClosesAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When trading after the session ends.',
      resolve: ({ afterClosesAtUs }) => timeOrNull(afterClosesAtUs),
    }),
  }),
});

const MarketHoliday = builder.objectRef<MarketHolidayMessage>('MarketHoliday').implement({
  description: 'A weekday without a session.',
  fields: (t) => ({
    date: t.exposeString('date', { description: 'In the market’s own zone.' }),
    name: t.exposeString('name', { description: 'Which holiday.' }),
  }),
});

const MarketCalendar = builder.objectRef<GetCalendarResponse>('MarketCalendar').implement({
  description: 'Days with and without a session.',
  fields: (t) => ({
    days: t.field({ type: [MarketDay], description: 'With one.', resolve: ({ days }) => days }),
    holidays: t.field({
      type: [MarketHoliday],
      description: 'Weekdays without one.',
      resolve: ({ holidays }) => holidays,
    }),
  }),
});

const FxRate = builder.objectRef<FxRateMessage>('FxRate').implement({
  description:
    'The middle rate of a pair of currencies, one number for both ways: to go from base to quote one multiplies by it, to come back one divides. A transfer gets less than this by the spread of the house, either way: `Transfer.fxSpread`.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'Its own for good, and no global id: a rate is told once and does not change.',
    }),
    base: t.exposeString('base', { description: 'One of it …' }),
    quote: t.exposeString('quote', { description: '… costs so many of these.' }),
    rate: t.field({
      type: 'Decimal',
      description: 'Units of quote for one of base, without any spread.',
      resolve: ({ rate }) => rate,
    }),
    source: t.exposeString('source', { description: 'Who says so.' }),
    asOf: t.field({ type: 'DateTime', description: 'Of when it is.', resolve: ({ asOfUs }) => asOfUs }),
    validUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when it is good.',
      resolve: ({ validUntilUs }) => timeOrNull(validUntilUs),
    }),
  }),
});

builder.queryFields((t) => ({
  marketClock: t.field({
    type: MarketClock,
    nullable: true,
    description: 'Where the market is in its day.',
    authScopes: { may: 'instrument:read' },
    resolve: (_, _args, { clients }) => clients.stock.getClock({}),
  }),
  marketCalendar: t.field({
    type: MarketCalendar,
    nullable: true,
    description: 'Sessions and holidays from a date to a date, 400 days at the most.',
    complexity: 20,
    authScopes: { may: 'instrument:read' },
    args: {
      fromDate: t.arg.string({ required: true, description: 'A date in the market’s own zone: 2026-11-01.' }),
      toDate: t.arg.string({ required: true, description: 'Included.' }),
    },
    resolve: (_, { fromDate, toDate }, { clients }) => clients.stock.getCalendar({ fromDate, toDate }),
  }),
  fxRate: t.field({
    type: FxRate,
    nullable: true,
    description:
      'The middle rate of a pair of currencies: the same pair and number whichever way it is asked for, and not what a transfer is made at, which is less the spread.',
    authScopes: { may: 'instrument:read' },
    args: {
      from: t.arg.string({ required: true, description: 'Three letters of ISO 4217, in any case.' }),
      to: t.arg.string({ required: true, description: 'Three letters of ISO 4217, in any case.' }),
    },
    resolve: async (_, { from, to }, { clients }) => {
      const [base, quote] = [currencyFrom('from', from), currencyFrom('to', to)];
      const { rates } = await asNamedIn('fxRate', clients.stock.getFxRates({ base, quotes: [quote] }));
      return rates[0] ?? null;
    },
  }),
}));

function currencyFrom(field: string, given: string): string {
  const currency = inCapitals(given);
  if (!/^[A-Z]{3}$/.test(currency)) throw invalid(field, 'is not a currency');
  return currency;
}
