import { amount, divide, type Price, type Quantity } from '@andvari/money';
import type { GetSummaryResponse, Holding } from '@andvari/proto/portfolio/v1/portfolio';
import type { Quote } from '@andvari/proto/stock/v1/stock';
import { createAlarm } from './alarm.ts';

/** An account as it stands at one moment. */
export interface PortfolioSnapshot {
  readonly kind: 'portfolio';
  readonly accountId: string;
  readonly atUs: bigint;
  readonly summary: GetSummaryResponse;
  readonly cashAvailable: bigint;
  readonly buyingPower: bigint;
  readonly holdings: readonly Holding[];
}

/** What the ledger says of it; prices are put to it here. */
export type LedgerState = Pick<PortfolioSnapshot, 'summary' | 'cashAvailable' | 'buyingPower' | 'holdings'>;

export interface PortfolioSource {
  accountId: string;
  load: () => Promise<LedgerState>;
  /** Told whenever the ledger may have changed. */
  watchLedger: (onChange: () => void) => Promise<() => void>;
  watchQuotes: (symbols: readonly string[], onChange: () => void) => () => void;
  /** The newest, however old. */
  latestQuote: (symbol: string) => Quote | undefined;
  nowUs: () => bigint;
}

const EVERY_MS = 250;
const ASK_AGAIN_MS = 60_000;

/**
 * Reads one account for one reader, at most four times a second: the ledger is asked when it has changed, and a price that
 * moves is put to what it said last. Between two readings everything is conflated, so a slow reader costs nothing.
 */
export async function* readPortfolio(
  source: PortfolioSource,
  signal: AbortSignal,
): AsyncGenerator<PortfolioSnapshot, undefined> {
  const alarm = createAlarm();
  let isLedgerMoved = true;
  let toldMs = Number.NEGATIVE_INFINITY;
  const ringWhenDue = (): void => alarm.ringIn(toldMs + EVERY_MS - performance.now());
  const leaveLedger = await source.watchLedger(() => {
    isLedgerMoved = true;
    ringWhenDue();
  });
  let leaveQuotes: (() => void) | undefined;
  let askAgain: NodeJS.Timeout | undefined;
  let state: LedgerState | undefined;
  signal.addEventListener('abort', alarm.ring, { once: true });
  alarm.ring();
  try {
    for (;;) {
      await alarm.rung();
      if (signal.aborted) return undefined;
      isLedgerMoved ||= state !== undefined && isOfDayBefore(state, source.latestQuote);
      if (isLedgerMoved) {
        isLedgerMoved = false;
        try {
          state = await source.load();
        } catch (error) {
          // Whose first word it would be is told; to all others what was said stands until the ledger is back.
          if (state === undefined) throw error;
          isLedgerMoved = true;
          toldMs = performance.now();
          ringWhenDue();
          continue;
        }
        leaveQuotes?.();
        leaveQuotes = source.watchQuotes(
          state.holdings.map(({ symbol }) => symbol),
          ringWhenDue,
        );
        clearTimeout(askAgain);
        if (isAllGone(state)) {
          askAgain = setTimeout(() => {
            isLedgerMoved = true;
            ringWhenDue();
          }, ASK_AGAIN_MS);
        }
      }
      if (state === undefined) continue;
      toldMs = performance.now();
      const atUs = source.nowUs();
      yield {
        kind: 'portfolio',
        accountId: source.accountId,
        atUs,
        ...valued(state, source.latestQuote, atUs),
      };
    }
  } finally {
    alarm.stop();
    clearTimeout(askAgain);
    signal.removeEventListener('abort', alarm.ring);
    leaveQuotes?.();
    leaveLedger();
  }
}

/** When the market begins a day, what was bought and sold since the close before is another sum. */
function isOfDayBefore({ holdings }: LedgerState, latestQuote: (symbol: string) => Quote | undefined): boolean {
  return holdings.some(({ symbol, day }) => {
    const closedAtUs = latestQuote(symbol)?.previousCloseAtUs;
    return day !== undefined && closedAtUs !== undefined && closedAtUs > day.sinceUs;
  });
}

/** All was sold today: no price is left that would tell of the next day, and then nothing was sold on it. */
function isAllGone({ holdings, summary }: LedgerState): boolean {
  return holdings.length === 0 && summary.dayPnlOfGone !== 0n;
}

/** The ledger's own arithmetic: quantity at the last price, and at cost where there is none. */
export function valued(
  state: LedgerState,
  latestQuote: (symbol: string) => Quote | undefined,
  atUs: bigint,
): LedgerState {
  const { cash, costBasis: allCost } = state.summary;
  // What is held besides those that are listed is valued at cost too.
  let marketValue = state.holdings.reduce((left, { costBasis }) => left - costBasis, allCost);
  let dayPnl = state.summary.dayPnlOfGone;
  const unquotedSymbols: string[] = [];
  const staleSymbols: string[] = [];
  for (const holding of state.holdings) {
    const { symbol, qty, costBasis, split } = holding;
    const quote = latestQuote(symbol);
    if (quote === undefined) unquotedSymbols.push(symbol);
    else if (quote.validUntilUs < atUs) staleSymbols.push(symbol);
    const worth = quote === undefined ? costBasis : amount(asHeld(quote.last, quote, split), qty as Quantity);
    marketValue += worth;
    if (quote !== undefined) dayPnl += dayGain(worth, holding, quote) ?? 0n;
  }
  const summary = {
    ...state.summary,
    marketValue,
    equity: cash + marketValue,
    unrealizedPnl: marketValue - allCost,
    dayPnl,
    unquotedSymbols,
    staleSymbols,
  };
  return { ...state, summary };
}

/** What a holding has gained since the close before; null where the price then is not known, or is another day's than the ledger's. */
export function dayGain(worth: bigint, { day, split }: Pick<Holding, 'day' | 'split'>, quote: Quote): bigint | null {
  if (day === undefined) return null;
  if (day.qty === 0n) return worth - day.paid;
  if (quote.previousClose === 0n || quote.previousCloseAtUs !== day.sinceUs) return null;
  return worth - amount(asHeld(quote.previousClose, quote, split), day.qty as Quantity) - day.paid;
}

/** A price in the shares that the holding is counted in: while a split is under way the two may differ. */
export function asHeld(price: bigint, { asOfUs }: Pick<Quote, 'asOfUs'>, split: Holding['split']): Price {
  if (split === undefined || asOfUs >= split.effectiveAtUs === split.counted) return price as Price;
  const { ratioTo, ratioFrom, counted } = split;
  const converted = counted ? divide(price * ratioFrom, ratioTo) : divide(price * ratioTo, ratioFrom);
  return (converted > 0n ? converted : 1n) as Price;
}
