import { AppError } from '@andvari/kit/base/errors';
import type { Db, Tx } from '@andvari/kit/db/types';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { addUsage, findUsage, lockUsage } from '../store/api-key-usage.ts';
import type { MarketView } from './market-view.ts';

/** What is counted against the daily amount of the key it is asked with, in micro-dollars; nothing where the key has none. */
export interface Capped {
  readonly cap?: { readonly apiKeyId: string; readonly cap: bigint; readonly exposure: bigint } | undefined;
}

/** The API key that an order is asked with, if it is one, and how much that may order in a day, if there is a limit. */
export interface CappedKey {
  readonly apiKeyId?: string | undefined;
  readonly dailyCap?: bigint | undefined;
}

/** `exposure` is in the currency that the symbol is quoted in. */
export function capOf(market: MarketView, key: CappedKey, symbol: string, exposure: bigint): Capped['cap'] {
  const { apiKeyId, dailyCap: cap } = key;
  if (apiKeyId === undefined || cap === undefined) return undefined;
  const dollars = market.inDollars(market.of(symbol).instrument?.currency ?? '', exposure);
  if (dollars === undefined) {
    throw new AppError('unavailable', 'nobody has said yet what its currency is worth in dollars', {
      reason: 'fx_rate_unknown',
    });
  }
  return { apiKeyId, cap, exposure: dollars };
}

/** What keys with a cap have left today. Most batches have none, and then nothing is asked. */
export async function openUsage(tx: Tx, items: readonly Capped[], atUs: bigint) {
  const capped = items.flatMap(({ cap }) => (cap === undefined ? [] : [cap.apiKeyId]));
  const day = dayOf(atUs);
  const used = capped.length === 0 ? new Map<string, bigint>() : await lockUsage(tx, capped, day);
  return {
    /** Why it may not be, or nothing: then it counts for those that come after it. */
    refusalOf({ cap: asked }: Capped): Refusal | undefined {
      if (asked === undefined) return undefined;
      const before = used.get(asked.apiKeyId) ?? 0n;
      const refusal = refuseBeyond(asked, before);
      if (refusal === undefined) used.set(asked.apiKeyId, before + asked.exposure);
      return refusal;
    },

    async count(written: readonly Capped[]): Promise<void> {
      const sums = new Map<string, bigint>();
      for (const { cap } of written) {
        if (cap !== undefined) sums.set(cap.apiKeyId, (sums.get(cap.apiKeyId) ?? 0n) + cap.exposure);
      }
      await addUsage(tx, day, sums);
    },
  };
}

/** Why it would not be taken now; nothing is counted. */
export async function wouldExceed(db: Db, asked: Capped['cap'], atUs: bigint): Promise<Refusal | undefined> {
  return asked && refuseBeyond(asked, await findUsage(db, asked.apiKeyId, dayOf(atUs)));
}

function refuseBeyond({ cap, exposure }: NonNullable<Capped['cap']>, used: bigint): Refusal | undefined {
  if (used + exposure <= cap) return undefined;
  return refuse('api_key_cap_exceeded', '', { cap, used, required: exposure });
}

function dayOf(atUs: bigint): string {
  return new Date(Number(atUs / 1000n)).toISOString().slice(0, 10);
}

export type Usage = Awaited<ReturnType<typeof openUsage>>;
