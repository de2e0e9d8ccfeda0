import type { Db } from '@andvari/kit/db/types';
import { snapshotAt, type Timeframe } from '../domain/period.ts';
import type { QuoteSource } from '../ports/quotes.ts';
import { isAnySplitUnderWay } from '../store/corporate-actions.ts';
import { pruneKeys } from '../store/idempotency-keys.ts';
import { accountsAfter, pruneSnapshots, takeSnapshots } from '../store/snapshots.ts';

const DAY_US = 86_400_000_000n;
/** A little longer than a history of that timeframe reaches back; undefined is for ever. */
const KEEP_US: Record<Timeframe, bigint | undefined> = {
  '5Min': 3n * DAY_US,
  '1H': 15n * DAY_US,
  '1D': undefined,
  '1W': undefined,
};
const TIMEFRAMES = ['5Min', '1H', '1D', '1W'] as const;
const KEYS_KEPT_DAYS = 30;
const BATCH = 1000;
const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * The history of every account, one row for each instant of each timeframe. Broken off, it is taken up where it stood, or from the
 * beginning: an instant that has its row keeps it. Instants at which nobody was here are missing from the history.
 */
export function createSnapshots({ db, now, quotes }: { db: Db; now: () => bigint; quotes: QuoteSource }) {
  const done = new Map<Timeframe, bigint>();
  return {
    /** Takes what is due. Answers with how many were taken. */
    async take(signal: AbortSignal): Promise<number> {
      // Their statement puts one price to all holdings, and for a moment these are in different shares: a minute later will do.
      if (await isAnySplitUnderWay(db)) return 0;
      let taken = 0;
      for (const timeframe of TIMEFRAMES) {
        const atUs = snapshotAt(now(), timeframe);
        if (done.get(timeframe) === atUs) continue;
        taken += await takeAll(timeframe, atUs, signal);
        if (signal.aborted) return taken;
        done.set(timeframe, atUs);
        await prune(timeframe, atUs, signal);
      }
      return taken;
    },
  };

  async function takeAll(timeframe: Timeframe, atUs: bigint, signal: AbortSignal): Promise<number> {
    const prices = new Map([...(await quotes())].map(([symbol, { price }]) => [symbol, price]));
    let taken = 0;
    for (let after = FIRST; !signal.aborted; ) {
      const accountIds = await accountsAfter(db, after, BATCH);
      if (accountIds.length > 0) taken += await takeSnapshots(db, { accountIds, timeframe, atUs, quotes: prices });
      if (accountIds.length < BATCH) return taken;
      after = accountIds.at(-1) ?? after;
    }
    return taken;
  }

  async function prune(timeframe: Timeframe, atUs: bigint, signal: AbortSignal): Promise<void> {
    const keepUs = KEEP_US[timeframe];
    if (keepUs !== undefined) await untilDone(() => pruneSnapshots(db, timeframe, atUs - keepUs), signal);
    if (timeframe === '1D') await untilDone(() => pruneKeys(db, KEYS_KEPT_DAYS), signal);
  }
}

async function untilDone(batch: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await batch()));
}
