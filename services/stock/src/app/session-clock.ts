import type { Tx } from '@andvari/kit/db/types';
import {
  type EngineStep,
  nextOpenAndClose,
  type SessionState,
  stateAt,
  stepsTo,
  transitionsBetween,
} from '../domain/market-clock.ts';
import { defineCommand, haltCommand, sessionChangedEvent, stepCommand } from '../messages/events.ts';
import { allInstruments, lockAllInstruments } from '../store/instruments.ts';
import { lockSession, saveSession } from '../store/market-session.ts';
import type { Deps } from './deps.ts';

/** Events of one statement. */
const BATCH = 2000;
/** Nobody needs to be told of sessions that came and went longer ago. */
const CATCH_UP_US = 7n * 86_400_000_000n;
/** Between replicas clocks differ by less: what was told of a later time was told by a clock that has been set back since. */
const SET_BACK_US = 3_600_000_000n;
/** No market is closed for longer in a row. */
const LONGEST_PAUSE_MS = 10 * 86_400_000;

export type SessionClock = ReturnType<typeof createSessionClock>;

/**
 * Drives the engine's sessions by the calendar. What it has told is a row that changes in the transaction of the commands: after
 * an outage it goes on where it was, one change after the other, each once, whichever replica does it.
 */
export function createSessionClock({ now, commit, append, days, partitions, logMadeAt }: Deps) {
  /** Until then there is nothing to say, as far as the calendar and the log go. */
  let quiet = { untilUs: 0n, madeAt: '' };

  return {
    /** One change of session; true where the next is due already. */
    async advance(): Promise<boolean> {
      const madeAt = await logMadeAt();
      const atUs = now();
      if (atUs < quiet.untilUs && madeAt === quiet.madeAt) return false;
      const more = await tellNext(atUs, madeAt);
      if (!more) quiet = { untilUs: nextChangeUs(atUs), madeAt };
      return more;
    },
  };

  function tellNext(atUs: bigint, madeAt: string): Promise<boolean> {
    return commit(async (tx) => {
      const told = await lockSession(tx);
      const isKnown = told !== undefined && told.hours === days.hours && told.logMadeAt === madeAt;
      if (!isKnown || told.atUs > atUs + SET_BACK_US) {
        await begin(tx, atUs, madeAt);
        return false;
      }
      const since = told.atUs > atUs - CATCH_UP_US ? told.atUs : atUs - CATCH_UP_US;
      const due = transitionsBetween(days, milliseconds(since), milliseconds(atUs));
      const [next] = due;
      if (next === undefined) return false;
      const at = BigInt(next.at) * 1000n;
      await saveSession(tx, { hours: days.hours, state: next.state, atUs: at, logMadeAt: madeAt });
      await tell(tx, next.state, at, next.steps, { changed: next.state !== told.state });
      return due.length > 1;
    });
  }

  function nextChangeUs(atUs: bigint): bigint {
    const at = milliseconds(atUs);
    const [next] = transitionsBetween(days, at, at + LONGEST_PAUSE_MS);
    return BigInt(next?.at ?? at) * 1000n;
  }

  /** An engine that knows nothing is told of every instrument, its session and its halt. */
  async function begin(tx: Tx, atUs: bigint, madeAt: string): Promise<void> {
    const state = stateAt(days, milliseconds(atUs));
    await saveSession(tx, { hours: days.hours, state, atUs, logMadeAt: madeAt });
    await append(tx, [changed(state, atUs)]);
    // Locked, so that no halt comes between what is read here and what is said of it.
    const instruments = await lockAllInstruments(tx);
    await inBatches(
      instruments.flatMap((one) => [
        defineCommand(one, partitions),
        stepCommand(one.symbol, partitions, stepsTo[state]),
        ...(one.halt === undefined ? [] : [haltCommand(one, partitions)]),
      ]),
      (events) => append(tx, events),
    );
  }

  async function tell(
    tx: Tx,
    state: SessionState,
    atUs: bigint,
    steps: readonly EngineStep[],
    what: { changed: boolean },
  ): Promise<void> {
    if (what.changed) await append(tx, [changed(state, atUs)]);
    if (steps.length === 0) return;
    const instruments = await allInstruments(tx);
    await inBatches(
      instruments.flatMap(({ symbol }) => steps.map((step) => stepCommand(symbol, partitions, step))),
      (events) => append(tx, events),
    );
  }

  function changed(state: SessionState, atUs: bigint) {
    const next = nextOpenAndClose(days, milliseconds(atUs));
    return sessionChangedEvent(state, {
      atUs,
      nextOpenUs: BigInt(next?.opensAt ?? 0) * 1000n,
      nextCloseUs: BigInt(next?.closesAt ?? 0) * 1000n,
    });
  }
}

function milliseconds(us: bigint): number {
  return Number(us / 1000n);
}

async function inBatches<T>(all: readonly T[], work: (batch: readonly T[]) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += BATCH) await work(all.slice(from, from + BATCH));
}
