import { setTimeout as pause } from 'node:timers/promises';
import { wakeable } from '@andvari/kit/base/wakeable';
import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import { partitionOf } from '@andvari/kit/events/partition';
import type { Nats } from '@andvari/kit/nats/nats';
import { publishInOrder } from '@andvari/kit/nats/publish-in-order';
import type { Scope } from '@andvari/kit/process/scope';
import { type Command, Session } from '@andvari/proto/engine/v1/commands';
import { command } from '@andvari/proto/events';
import { type Book, onTick, tickAt } from '../domain/book.ts';
import type { QuoteLevel } from '../domain/command.ts';
import { type HouseQuoteSettings, houseQuotes } from '../domain/house-quotes.ts';
import { NONE } from '../domain/orders.ts';
import type { RunningPartition } from '../partition/run-partition.ts';
import type { Inventories } from '../store/inventories.ts';
import { followInventory } from './follow-inventory.ts';
import type { Instrument, ReferencePrices } from './reference-prices.ts';

/** What the prices and fills of so long call for is sent together. */
const LOOK_EVERY_MS = 100;
const GATHER_MS = 2;
/** It looks at the books in any case this often: halts and splits end without a word to it. */
const LOOK_AT_LEAST_MS = 500;
/** At most one ladder a symbol in this time, a little less than that between two prices. */
const QUOTE_EVERY_MS = 950;

export interface MakerOptions {
  nats: Nats;
  running: RunningPartition;
  partitions: number;
  prices: ReferencePrices;
  /** How long a source that moves nothing is believed. */
  staleMs: number;
  inventories: Inventories;
  house: { accountId: string; userId: string };
  settings: HouseQuoteSettings;
}

/**
 * The house: rests a ladder around the reference price of every symbol of a partition, leaning against what it holds. It
 * speaks like everybody else, through the log, and only where its partition is led, at most about once a second a symbol and
 * only when the reference moved a tick or it traded. It goes on through a halt, so that trading resumes around a price of
 * that moment; not through that of a split, after which it begins anew. When its source falls silent it takes its ladders
 * back, rather than trade at yesterday's prices; so does a new leader with those it finds and cannot renew.
 */
export function runMaker(scope: Scope, options: MakerOptions): void {
  const { nats, running, prices } = options;
  const { partition, leadership } = running;
  const log = scope.log.child({ partition: partition.number, part: 'market maker' });
  const references = new Map<string, number>();
  const quoted = new Map<string, { at: number; reference: number; inventory: number }>();
  const bell = wakeable();
  const inventory = followInventory(scope, { ...options, onChange: () => bell.ring() });
  const startedAt = performance.now();
  let heardAt = startedAt;

  prices.subscribe(scope, (symbol, price) => {
    heardAt = performance.now();
    if (partitionOf(symbol, options.partitions) !== partition.number) return;
    references.set(symbol, price);
    bell.ring();
  });

  const looking = (async () => {
    for (let lookedAt = -LOOK_EVERY_MS; !scope.signal.aborted; lookedAt = performance.now()) {
      await bell.wait(LOOK_AT_LEAST_MS, scope.signal);
      const early = lookedAt + LOOK_EVERY_MS - performance.now();
      await pause(Math.max(GATHER_MS, early), undefined, { signal: scope.signal }).catch(() => undefined);
      if (scope.signal.aborted || !leadership.isLeader() || !inventory.known()) continue;
      if (performance.now() - heardAt > options.staleMs) references.clear();
      const commands = [...references].flatMap(([symbol, reference]) => quoteFor(symbol, reference));
      commands.push(...abandoned().map((symbol) => quoteEvent(symbol, { bids: [], asks: [] }, 0)));
      await publishInOrder(nats, commands, leadership.term(), log).catch((error: unknown) => {
        if (!leadership.term().aborted)
          log.warn({ event: 'house_quote_failed', err: error }, 'the house could not quote');
      });
    }
  })();
  scope.defer(`market maker ${partition.number}`, () => looking);

  function quoteFor(symbol: string, reference: number): OutgoingEvent[] {
    const instrument = prices.instruments.find((one) => one.symbol === symbol);
    const book = partition.state.bySymbol.get(symbol);
    if (book === undefined) return instrument === undefined ? [] : introduce(options, instrument);
    if (book.splitting) {
      // Until the halt is lifted no ladder is taken: one that was sent does not rest, however little the price moves after it.
      quoted.delete(symbol);
      return [];
    }
    const held = inventory.of(symbol);
    const before = quoted.get(symbol);
    const now = performance.now();
    if (before !== undefined) {
      const moved = Math.abs(before.reference - reference) >= tickAt(book, reference) || before.inventory !== held;
      if (!moved || now - before.at < QUOTE_EVERY_MS) return [];
    }
    quoted.set(symbol, { at: now, reference, inventory: held });
    return [quoteEvent(symbol, quotesOn(book, reference, held, options.settings), reference)];
  }

  /** Symbols with a ladder that nothing stands behind any more. */
  function abandoned(): string[] {
    const now = performance.now();
    if (now - startedAt <= options.staleMs) return [];
    const resting = partition.state.books.filter(({ house }) => house.some((slot) => slot !== NONE));
    return resting
      .map(({ symbol }) => symbol)
      .filter((symbol) => {
        if (references.has(symbol) || now - (quoted.get(symbol)?.at ?? 0) < QUOTE_EVERY_MS) return false;
        quoted.set(symbol, { at: now, reference: 0, inventory: inventory.of(symbol) });
        return true;
      });
  }

  function quoteEvent(symbol: string, { bids, asks }: HouseQuotes, reference: number): OutgoingEvent {
    return commandEvent(options, symbol, {
      $case: 'quote',
      value: { ...options.house, bids: bids.map(levelTo), asks: asks.map(levelTo), referencePx: BigInt(reference) },
    });
  }
}

type HouseQuotes = ReturnType<typeof houseQuotes>;

/** In whole lots, on the finer grid where all of it lies below one unit of currency; the coarser one fits everywhere. */
function quotesOn(book: Book, reference: number, held: number, settings: HouseQuoteSettings): HouseQuotes {
  const whole = ({ price, qty }: QuoteLevel) => ({ price, qty: qty - (qty % book.lot) });
  const fine = houseQuotes(reference, held, book.tickBelowOne, settings);
  const fits = [...fine.bids, ...fine.asks].every(({ price }) => onTick(book, price));
  const { bids, asks } = fits ? fine : houseQuotes(reference, held, book.tick, settings);
  const quotable = (levels: QuoteLevel[]) => levels.map(whole).filter(({ qty }) => qty > 0);
  return { bids: quotable(bids), asks: quotable(asks) };
}

/** A built-in symbol begins its life: defined, and open for good. */
function introduce(options: MakerOptions, { symbol, tick, tickBelowOne, lot }: Instrument) {
  const definition = { tick: BigInt(tick), tickBelowOne: BigInt(tickBelowOne), lot: BigInt(lot) };
  return [
    commandEvent(options, symbol, { $case: 'defineInstrument', value: definition }),
    commandEvent(options, symbol, { $case: 'setSession', value: { session: Session.SESSION_OPEN } }),
  ];
}

function commandEvent({ running }: MakerOptions, symbol: string, body: NonNullable<Command['body']>) {
  const { number } = running.partition;
  return newEvent(command, { symbol, body }, { source: 'market-maker', subject: { partition: number } });
}

function levelTo({ price, qty }: { price: number; qty: number }) {
  return { px: BigInt(price), qty: BigInt(qty) };
}
