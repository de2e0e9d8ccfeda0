import { parsePrice, parseQuantity } from '@andvari/money/decimal';
import { DEFAULT_LIMITS, type Instrument, refuseInstrument } from './instrument.ts';

export type ReadFile = { readonly instruments: readonly Instrument[] } | { readonly problems: readonly string[] };

/** The file of instruments that people edit: comma-separated, one a line, its first line the columns. */
export function readInstrumentsFile(text: string): ReadFile {
  const [header, ...lines] = text.split(/\r?\n/);
  if (header !== COLUMNS.join(',')) return { problems: [`line 1: the columns should be ${COLUMNS.join(',')}`] };
  const problems: string[] = [];
  const seen = new Map<string, number>();
  const instruments = lines.flatMap((line, index) => {
    const at = index + 2;
    if (line.trim() === '' || line.startsWith('#')) return [];
    const read = readLine(line);
    if (typeof read === 'string') {
      problems.push(`line ${at}: ${read}`);
      return [];
    }
    const before = seen.get(read.symbol);
    if (before !== undefined) problems.push(`line ${at}: ${read.symbol} is on line ${before} already`);
    seen.set(read.symbol, at);
    return [read];
  });
  return problems.length > 0 ? { problems } : { instruments };
}

const COLUMNS = [
  'symbol',
  'name',
  'exchange',
  'sector',
  'type',
  'currency',
  'base_price',
  'tick',
  'tick_below_one',
  'lot',
  'fractionable',
  'volatility',
  'daily_volume',
] as const;

function readLine(line: string): Instrument | string {
  const values = line.split(',');
  if (values.length !== COLUMNS.length) return `${values.length} values instead of ${COLUMNS.length}`;
  const of = (column: (typeof COLUMNS)[number]): string => values[COLUMNS.indexOf(column)] ?? '';
  const [basePrice, tick, tickBelowOne] = [of('base_price'), of('tick'), of('tick_below_one')].map(parsePrice);
  const lot = parseQuantity(of('lot'));
  const volatility = parsePrice(of('volatility'));
  if (basePrice?.ok !== true) return `base_price ${of('base_price')} is no price`;
  if (tick?.ok !== true) return `tick ${of('tick')} is no price`;
  if (tickBelowOne?.ok !== true) return `tick_below_one ${of('tick_below_one')} is no price`;
  if (!lot.ok) return `lot ${of('lot')} is no quantity`;
  if (!volatility.ok) return `volatility ${of('volatility')} is no number`;
  if (!/^\d{1,12}$/.test(of('daily_volume'))) return `daily_volume ${of('daily_volume')} is no whole number`;
  const type = of('type');
  if (type !== 'EQUITY' && type !== 'ETF') return `type ${type} should be EQUITY or ETF`;
  const fractionable = of('fractionable');
  if (fractionable !== 'yes' && fractionable !== 'no') return 'fractionable should be yes or no';
  const made: Instrument = {
    symbol: of('symbol'),
    name: of('name'),
    exchange: of('exchange'),
    sector: of('sector'),
    type: type === 'EQUITY' ? 'equity' : 'etf',
    currency: of('currency'),
    tick: tick.value,
    tickBelowOne: tickBelowOne.value,
    lot: lot.value,
    fractionable: fractionable === 'yes',
    tradable: true,
    halt: undefined,
    basePrice: basePrice.value,
    ...DEFAULT_LIMITS,
    version: 1n,
    volatilityPpm: Number(volatility.value),
    dailyVolume: Number(of('daily_volume')),
  };
  const refusal = refuseInstrument(made);
  return refusal === undefined ? made : `${refusal.field}: ${refusal.message}`;
}
