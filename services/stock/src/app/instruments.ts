import { AppError, invalid, notFound } from '@andvari/kit/base/errors';
import type { Tx } from '@andvari/kit/db/types';
import type { OutgoingEvent } from '@andvari/kit/events/event';
import { type Instrument, refuseInstrument, SYMBOL, sameTerms } from '../domain/instrument.ts';
import { stepsTo } from '../domain/market-clock.ts';
import {
  defineCommand,
  haltChangedEvent,
  haltCommand,
  instrumentChangedEvent,
  OURSELVES,
  stepCommand,
} from '../messages/events.ts';
import { hasUnfinished } from '../store/corporate-actions.ts';
import {
  type InstrumentFilter,
  insertMissing,
  listInstruments,
  lockInstrument,
  updateInstrument,
} from '../store/instruments.ts';
import { lockSession } from '../store/market-session.ts';
import type { Deps } from './deps.ts';

/** Rows of a statement, and events of one. */
const SEED_BATCH = 1000;

export type Instruments = ReturnType<typeof createInstruments>;

export function createInstruments(deps: Deps) {
  const { db, now, commit, listings, partitions } = deps;

  return {
    /** Those asked for, in their order, and which symbols nobody knows. */
    get(symbols: readonly string[]): { found: Instrument[]; unknown: string[] } {
      const unknown = symbols.filter((symbol) => listings.get(symbol) === undefined);
      return { found: symbols.flatMap((symbol) => listings.get(symbol) ?? []), unknown };
    },

    list(filter: InstrumentFilter, page: { first: number; after: string }): Promise<Instrument[]> {
      return listInstruments(db, filter, page);
    },

    /** What begins so, what has it inside, or what looks alike. */
    search: (query: string, first: number): Promise<Instrument[]> => listings.find(query, first),

    /** Lists those that are not listed yet, which at the first start is all of them. */
    async seed(instruments: readonly Instrument[]): Promise<number> {
      const missing = instruments.filter(({ symbol }) => listings.get(symbol) === undefined);
      for (let from = 0; from < missing.length; from += SEED_BATCH) {
        const batch = missing.slice(from, from + SEED_BATCH);
        const inserted = await commit(async (tx, say) => {
          const added = await insertMissing(tx, batch);
          say(...(await newsOf(tx, added, OURSELVES)));
          return added;
        });
        for (const one of inserted) listings.put(one);
      }
      return missing.length;
    },

    async upsert(
      symbol: string,
      make: (known: Instrument | undefined) => Instrument,
      expectedVersion: bigint,
      changedBy: string,
    ): Promise<Instrument> {
      const changed = await commit(async (tx, say) => {
        const known = await lockInstrument(tx, symbol);
        if (expectedVersion !== 0n && expectedVersion !== (known?.version ?? 0n)) {
          throw new AppError('failed_precondition', 'the instrument has changed since', {
            reason: 'version_conflict',
            field: 'expected_version',
            numbers: { current: known?.version ?? 0n },
          });
        }
        const wanted = make(known);
        const refusal = refuseInstrument(wanted);
        if (refusal !== undefined) throw invalid(`instrument.${refusal.field}`, refusal.message);
        if (known === undefined) {
          const [added] = await insertMissing(tx, [{ ...wanted, version: 1n }]);
          if (added === undefined) throw new AppError('unavailable', 'somebody else listed it just now');
          say(...(await newsOf(tx, [added], changedBy)));
          return added;
        }
        if (sameTerms(known, wanted)) return known;
        if (known.currency !== wanted.currency) throw invalid('instrument.currency', 'stays what it is');
        const next = { ...wanted, version: known.version + 1n };
        await updateInstrument(tx, next);
        say(instrumentChangedEvent(next, changedBy), defineCommand(next, partitions));
        return next;
      });
      listings.put(changed);
      return changed;
    },

    /** Halted already, it stays so with its first reason. */
    halt(symbol: string, reason: string, changedBy: string): Promise<Instrument> {
      return changeHalt(symbol, changedBy, async (_, known) => known.halt ?? { reason, sinceUs: now() });
    },

    resume(symbol: string, changedBy: string): Promise<Instrument> {
      return changeHalt(symbol, changedBy, async (tx) => {
        if (await hasUnfinished(tx, symbol)) {
          throw new AppError('failed_precondition', 'a corporate action on it is not over yet', {
            reason: 'corporate_action_unfinished',
            field: 'symbol',
          });
        }
        return undefined;
      });
    },
  };

  async function changeHalt(
    symbol: string,
    changedBy: string,
    decide: (tx: Tx, known: Instrument) => Promise<Instrument['halt']>,
  ): Promise<Instrument> {
    const changed = await commit(async (tx, say) => {
      const known = await lockInstrument(tx, symbol);
      if (known === undefined) throw unknownSymbol('symbol', symbol);
      const halt = await decide(tx, known);
      if (halt === known.halt) return known;
      const next = { ...known, halt, version: known.version + 1n };
      await updateInstrument(tx, next);
      say(haltChangedEvent(next, changedBy), haltCommand(next, partitions));
      return next;
    });
    listings.put(changed);
    return changed;
  }

  /** News for those who know the market, a definition for the engine, and the session that is on. */
  async function newsOf(tx: Tx, added: readonly Instrument[], changedBy: string): Promise<OutgoingEvent[]> {
    const session = await lockSession(tx);
    return added.flatMap((one) => [
      instrumentChangedEvent(one, changedBy),
      defineCommand(one, partitions),
      ...(session === undefined ? [] : [stepCommand(one.symbol, partitions, stepsTo[session.state])]),
    ]);
  }
}

export function unknownSymbol(field: string, symbol: string): AppError {
  if (!SYMBOL.test(symbol)) return invalid(field, 'should be a symbol like AAPL or BRK-B');
  const { message } = notFound('instrument', symbol);
  return new AppError('not_found', message, { reason: 'symbol_not_found', field });
}
