import { notFound } from '@andvari/kit/base/errors';
import type { Tx } from '@andvari/kit/db/types';
import { refusalsOf } from '@andvari/kit/handler/refusals';
import type { Say } from '@andvari/kit/outbox/commit';
import { v7 as uuidv7 } from 'uuid';
import {
  changeWatchlist,
  inOrder,
  MAX_SYMBOLS,
  MAX_WATCHLISTS,
  newWatchlist,
  type Watchlist,
  type WatchlistChange,
  type WatchlistRefusal,
} from '../domain/watchlist.ts';
import { watchlistChangedEvent } from '../messages/events.ts';
import { lockProfile } from '../store/profiles.ts';
import {
  deleteWatchlist,
  insertWatchlist,
  listWatchlists,
  placeWatchlists,
  updateWatchlist,
} from '../store/watchlists.ts';
import type { Deps } from './deps.ts';

export function createWatchlists({ db, commit }: Deps) {
  return {
    list(userId: string): Promise<Watchlist[]> {
      return listWatchlists(db, userId);
    },

    create(userId: string, { name, symbols }: Required<WatchlistChange>): Promise<Watchlist> {
      return change(userId, async (tx, lists, say) => {
        const made = accepted(newWatchlist({ id: uuidv7(), userId, name, symbols }, lists));
        await insertWatchlist(tx, made);
        say(watchlistChangedEvent(made));
        return made;
      });
    },

    update(userId: string, id: string, changes: WatchlistChange, expectedVersion?: bigint): Promise<Watchlist> {
      return change(userId, async (tx, lists, say) => {
        const current = theOne(lists, id);
        const others = lists.filter((list) => list !== current);
        const changed = accepted(changeWatchlist(current, changes, others, expectedVersion), current.version);
        if (changed === current) return current;
        await updateWatchlist(tx, changed);
        say(watchlistChangedEvent(changed));
        return changed;
      });
    },

    remove(userId: string, id: string): Promise<void> {
      return change(userId, async (tx, lists, say) => {
        const gone = theOne(lists, id);
        await deleteWatchlist(tx, id);
        say(watchlistChangedEvent(gone));
      });
    },

    reorder(userId: string, ids: readonly string[]): Promise<readonly Watchlist[]> {
      return change(userId, async (tx, lists, say) => {
        const ordered = accepted(inOrder(lists, ids));
        await placeWatchlists(tx, ids);
        say(...ordered.filter((list, place) => lists[place] !== list).map(watchlistChangedEvent));
        return ordered;
      });
    },
  };

  /** One change of a user's lists at a time, so that limits, names and the order hold. */
  function change<T>(userId: string, work: (tx: Tx, lists: Watchlist[], say: Say) => Promise<T>): Promise<T> {
    return commit(async (tx, say) => {
      if ((await lockProfile(tx, userId)) === undefined) throw notFound('profile', userId);
      return work(tx, await listWatchlists(tx, userId), say);
    });
  }
}

/** Another's list is as if it were not there. */
function theOne(lists: readonly Watchlist[], id: string): Watchlist {
  const list = lists.find((one) => one.id === id);
  if (list === undefined) throw notFound('watchlist', id);
  return list;
}

function accepted<T extends object>(outcome: T | { refused: WatchlistRefusal }, version = 0n): T {
  if (!('refused' in outcome)) return outcome;
  const reason = outcome.refused;
  throw refusal(reason, reason === 'version_conflict' ? { numbers: { current: version } } : {});
}

const refusal = refusalsOf<WatchlistRefusal>({
  too_many_watchlists: { code: 'failed_precondition', message: `at most ${MAX_WATCHLISTS} watchlists` },
  version_conflict: { code: 'failed_precondition', message: 'the list has changed since', field: 'expected_version' },
  name_invalid: { code: 'invalid_argument', message: 'should be a name of at most 60 characters', field: 'name' },
  too_many_symbols: { code: 'invalid_argument', message: `at most ${MAX_SYMBOLS} symbols`, field: 'symbols' },
  symbol_invalid: { code: 'invalid_argument', message: 'should be symbols like AAPL', field: 'symbols' },
  symbol_repeated: { code: 'invalid_argument', message: 'should name each symbol once', field: 'symbols' },
  name_taken: { code: 'already_exists', message: 'another list has this name', field: 'name' },
  order_incomplete: { code: 'invalid_argument', message: 'should name each list once', field: 'ids' },
});
