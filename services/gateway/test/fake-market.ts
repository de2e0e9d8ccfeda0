import { Session, Side } from '@andvari/proto/engine/v1/commands';
import type { Book, TradePrint } from '@andvari/proto/engine/v1/engine';
import {
  type CorporateAction,
  CorporateActionType,
  type FxRate,
  type Instrument,
  InstrumentType,
  MarketState,
  type Quote,
  Timeframe,
} from '@andvari/proto/stock/v1/stock';
import { NOW_US } from './fake-rows.ts';
import type { Answers } from './fake-service.ts';

const MICRO = 1_000_000n;

export function instrumentOf(symbol: string): Instrument {
  return {
    symbol,
    name: `${symbol} Incorporated`,
    exchange: 'XNYS',
    sector: 'Technology',
    type: InstrumentType.INSTRUMENT_TYPE_EQUITY,
    currency: 'USD',
    tick: 10_000n,
    tickBelowOne: 100n,
    lot: MICRO,
    fractionable: true,
    tradable: true,
    halted: false,
    haltReason: '',
    haltedAtUs: 0n,
    basePrice: 100n * MICRO,
    minNotional: MICRO,
    maxQty: 1_000_000n * MICRO,
    maxPrice: 1_000_000n * MICRO,
    version: 1n,
  };
}

/** When the session ended that the close before is of. */
export const CLOSED_AT_US = 1_780_000_000_000_000n;

/** Good for a minute from now on. */
export function quoteOf(symbol: string, last = 187_250_000n): Quote {
  const asOfUs = BigInt(Date.now()) * 1000n;
  return {
    symbol,
    last,
    bid: last - 10_000n,
    ask: last + 10_000n,
    bidSize: 100n * MICRO,
    askSize: 200n * MICRO,
    open: 186n * MICRO,
    high: 188n * MICRO,
    low: 185n * MICRO,
    previousClose: 185n * MICRO,
    previousCloseAtUs: CLOSED_AT_US,
    volume: 12_345n * MICRO,
    high52w: 200n * MICRO,
    low52w: 120n * MICRO,
    marketState: MarketState.MARKET_STATE_REGULAR,
    source: 'simulated',
    asOfUs,
    validUntilUs: asOfUs + 60n * MICRO,
  };
}

export function bookOf(symbol: string, depth = 10): Book {
  const levels = (side: bigint) =>
    Array.from({ length: depth }, (_, at) => ({
      px: 187n * MICRO + side * BigInt(at + 1) * 10_000n,
      qty: MICRO,
      orders: 1,
    }));
  return {
    symbol,
    bids: levels(-1n),
    asks: levels(1n),
    lastPx: 187n * MICRO,
    session: Session.SESSION_OPEN,
    halted: false,
    commandSeq: 1n,
    asOfUs: BigInt(Date.now()) * 1000n,
  };
}

export function tradeOf(symbol: string, tradeId: string): TradePrint {
  return {
    symbol,
    px: 187_250_000n,
    qty: 3n * MICRO,
    aggressor: Side.SIDE_BUY,
    tradeId,
    tradedAtUs: BigInt(Date.now()) * 1000n,
  };
}

function fxRateOf(base: string, quote: string): FxRate {
  return {
    id: `${base}${quote}`,
    base,
    quote,
    rate: 1_360_000n,
    asOfUs: NOW_US,
    source: 'simulated',
    validUntilUs: 0n,
  };
}

function actionOf(id: string, symbol: string): CorporateAction {
  return {
    id,
    symbol,
    type: CorporateActionType.CORPORATE_ACTION_TYPE_SPLIT,
    ratioTo: 2n,
    ratioFrom: 1n,
    amount: 0n,
    exDate: '2026-11-27',
    currency: '',
    appliedAtUs: NOW_US,
    referencePx: 0n,
    effectiveAtUs: 0n,
  };
}

const noPage = { endCursor: '', hasNextPage: false };

export function stockAnswers(): Answers {
  type OfSymbol = { symbol: string };
  return {
    searchInstruments: ({ query, first }: { query: string; first: number }) => ({
      instruments: Array.from({ length: Math.min(first, 3) }, (_, at) => instrumentOf(`${query.toUpperCase()}${at}`)),
    }),
    getInstruments: ({ symbols }: { symbols: string[] }) => ({
      instruments: symbols.map(instrumentOf),
      unknownSymbols: [],
    }),
    listInstruments: () => ({ instruments: [instrumentOf('ACME'), instrumentOf('GLOBEX')], pageInfo: noPage }),
    getQuotes: ({ symbols }: { symbols: string[] }) => ({
      quotes: symbols.map((symbol) => quoteOf(symbol)),
      unknownSymbols: [],
      unavailableSymbols: [],
    }),
    getBars: ({ timeframe }: { timeframe: Timeframe }) => ({
      bars: Array.from({ length: 3 }, (_, at) => ({
        startsAtUs: NOW_US + BigInt(at) * 60n * MICRO,
        open: 100n * MICRO,
        high: 102n * MICRO,
        low: 99n * MICRO,
        close: 101_500_000n,
        volume: 5n * MICRO,
        live: at === 2,
      })),
      pageInfo: noPage,
      source: 'simulated',
      asOfUs: NOW_US,
      timeframe: timeframe || Timeframe.TIMEFRAME_MINUTE,
    }),
    getCalendar: () => ({
      days: [
        {
          date: '2026-11-27',
          opensAtUs: NOW_US,
          closesAtUs: NOW_US + 1n,
          earlyClose: true,
          preOpensAtUs: 0n,
          afterClosesAtUs: 0n,
        },
      ],
      holidays: [{ date: '2026-11-26', name: 'Thanksgiving' }],
    }),
    getClock: () => ({
      nowUs: NOW_US,
      state: MarketState.MARKET_STATE_REGULAR,
      nextOpenUs: 0n,
      nextCloseUs: 0n,
      alwaysOpen: true,
      timeZone: 'America/New_York',
    }),
    getFxRates: ({ base, quotes }: { base: string; quotes: string[] }) => ({
      rates: quotes.map((quote) => fxRateOf(base, quote)),
    }),
    listCorporateActions: ({ symbol }: OfSymbol) => ({
      actions: [actionOf('a6b2f3de-6a4e-7c3f-8a5b-0123456789ab', symbol)],
      pageInfo: noPage,
    }),
    getMovers: ({ first }: { first: number }) => ({
      movers: Array.from({ length: Math.min(first, 2) }, (_, at) => ({
        instrument: instrumentOf(`UP${at}`),
        quote: quoteOf(`UP${at}`),
        change: MICRO,
        changePpm: 10_000n,
      })),
      asOfUs: NOW_US,
    }),
    haltSymbol: ({ symbol, reason }: OfSymbol & { reason: string }) => ({
      instrument: { ...instrumentOf(symbol), halted: true, haltReason: reason, haltedAtUs: NOW_US },
    }),
    resumeSymbol: ({ symbol }: OfSymbol) => ({ instrument: instrumentOf(symbol) }),
    upsertInstrument: ({ instrument }: { instrument: Instrument }) => ({ instrument }),
    applyCorporateAction: ({ action }: { action: CorporateAction }) => ({ action }),
  };
}

export function engineAnswers(): Answers {
  return {
    getBook: ({ symbol, depth }: { symbol: string; depth: number }) => ({ book: bookOf(symbol, depth) }),
  };
}
