import type { RpcClient } from '@andvari/kit/rpc/client';
import { type Rate, toRate } from '@andvari/money';
import type { StockServiceService } from '@andvari/proto/stock/v1/stock';
import type { Currency } from '../domain/asset.ts';
import type { DollarRate } from '../domain/exchange.ts';

/**
 * What currencies are worth against the dollar, one rate a pair, used both ways. Every exchange goes through the dollar, so no way round over
 * several currencies comes out above where it began.
 */
export type RateSource = (currencies: readonly Exclude<Currency, 'USD'>[]) => Promise<readonly DollarRate[]>;

/** Fixed rates, for as long as nobody tells us the market's. They are as of a fixed day, so nobody takes them for today's. */
export const builtInRates: RateSource = async (currencies) =>
  currencies.map((currency) => ({
    ...BUILT_IN[currency],
    asOfUs: BUILT_IN_AS_OF_US,
    validUntilUs: FOR_EVER,
    source: 'built-in',
  }));

const BUILT_IN_AS_OF_US = BigInt(Date.UTC(2026, 0, 1)) * 1000n;
const FOR_EVER = 2n ** 63n - 1n;

const BUILT_IN: Record<Exclude<Currency, 'USD'>, { base: Currency; quote: Currency; rate: Rate }> = {
  CAD: { base: 'USD', quote: 'CAD', rate: toRate(1_370_000n) },
  EUR: { base: 'EUR', quote: 'USD', rate: toRate(1_080_000n) },
  GBP: { base: 'GBP', quote: 'USD', rate: toRate(1_270_000n) },
};

/** The stock service's. It answers in the pair's own direction, whichever way it was asked. */
export function stockRates(stock: Pick<RpcClient<typeof StockServiceService>, 'getFxRates'>): RateSource {
  return async (currencies) => {
    const { rates } = await stock.getFxRates({ base: 'USD', quotes: [...currencies] });
    return currencies.map((currency) => {
      const found = rates.find(({ base, quote }) => [base, quote].includes(currency) && [base, quote].includes('USD'));
      if (found === undefined) throw new Error(`the stock service did not answer what ${currency} is worth`);
      const { rate, asOfUs, validUntilUs, source } = found;
      const pair =
        found.base === 'USD'
          ? ({ base: 'USD', quote: currency } as const)
          : ({ base: currency, quote: 'USD' } as const);
      return { ...pair, rate: toRate(rate), asOfUs, validUntilUs, source };
    });
  };
}
