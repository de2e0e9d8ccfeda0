import type { Bar } from '../domain/bars.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { ProviderQuote } from '../domain/quote.ts';
import type { BarRange } from '../domain/simulated-market.ts';
import type { Timeframe } from '../domain/timeframe.ts';

/** Where prices come from. What it does not know it leaves out; what it cannot say at the moment is an error. */
export interface MarketDataProvider {
  readonly name: string;
  quotes(instruments: readonly Instrument[], at: number): Promise<ProviderQuote[]>;
  /** The first bars of the range, or the last ones; oldest first in either case. */
  bars(instrument: Instrument, timeframe: Timeframe, query: BarQuery): Promise<ProviderBars>;
}

export interface ProviderBars {
  readonly bars: readonly Bar[];
  readonly source: string;
}

export interface BarQuery extends BarRange {
  readonly limit: number;
  readonly backwards: boolean;
  /** For splits and dividends since. */
  readonly adjusted: boolean;
}
