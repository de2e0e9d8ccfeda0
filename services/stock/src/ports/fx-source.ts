import { divide } from '@andvari/money';
import type { CURRENCIES } from '@andvari/money/currency';
import { canonicalPair, inDollars, type Pair } from '../domain/currency-pair.ts';
import { createSimulatedMarket } from '../domain/simulated-market.ts';
import { tradingDays } from '../domain/trading-days.ts';

/** Micro-units of quote for a whole unit of base. */
export interface PairRate extends Pair {
  readonly rate: bigint;
  readonly asOfUs: bigint;
  readonly source: string;
  readonly validUntilUs: bigint;
}

/** Rates of canonical pairs; a pair that it does not know is left out. */
export interface FxSource {
  readonly name: string;
  rates(pairs: readonly Pair[], atMs: number): Promise<PairRate[]>;
}

const MINUTE_MS = 60_000;
const ONE = 1_000_000n;

/**
 * A rate of a minute: all who ask within it get the same. Foreign exchange never closes here. Each currency swings against the dollar, and two others
 * meet over it, as they do where they are exchanged.
 */
export function simulatedFx(seed: string): FxSource {
  const market = createSimulatedMarket(`${seed} fx`, tradingDays.always);

  /** How many micro-units of dollars so many of the currency are worth. */
  function dollarsFor(currency: string, at: number): [dollars: bigint, units: bigint] {
    const pair = canonicalPair(currency, 'USD');
    if (pair === undefined) return [ONE, ONE];
    const rate = BigInt(market.quote(pairSymbol(pair.base, pair.quote), at).last);
    return pair.base === currency ? [rate, ONE] : [ONE, rate];
  }

  function rateOf({ base, quote }: Pair, at: number): bigint {
    const [[dollars, units], [otherDollars, otherUnits]] = [dollarsFor(base, at), dollarsFor(quote, at)];
    return divide(dollars * otherUnits * ONE, units * otherDollars);
  }

  return {
    name: 'simulated',
    async rates(pairs, atMs) {
      const at = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
      return pairs.map((pair) => ({
        ...pair,
        rate: rateOf(pair, at),
        asOfUs: BigInt(at) * 1000n,
        source: 'simulated',
        validUntilUs: BigInt(at + 2 * MINUTE_MS) * 1000n,
      }));
    },
  };
}

const pairSymbols = new Map<string, ReturnType<typeof makePairSymbol>>();

function pairSymbol(base: string, quote: string) {
  const name = `${base}/${quote}`;
  let symbol = pairSymbols.get(name);
  if (symbol === undefined) pairSymbols.set(name, (symbol = makePairSymbol(name, base, quote)));
  return symbol;
}

function makePairSymbol(name: string, base: string, quote: string) {
  return {
    symbol: name,
    sector: 'Foreign Exchange',
    basePrice: Number((worth(base) * 1_000_000n) / worth(quote)),
    volatility: 0.07,
    marketShare: 0,
    sectorShare: 0,
    dailyVolume: 1,
    tick: 1,
    tickBelowOne: 1,
  };
}

function worth(currency: string): bigint {
  return inDollars[currency as (typeof CURRENCIES)[number]];
}
