import type { Clock, DollarRate, Instrument, Quote } from '../domain/market.ts';
import { clockFrom, dollarRateFrom, instrumentFrom, quoteFrom } from '../messages/market.ts';
import type { Stock } from '../ports/stock.ts';

interface Learning {
  learnInstrument: (instrument: Instrument) => void;
  learnQuote: (symbol: string, quote: Quote) => void;
  learnClock: (clock: Clock) => void;
  learnRate: (rate: DollarRate) => void;
}

/** Asks the stock service for everything: at the start, and now and then for whatever was missed. */
export async function refreshMarket(stock: Stock, view: Learning): Promise<void> {
  const clock = clockFrom(await stock.clock());
  if (clock !== undefined) view.learnClock(clock);
  const currencies = new Set<string>();
  for await (const page of stock.instruments()) {
    for (const message of page) {
      const instrument = instrumentFrom(message);
      if (instrument === undefined) continue;
      view.learnInstrument(instrument);
      if (instrument.currency !== 'USD') currencies.add(instrument.currency);
    }
    const symbols = page.map(({ symbol }) => symbol);
    if (symbols.length === 0) continue;
    for (const quote of await stock.quotes(symbols)) view.learnQuote(quote.symbol, quoteFrom(quote));
  }
  if (currencies.size === 0) return;
  for (const rate of await stock.dollarRates([...currencies])) view.learnRate(dollarRateFrom(rate));
}
