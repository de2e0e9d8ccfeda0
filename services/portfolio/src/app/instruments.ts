import type { Db, Tx } from '@andvari/kit/db/types';
import { type Currency, isCurrency } from '../domain/asset.ts';
import type { IsListed } from '../ports/listed-symbols.ts';
import { findCurrencies, type ListedInstrument, noteCurrency, saveInstruments } from '../store/instruments.ts';
import { refusal } from './refusals.ts';

const MOST_KEPT = 100_000;

export type { ListedInstrument };

export type Instruments = ReturnType<typeof createInstruments>;

/** What each symbol is traded in. A symbol does not change its currency, so what was once read is kept. */
export function createInstruments({ db, isListed }: { db: Db; isListed: IsListed }) {
  const known = new Map<string, Currency>();
  return {
    currencyOf,

    /** What the market has told of is known; of anything else it is asked. */
    async requireListed(symbol: string): Promise<void> {
      if ((await currencyOf(symbol)) !== undefined || (await isListed(symbol))) return;
      throw refusal('instrument_not_found', { field: 'asset' });
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

  /** Undefined while nobody has said. */
  async function currencyOf(symbol: string): Promise<Currency | undefined> {
    return known.get(symbol) ?? keep(symbol, (await findCurrencies(db, [symbol])).get(symbol));
  }

  function keep(symbol: string, currency: Currency | undefined): Currency | undefined {
    if (currency !== undefined && known.size < MOST_KEPT) known.set(symbol, currency);
    return currency;
  }
}
