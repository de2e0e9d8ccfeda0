import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '@andvari/kit/db/types';
import type { Log } from '@andvari/kit/observe/log';
import type { PortfolioMetrics } from '../metrics.ts';
import { outstandingReservations } from '../store/reservations.ts';
import { type Verification, verify } from '../store/verify-run.ts';

const LOGGED = 20;
/** After a check it rests four times as long as that took: even the first verification of a large ledger takes a fifth of one processor. */
const REST = 4;

/** Looks, from time to time, whether the ledger still adds up, and lets the metrics say so. */
export function createLedgerMonitor({ db, metrics, log }: { db: Db; metrics: PortfolioMetrics; log: Log }) {
  return {
    /** Every finding, as it is found: for an operator who asks. */
    findings(): Verification {
      return verify(db);
    },

    async verify(signal: AbortSignal): Promise<void> {
      let tookMs = 0;
      const rest = (checkMs: number) => {
        tookMs += checkMs;
        // A timer leaves out the fraction, which for checks of a few milliseconds is a share of the rest.
        return pause(Math.ceil(REST * checkMs), undefined, { signal });
      };
      let drift = 0;
      for await (const finding of verify(db, rest)) {
        drift += 1;
        if (drift <= LOGGED) log.error({ event: 'ledger_finding', finding }, 'the ledger does not add up');
      }
      metrics.drift.set(drift);
      metrics.verificationSeconds.set(tookMs / 1000);
      metrics.verifiedAt.set(Math.floor(Date.now() / 1000));
    },

    async countReservations(): Promise<void> {
      for (const { purpose, open, oldestSeconds } of await outstandingReservations(db)) {
        metrics.outstanding.set({ purpose }, open);
        metrics.oldest.set({ purpose }, Math.round(oldestSeconds));
      }
    },
  };
}
