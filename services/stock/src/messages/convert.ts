import { invalid } from '@andvari/kit/base/errors';
import {
  type Bar as BarMessage,
  BarPeriod,
  type CorporateAction as CorporateActionMessage,
  CorporateActionType,
  type Instrument as InstrumentMessage,
  InstrumentType,
  MarketState,
  MoversKind,
  type Quote as QuoteMessage,
  Timeframe as TimeframeMessage,
} from '@andvari/proto/stock/v1/stock';
import type { Bar } from '../domain/bars.ts';
import type { CashDividend, CorporateAction, Split } from '../domain/corporate-action.ts';
import { DEFAULT_DAILY_VOLUME, DEFAULT_VOLATILITY_PPM, type Instrument } from '../domain/instrument.ts';
import type { MoversKind as Kind } from '../domain/movers.ts';
import type { Quote } from '../domain/quote.ts';
import type { Period, Timeframe } from '../domain/timeframe.ts';

export const marketStateTo: Record<Quote['state'], MarketState> = {
  closed: MarketState.MARKET_STATE_CLOSED,
  pre: MarketState.MARKET_STATE_PRE,
  regular: MarketState.MARKET_STATE_REGULAR,
  after: MarketState.MARKET_STATE_AFTER,
  halted: MarketState.MARKET_STATE_HALTED,
};

const typeTo: Record<Instrument['type'], InstrumentType> = {
  equity: InstrumentType.INSTRUMENT_TYPE_EQUITY,
  etf: InstrumentType.INSTRUMENT_TYPE_ETF,
};

export function instrumentTo(instrument: Instrument): InstrumentMessage {
  const { halt, volatilityPpm: _volatility, dailyVolume: _volume, type, ...same } = instrument;
  return {
    ...same,
    type: typeTo[type],
    halted: halt !== undefined,
    haltReason: halt?.reason ?? '',
    haltedAtUs: halt?.sinceUs ?? 0n,
  };
}

/** As an operator states it: a limit of 0 is one of 0, not one that was left out. */
export function instrumentFrom(message: InstrumentMessage, known: Instrument | undefined): Instrument {
  const type = instrumentTypeFrom('instrument.type', message.type);
  if (type === '') throw invalid('instrument.type', 'should be said');
  return {
    symbol: message.symbol,
    name: message.name,
    exchange: message.exchange,
    sector: message.sector,
    type,
    currency: message.currency,
    tick: message.tick,
    tickBelowOne: message.tickBelowOne,
    lot: message.lot,
    fractionable: message.fractionable,
    tradable: message.tradable,
    halt: known?.halt,
    basePrice: message.basePrice,
    minNotional: message.minNotional,
    maxQty: message.maxQty,
    maxPrice: message.maxPrice,
    version: known?.version ?? 0n,
    volatilityPpm: known?.volatilityPpm ?? DEFAULT_VOLATILITY_PPM,
    dailyVolume: known?.dailyVolume ?? DEFAULT_DAILY_VOLUME,
  };
}

/** Empty where nothing was said. */
export function instrumentTypeFrom(field: string, type: InstrumentType): Instrument['type'] | '' {
  if (type === InstrumentType.INSTRUMENT_TYPE_UNSPECIFIED) return '';
  return keyOf(typeTo, type, field);
}

export function quoteTo({ state, ...fields }: Quote): QuoteMessage {
  return { ...fields, marketState: marketStateTo[state] };
}

const timeframeTo: Record<Timeframe, TimeframeMessage> = {
  minute: TimeframeMessage.TIMEFRAME_MINUTE,
  minute_5: TimeframeMessage.TIMEFRAME_MINUTE_5,
  minute_15: TimeframeMessage.TIMEFRAME_MINUTE_15,
  hour: TimeframeMessage.TIMEFRAME_HOUR,
  day: TimeframeMessage.TIMEFRAME_DAY,
  week: TimeframeMessage.TIMEFRAME_WEEK,
  month: TimeframeMessage.TIMEFRAME_MONTH,
};

export function timeframeMessage(timeframe: Timeframe): TimeframeMessage {
  return timeframeTo[timeframe];
}

export function timeframeFrom(message: TimeframeMessage): Timeframe | undefined {
  if (message === TimeframeMessage.TIMEFRAME_UNSPECIFIED) return undefined;
  return keyOf(timeframeTo, message, 'timeframe');
}

const periodTo: Record<Period, BarPeriod> = {
  day: BarPeriod.BAR_PERIOD_DAY,
  week: BarPeriod.BAR_PERIOD_WEEK,
  month: BarPeriod.BAR_PERIOD_MONTH,
  months_3: BarPeriod.BAR_PERIOD_MONTHS_3,
  months_6: BarPeriod.BAR_PERIOD_MONTHS_6,
  year: BarPeriod.BAR_PERIOD_YEAR,
  years_5: BarPeriod.BAR_PERIOD_YEARS_5,
  max: BarPeriod.BAR_PERIOD_MAX,
};

export function periodFrom(message: BarPeriod): Period | undefined {
  if (message === BarPeriod.BAR_PERIOD_UNSPECIFIED) return undefined;
  return keyOf(periodTo, message, 'period');
}

export function barTo({ startsAt, open, high, low, close, volume }: Bar, live: boolean): BarMessage {
  return {
    startsAtUs: BigInt(startsAt) * 1000n,
    open: BigInt(open),
    high: BigInt(high),
    low: BigInt(low),
    close: BigInt(close),
    volume: BigInt(volume),
    live,
  };
}

export function actionTo(action: CorporateAction): CorporateActionMessage {
  const { id, symbol, terms, exDate, appliedAtUs, referencePx, effectiveAtUs } = action;
  const common = { id, symbol, exDate, appliedAtUs, referencePx, effectiveAtUs };
  return terms.type === 'split'
    ? {
        ...common,
        type: CorporateActionType.CORPORATE_ACTION_TYPE_SPLIT,
        ratioTo: terms.to,
        ratioFrom: terms.from,
        amount: 0n,
        currency: '',
      }
    : {
        ...common,
        type: CorporateActionType.CORPORATE_ACTION_TYPE_CASH_DIVIDEND,
        ratioTo: 0n,
        ratioFrom: 0n,
        amount: terms.amount,
        currency: terms.currency,
      };
}

export function termsFrom({
  type,
  ratioTo,
  ratioFrom,
  amount,
  currency,
}: CorporateActionMessage): Split | CashDividend {
  if (type === CorporateActionType.CORPORATE_ACTION_TYPE_SPLIT) {
    if (amount !== 0n) throw invalid('action.amount', 'goes with a dividend, not with a split');
    if (currency !== '') throw invalid('action.currency', 'goes with a dividend, not with a split');
    return { type: 'split', to: ratioTo, from: ratioFrom };
  }
  if (type === CorporateActionType.CORPORATE_ACTION_TYPE_CASH_DIVIDEND) {
    if (ratioTo !== 0n) throw invalid('action.ratio_to', 'goes with a split, not with a dividend');
    if (ratioFrom !== 0n) throw invalid('action.ratio_from', 'goes with a split, not with a dividend');
    return { type: 'cash_dividend', amount, currency };
  }
  throw invalid('action.type', 'should be a split or a cash dividend');
}

const moversTo: Record<Kind, MoversKind> = {
  gainers: MoversKind.MOVERS_KIND_GAINERS,
  losers: MoversKind.MOVERS_KIND_LOSERS,
  most_active: MoversKind.MOVERS_KIND_MOST_ACTIVE,
};

export function moversKindFrom(kind: MoversKind): Kind {
  return keyOf(moversTo, kind, 'kind');
}

function keyOf<K extends string, V>(table: Record<K, V>, value: V, field: string): K {
  const found = (Object.keys(table) as K[]).find((key) => table[key] === value);
  if (found === undefined) throw invalid(field, `should be one of ${Object.keys(table).join(', ')}`);
  return found;
}
