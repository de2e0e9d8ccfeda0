import type { CURRENCIES } from '@andvari/money/currency';
import type { Pair } from '../domain/currency-pair.ts';
import { inDollars } from '../domain/currency-pair.ts';
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

/** A rate of a minute: all who ask within it get the same. Foreign exchange never closes here. */
export function simulatedFx(seed: string): FxSource {
  const market = createSimulatedMarket(`${seed} fx`, tradingDays.always);
  return {
    name: 'simulated',
    async rates(pairs, atMs) {
      const at = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
      return pairs.map(({ base, quote }) => ({
        base,
        quote,
        rate: BigInt(market.quote(pairSymbol(base, quote), at).last),
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
