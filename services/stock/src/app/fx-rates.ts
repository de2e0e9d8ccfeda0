import { AppError, invalid } from '@andvari/kit/base/errors';
import { CURRENCIES, isCurrency } from '@andvari/money/currency';
import { v5 as uuidv5 } from 'uuid';
import { canonicalPair } from '../domain/currency-pair.ts';
import type { PairRate } from '../ports/fx-source.ts';
import type { Deps } from './deps.ts';

export type FxRates = ReturnType<typeof createFxRates>;

export function createFxRates({ now, fx }: Deps) {
  return {
    /** One for each of `quotes`, in their order, each of its canonical pair. */
    async of(base: string, quotes: readonly string[]): Promise<(PairRate & { id: string })[]> {
      if (!isCurrency(base)) throw invalid('base', SHOULD_BE);
      const pairs = quotes.map((quote, index) => {
        if (!isCurrency(quote)) throw invalid(`quotes[${index}]`, SHOULD_BE);
        const pair = canonicalPair(base, quote);
        if (pair === undefined) throw invalid(`quotes[${index}]`, 'should be another currency');
        return pair;
      });
      const rates = await fx.rates(pairs, Number(now() / 1000n));
      return pairs.map((pair) => {
        const rate = rates.find((one) => one.base === pair.base && one.quote === pair.quote);
        if (rate === undefined) {
          throw new AppError('unavailable', `no rate of ${pair.base}/${pair.quote}`, { reason: 'no_rate' });
        }
        return Object.assign({ id: idOf(rate) }, rate);
      });
    },
  };
}

const SHOULD_BE = `should be one of ${CURRENCIES.join(', ')}`;

/** The same rate of the same moment has the same id wherever it is answered. */
function idOf({ source, base, quote, asOfUs, rate }: PairRate): string {
  return uuidv5(`${source} ${base}/${quote} ${asOfUs} ${rate}`, RATES);
}

const RATES = 'a9b1f2f4-0b3e-5f5c-9f0a-5d0f6c1e7a21';
