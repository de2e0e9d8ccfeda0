import { type Bar, fold } from '../domain/bars.ts';
import {
  type CorporateAction,
  type Factors,
  factorsAt,
  isUnchanged,
  type Ratio,
  times,
} from '../domain/corporate-action.ts';
import { DAY_MS } from '../domain/days.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { ProviderQuote } from '../domain/quote.ts';
import type { SimulatedSymbol } from '../domain/simulated-days.ts';
import { createSimulatedMarket } from '../domain/simulated-market.ts';
import { barEnd, isIntraday, type Timeframe } from '../domain/timeframe.ts';
import type { TradingDays } from '../domain/trading-days.ts';
import type { BarQuery, MarketDataProvider } from './provider.ts';

export interface SimulatedOptions {
  seed: string;
  days: TradingDays;
  /** Corporate actions of a symbol, oldest first: the made-up prices follow them as real ones do. */
  actionsOf: (symbol: string) => readonly CorporateAction[];
}

export function simulatedProvider({ seed, days, actionsOf }: SimulatedOptions): MarketDataProvider {
  const market = createSimulatedMarket(seed, days);
  const symbols = new Map<string, { version: bigint; of: SimulatedSymbol }>();

  function symbolOf(instrument: Instrument): SimulatedSymbol {
    const known = symbols.get(instrument.symbol);
    if (known?.version === instrument.version) return known.of;
    const of = simulatedSymbol(instrument);
    symbols.set(instrument.symbol, { version: instrument.version, of });
    return of;
  }

  return {
    name: 'simulated',
    async quotes(instruments, at) {
      return instruments.map((instrument) => quoteOf(instrument, at));
    },
    async bars(instrument, timeframe, query) {
      const of = symbolOf(instrument);
      const actions = actionsOf(instrument.symbol);
      const last = factorsAt(actions, query.now);
      const found: Bar[] = [];
      for (const bar of market.bars(of, timeframe, query, query.backwards)) {
        if (found.length >= query.limit) break;
        const factors = query.adjusted ? last : factorsAt(actions, bar.startsAt);
        found.push(
          changedWithin(actions, timeframe, bar) && !query.adjusted
            ? piecewise(of, actions, timeframe, bar, query)
            : scaled(of, bar, factors),
        );
      }
      return { bars: query.backwards ? found.toReversed() : found, source: 'simulated' };
    },
  };

  function quoteOf(instrument: Instrument, at: number): ProviderQuote {
    const of = symbolOf(instrument);
    const { volume, bidSize, askSize, ...prices } = market.quote(of, at);
    const actions = actionsOf(instrument.symbol);
    const factors = factorsAt(actions, at);
    const price = (value: number): bigint => BigInt(isUnchanged(factors) ? value : onGridOf(of, value, factors.price));
    const [bid, ask] = [price(prices.bid), price(prices.ask)];
    return {
      symbol: instrument.symbol,
      last: price(prices.last),
      bid,
      // Scaled down, both may fall on one tick.
      ask: ask > bid ? ask : bid + BigInt(bid >= 1_000_000n ? of.tick : of.tickBelowOne),
      bidSize: BigInt(bidSize),
      askSize: BigInt(askSize),
      open: price(prices.open),
      high: price(prices.high),
      low: price(prices.low),
      previousClose: price(prices.previousClose),
      volume: BigInt(times(volume, factors.volume)),
      high52w: price(prices.high52w),
      low52w: price(prices.low52w),
      source: 'simulated',
      asOfUs: BigInt(Math.trunc(at)) * 1000n,
    };
  }

  /** A bar with prices from both sides of an action is folded from minutes, of which none has. */
  function piecewise(
    of: SimulatedSymbol,
    actions: readonly CorporateAction[],
    timeframe: Timeframe,
    bar: Bar,
    query: BarQuery,
  ): Bar {
    const range = { from: bar.startsAt, to: barEnd(timeframe, bar.startsAt), now: query.now };
    const minutes = [...market.bars(of, 'minute', range)];
    return (
      fold(
        minutes.map((minute) => scaled(of, minute, factorsAt(actions, minute.startsAt))),
        bar.startsAt,
      ) ?? bar
    );
  }
}

function changedWithin(actions: readonly CorporateAction[], timeframe: Timeframe, { startsAt }: Bar): boolean {
  if (actions.length === 0) return false;
  const end = isIntraday(timeframe) ? barEnd(timeframe, startsAt) : barEnd(timeframe, startsAt) + DAY_MS;
  return actions.some(({ effectiveAtUs }) => {
    const at = Number(effectiveAtUs / 1000n);
    return at > startsAt && at < end;
  });
}

function scaled(of: SimulatedSymbol, bar: Bar, factors: Factors): Bar {
  if (isUnchanged(factors)) return bar;
  const { price, volume } = factors;
  return {
    startsAt: bar.startsAt,
    open: onGridOf(of, bar.open, price),
    high: onGridOf(of, bar.high, price),
    low: onGridOf(of, bar.low, price),
    close: onGridOf(of, bar.close, price),
    volume: times(bar.volume, volume),
  };
}

/** The nearest price that can be quoted, and never nothing. */
export function onGridOf(
  { tick, tickBelowOne }: Pick<SimulatedSymbol, 'tick' | 'tickBelowOne'>,
  price: number,
  ratio: Ratio,
): number {
  const isFromOneUp = BigInt(price) * ratio.numerator >= ONE * ratio.denominator;
  return isFromOneUp ? times(price, ratio, tick) : Math.max(tickBelowOne, times(price, ratio, tickBelowOne));
}

const ONE = 1_000_000n;

/** An index fund is mostly the market; a company moves with market, sector and by itself. */
export function simulatedSymbol(instrument: Instrument): SimulatedSymbol {
  const { symbol, sector, type, basePrice, volatilityPpm, dailyVolume, tick, tickBelowOne } = instrument;
  const broad = type === 'etf' && sector === 'Broad Market';
  return {
    symbol,
    sector,
    basePrice: Number(basePrice),
    volatility: volatilityPpm / 1_000_000,
    marketShare: broad ? 0.92 : 0.28,
    sectorShare: broad ? 0 : type === 'etf' ? 0.55 : 0.24,
    dailyVolume,
    tick: Number(tick),
    tickBelowOne: Number(tickBelowOne),
  };
}
