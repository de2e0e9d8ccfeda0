import type { MarketState, TradingSession } from '../../api/generated/graphql.ts';

export interface Clock {
  readonly now: string;
  readonly state: MarketState;
  readonly nextOpen: string | null;
  readonly nextClose: string | null;
  readonly alwaysOpen: boolean;
}

export type Session = 'open' | 'pre' | 'closing' | 'closed' | 'halted';

/** In which session an instrument is, and until when; its own book knows before the market's clock was asked again. */
export function sessionOf(
  book: { readonly session: TradingSession | undefined; readonly halted: boolean | undefined },
  clock: Clock | undefined,
): { session: Session; until: string | null } | undefined {
  const session =
    book.halted === true ? 'halted' : (byBook[book.session ?? 'UNKNOWN'] ?? byClock[clock?.state ?? 'UNKNOWN']);
  if (session === undefined) return undefined;
  return { session, until: clock === undefined || clock.alwaysOpen ? null : untilOf(session, clock) };
}

/** Whether the clock that was read is of another session than the book: then it is to be read again. */
export function isBehind(clock: Clock | undefined, session: TradingSession | undefined): boolean {
  const told = byBook[session ?? 'UNKNOWN'];
  return clock !== undefined && told !== undefined && told !== 'closing' && told !== byClock[clock.state];
}

const byBook: Record<TradingSession, Session | undefined> = {
  OPEN: 'open',
  PRE_OPEN: 'pre',
  CLOSING: 'closing',
  CLOSED: 'closed',
  UNKNOWN: undefined,
};

const byClock: Record<MarketState, Session | undefined> = {
  REGULAR: 'open',
  PRE: 'pre',
  AFTER: 'closed',
  CLOSED: 'closed',
  HALTED: 'halted',
  UNKNOWN: undefined,
};

/** Who has halted it says when it goes on; no clock does. */
function untilOf(session: Session, { nextOpen, nextClose }: Clock): string | null {
  switch (session) {
    case 'open':
    case 'closing':
      return nextClose;
    case 'pre':
    case 'closed':
      return nextOpen;
    case 'halted':
      return null;
  }
}

export const sessionWords: Record<Session, string> = {
  open: 'Open',
  pre: 'Pre-market',
  closing: 'Closing auction',
  closed: 'Closed',
  halted: 'Halted',
};
