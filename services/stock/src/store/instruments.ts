import type { Db, Tx } from '@andvari/kit/db/types';
import type { Instrument } from '../domain/instrument.ts';

export interface InstrumentFilter {
  readonly sector: string;
  readonly exchange: string;
  readonly type: Instrument['type'] | '';
  readonly currency: string;
}

export async function allInstruments(db: Db | Tx): Promise<Instrument[]> {
  return (await db<Row[]>`select ${columns(db)} from instruments order by symbol`).map(fromRow);
}

/** As they stay until the transaction ends. */
export async function lockAllInstruments(tx: Tx): Promise<Instrument[]> {
  return (await tx<Row[]>`select ${columns(tx)} from instruments order by symbol for share`).map(fromRow);
}

/** Those changed in the last seconds: a transaction's clock may be some way behind its commit. */
export async function recentlyChanged(db: Db, withinMs: number): Promise<Instrument[]> {
  const rows = await db<Row[]>`
    select ${columns(db)} from instruments
    where changed_at > clock_timestamp() - ${withinMs}::int * interval '1 millisecond'`;
  return rows.map(fromRow);
}

export async function lockInstrument(tx: Tx, symbol: string): Promise<Instrument | undefined> {
  const [row] = await tx<Row[]>`select ${columns(tx)} from instruments where symbol = ${symbol} for update`;
  return row === undefined ? undefined : fromRow(row);
}

/** Those that were not there before. */
export async function insertMissing(tx: Tx, instruments: readonly Instrument[]): Promise<Instrument[]> {
  const rows = instruments.map(toRow);
  const inserted = await tx<Row[]>`
    insert into instruments ${tx(rows)} on conflict (symbol) do nothing returning ${columns(tx)}`;
  return inserted.map(fromRow);
}

export async function updateInstrument(tx: Tx, instrument: Instrument): Promise<void> {
  await tx`
    update instruments set ${tx(toRow(instrument))}, changed_at = clock_timestamp()
    where symbol = ${instrument.symbol}`;
}

export async function listInstruments(
  db: Db,
  { sector, exchange, type, currency }: InstrumentFilter,
  page: { first: number; after: string },
): Promise<Instrument[]> {
  const rows = await db<Row[]>`
    select ${columns(db)} from instruments
    where symbol > ${page.after}
      and (${sector} = '' or sector = ${sector}) and (${exchange} = '' or exchange = ${exchange})
      and (${type} = '' or type = ${type}) and (${currency} = '' or currency = ${currency})
    order by symbol limit ${page.first + 1}`;
  return rows.map(fromRow);
}

interface Row {
  symbol: string;
  name: string;
  exchange: string;
  sector: string;
  type: Instrument['type'];
  currency: string;
  tick: bigint;
  tick_below_one: bigint;
  lot: bigint;
  fractionable: boolean;
  tradable: boolean;
  halt_reason: string | null;
  halted_at_us: bigint | null;
  base_price: bigint;
  min_notional: bigint;
  max_qty: bigint;
  max_price: bigint;
  version: bigint;
  volatility_ppm: number;
  daily_volume: number;
}

const columnNames = [
  'symbol',
  'name',
  'exchange',
  'sector',
  'type',
  'currency',
  'tick',
  'tick_below_one',
  'lot',
  'fractionable',
  'tradable',
  'halt_reason',
  'halted_at_us',
  'base_price',
  'min_notional',
  'max_qty',
  'max_price',
  'version',
  'volatility_ppm',
  'daily_volume',
] as const satisfies readonly (keyof Row)[];

function columns(db: Db | Tx) {
  return db(columnNames);
}

function fromRow(row: Row): Instrument {
  const { tick_below_one, halt_reason, halted_at_us, base_price, min_notional, max_qty, max_price } = row;
  const { volatility_ppm, daily_volume, ...same } = row;
  return {
    symbol: same.symbol,
    name: same.name,
    exchange: same.exchange,
    sector: same.sector,
    type: same.type,
    currency: same.currency,
    tick: same.tick,
    tickBelowOne: tick_below_one,
    lot: same.lot,
    fractionable: same.fractionable,
    tradable: same.tradable,
    halt: halt_reason === null ? undefined : { reason: halt_reason, sinceUs: halted_at_us ?? 0n },
    basePrice: base_price,
    minNotional: min_notional,
    maxQty: max_qty,
    maxPrice: max_price,
    version: same.version,
    volatilityPpm: volatility_ppm,
    dailyVolume: daily_volume,
  };
}

function toRow(instrument: Instrument): Row {
  const { tickBelowOne, halt, basePrice, minNotional, maxQty, maxPrice, volatilityPpm, dailyVolume, ...same } =
    instrument;
  return {
    ...same,
    tick_below_one: tickBelowOne,
    halt_reason: halt?.reason ?? null,
    halted_at_us: halt?.sinceUs ?? null,
    base_price: basePrice,
    min_notional: minNotional,
    max_qty: maxQty,
    max_price: maxPrice,
    volatility_ppm: volatilityPpm,
    daily_volume: dailyVolume,
  };
}
