import type { Db, Statement, Tx } from '@andvari/kit/db/types';
import type { Bar } from '../domain/bars.ts';

export interface VenueBar extends Bar {
  readonly symbol: string;
  readonly timeframe: 'minute' | 'day';
}

/** Adds to the bars that there are. What is added comes after what is there: its close is the close. */
export function addToBars(tx: Tx, bars: readonly VenueBar[]): Statement | undefined {
  if (bars.length === 0) return undefined;
  const numbers = (of: (bar: VenueBar) => number): bigint[] => bars.map((bar) => BigInt(of(bar)));
  return tx`
    insert into venue_bars as kept (symbol, timeframe, starts_at_us, open, high, low, close, volume)
    select * from unnest(
      ${bars.map(({ symbol }) => symbol)}::text[], ${bars.map(({ timeframe }) => timeframe)}::text[],
      ${tx.array(numbers(({ startsAt }) => startsAt * 1000))}::bigint[],
      ${tx.array(numbers(({ open }) => open))}::bigint[], ${tx.array(numbers(({ high }) => high))}::bigint[],
      ${tx.array(numbers(({ low }) => low))}::bigint[], ${tx.array(numbers(({ close }) => close))}::bigint[],
      ${tx.array(numbers(({ volume }) => volume))}::bigint[])
    on conflict (symbol, timeframe, starts_at_us) do update set
      high = greatest(kept.high, excluded.high), low = least(kept.low, excluded.low),
      close = excluded.close, volume = kept.volume + excluded.volume`;
}

/** That begin in [from, to), in milliseconds, oldest first. */
export async function venueBars(
  db: Db,
  { symbol, timeframe }: { symbol: string; timeframe: 'minute' | 'day' },
  { from, to }: { from: number; to: number },
): Promise<Bar[]> {
  const rows = await db<Record<Exclude<keyof Bar, 'startsAt'> | 'starts_at_us', bigint>[]>`
    select starts_at_us, open, high, low, close, volume from venue_bars
    where symbol = ${symbol} and timeframe = ${timeframe}
      and starts_at_us >= ${BigInt(from) * 1000n} and starts_at_us < ${BigInt(to) * 1000n}
    order by starts_at_us`;
  return rows.map((row) => ({
    startsAt: Number(row.starts_at_us / 1000n),
    open: Number(row.open),
    high: Number(row.high),
    low: Number(row.low),
    close: Number(row.close),
    volume: Number(row.volume),
  }));
}
