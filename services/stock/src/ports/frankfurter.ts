import { DAY_MS, dayFromIso } from '../domain/days.ts';
import type { FxSource, PairRate } from './fx-source.ts';
import { type GuardOptions, guard } from './guarded.ts';
import { getJson, micros, record, type Upstream, UpstreamError } from './upstream.ts';

const NAME = 'frankfurter';
/** The European Central Bank says one rate a working day: over a long weekend the last one stands. */
const GOOD_FOR_DAYS = 5;
const ASK_AGAIN_MS = 3_600_000;

/** Daily reference rates. What was asked for within the hour is not asked for again. */
export function frankfurterFx(options: { baseUrl: string; timeoutMs: number } & GuardOptions): FxSource {
  const upstream: Upstream = { provider: NAME, baseUrl: options.baseUrl, headers: {}, timeoutMs: options.timeoutMs };
  const call = guard(NAME, options);
  const known = new Map<string, { askedAt: number; rates: Promise<PairRate[]> }>();

  return {
    name: NAME,
    async rates(pairs, atMs) {
      const bases = Map.groupBy(pairs, ({ base }) => base);
      const answers = await Promise.all(
        [...bases].map(([base, wanted]) => ratesOf(base, wanted.map(({ quote }) => quote).toSorted(), atMs)),
      );
      return answers
        .flat()
        .filter(({ base, quote }) => pairs.some((pair) => pair.base === base && pair.quote === quote));
    },
  };

  function ratesOf(base: string, quotes: readonly string[], atMs: number): Promise<PairRate[]> {
    const key = `${base} ${quotes.join()}`;
    const before = known.get(key);
    if (before !== undefined && atMs - before.askedAt < ASK_AGAIN_MS) return before.rates;
    const rates = call(async () => read(base, await getJson(upstream, '/v1/latest', { base, symbols: quotes.join() })));
    known.set(key, { askedAt: atMs, rates });
    // A failure is not kept: the breaker decides when to try again.
    rates.catch(() => known.delete(key));
    return rates;
  }
}

function read(base: string, answer: unknown): PairRate[] {
  if (answer === undefined) return [];
  const body = record(answer);
  const rates = record(body?.['rates']);
  const day = typeof body?.['date'] === 'string' ? dayFromIso(body['date']) : undefined;
  if (rates === undefined || day === undefined || body?.['base'] !== base) throw new UpstreamError(NAME, 'malformed');
  const asOf = day * DAY_MS;
  return Object.entries(rates).flatMap(([quote, value]) => {
    const rate = micros(value);
    if (rate === undefined) return [];
    const validUntilUs = BigInt(asOf + GOOD_FOR_DAYS * DAY_MS) * 1000n;
    return [{ base, quote, rate: BigInt(rate), asOfUs: BigInt(asOf) * 1000n, source: NAME, validUntilUs }];
  });
}
