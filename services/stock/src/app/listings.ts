import { setImmediate as turn } from 'node:timers/promises';
import type { Db } from '@andvari/kit/db/types';
import type { CorporateAction } from '../domain/corporate-action.ts';
import type { Instrument } from '../domain/instrument.ts';
import { createInstrumentSearch } from '../domain/instrument-search.ts';
import { allActions, recentActions } from '../store/corporate-actions.ts';
import { allInstruments, recentlyChanged } from '../store/instruments.ts';

/** Indexed in one go: some milliseconds in which nobody else is answered. */
const INDEXED_AT_ONCE = 100;
/** Of what other replicas change, as far back as a transaction may lag behind its clock. */
const LOOK_BACK_MS = 30_000;

export type Listings = Awaited<ReturnType<typeof openListings>>;

/**
 * All instruments and corporate actions, in memory: prices are asked for many times a second, and these change rarely. What they are searched by
 * takes longer to make than all else of a start, so it is made afterwards; whoever searches before that waits for it, and nobody else.
 */
export async function openListings(db: Db) {
  const bySymbol = new Map<string, Instrument>();
  const search = createInstrumentSearch();
  const actions = new Map<string, CorporateAction[]>();

  function put(instrument: Instrument): void {
    const known = bySymbol.get(instrument.symbol);
    if (known !== undefined && known.version >= instrument.version) return;
    bySymbol.set(instrument.symbol, instrument);
    search.put(instrument);
  }

  function putAction(action: CorporateAction): void {
    const known = actions.get(action.symbol) ?? [];
    if (known.some(({ id }) => id === action.id)) return;
    const inOrder = [...known, action].toSorted((a, b) => (a.effectiveAtUs < b.effectiveAtUs ? -1 : 1));
    actions.set(action.symbol, inOrder);
  }

  async function index(): Promise<void> {
    while (search.indexSome(INDEXED_AT_ONCE)) await turn();
  }

  for (const instrument of await allInstruments(db)) put(instrument);
  for (const action of await allActions(db)) putAction(action);

  return {
    put,
    putAction,
    get: (symbol: string) => bySymbol.get(symbol),
    index,
    async find(query: string, first: number): Promise<Instrument[]> {
      await index();
      return search.find(query, first);
    },
    all: () => [...bySymbol.values()],
    actionsOf: (symbol: string): readonly CorporateAction[] => actions.get(symbol) ?? none,
    /** What other replicas have changed. */
    async refresh(nowUs: bigint): Promise<void> {
      for (const instrument of await recentlyChanged(db, LOOK_BACK_MS)) put(instrument);
      for (const action of await recentActions(db, nowUs - BigInt(LOOK_BACK_MS) * 1000n)) putAction(action);
    },
  };
}

const none: readonly CorporateAction[] = [];
