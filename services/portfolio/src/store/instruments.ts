import { bigintArray, textArray } from '@andvari/kit/db/pg-array';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Currency } from '../domain/asset.ts';

/** What symbols are traded in, of those that are known. */
export async function findCurrencies(db: Db | Tx, symbols: readonly string[]): Promise<Map<string, Currency>> {
  const rows = await db<{ symbol: string; currency: Currency }[]>`
    select symbol, currency from instruments where symbol = any (${textArray(symbols)}::text[])`;
  return new Map(rows.map(({ symbol, currency }) => [symbol, currency]));
}

/** What its first buyer reserved it in, until the market says more. The answer is what it is known to trade in from now on. */
export async function noteCurrency(db: Db, symbol: string, currency: Currency): Promise<Currency> {
  await db`insert into instruments (symbol, currency) values (${symbol}, ${currency}) on conflict do nothing`;
  return (await findCurrencies(db, [symbol])).get(symbol) ?? currency;
}

export type ListedInstrument = {
  readonly symbol: string;
  readonly currency: string;
  readonly lot: bigint;
  readonly version: bigint;
};

/** What the market says; an older word than the last one changes nothing. */
export async function saveInstruments(tx: Tx, instruments: readonly ListedInstrument[]): Promise<void> {
  if (instruments.length === 0) return;
  await tx`
    insert into instruments as known (symbol, currency, lot, version)
      select distinct on (symbol) symbol, currency, greatest(lot, 1), version
        from unnest(
          ${textArray(instruments.map(({ symbol }) => symbol))}::text[],
          ${textArray(instruments.map(({ currency }) => currency))}::text[],
          ${bigintArray(instruments.map(({ lot }) => lot))}::bigint[],
          ${bigintArray(instruments.map(({ version }) => version))}::bigint[]
        ) as new (symbol, currency, lot, version)
        order by symbol, version desc
    on conflict (symbol) do update set currency = excluded.currency, lot = excluded.lot, version = excluded.version
      where known.version <= excluded.version`;
}
