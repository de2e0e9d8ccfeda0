import type { Db, Tx } from '@andvari/kit/db/types';
import { type Currency, isCurrency } from '../domain/asset.ts';
import { findCurrencies, type ListedInstrument, noteCurrency, saveInstruments } from '../store/instruments.ts';

const MOST_KEPT = 100_000;

export type { ListedInstrument };

export type Instruments = ReturnType<typeof createInstruments>;

/** What each symbol is traded in. A symbol does not change its currency, so what was once read is kept. */
export function createInstruments({ db }: { db: Db }) {
  const known = new Map<string, Currency>();
  return {
    /** Undefined while nobody has said. */
    async currencyOf(symbol: string): Promise<Currency | undefined> {
      return known.get(symbol) ?? keep(symbol, (await findCurrencies(db, [symbol])).get(symbol));
    },

    /** An order in it was accepted: so it is traded, until the market says more. */
    async traded(symbol: string, currency: Currency): Promise<void> {
      if (!known.has(symbol)) keep(symbol, await noteCurrency(db, symbol, currency));
    },

    /** A currency that accounts are not kept in is none of ours: nobody here can trade that symbol. */
    async listed(tx: Tx, instruments: readonly ListedInstrument[]): Promise<void> {
      await saveInstruments(
        tx,
        instruments.filter(({ currency }) => isCurrency(currency)),
      );
      for (const { symbol } of instruments) known.delete(symbol);
    },
  };

  function keep(symbol: string, currency: Currency | undefined): Currency | undefined {
    if (currency !== undefined && known.size < MOST_KEPT) known.set(symbol, currency);
    return currency;
  }
}
