import { DAY_MS } from './days.ts';
import { nextTradingDay, type TradingDays } from './trading-days.ts';

export type SessionState = 'closed' | 'pre' | 'regular' | 'after';

/** What the engine is told at a change, in this order. */
export type EngineStep = 'closed' | 'pre_open' | 'open' | 'expire_day_orders';

export interface Transition {
  readonly at: number;
  readonly state: SessionState;
  readonly steps: readonly EngineStep[];
}

export function stateAt(days: TradingDays, at: number): SessionState {
  const today = days.at(Math.floor(at / DAY_MS));
  if (today === undefined || at < today.preOpensAt || at >= today.afterClosesAt) return 'closed';
  if (at < today.opensAt) return 'pre';
  return at < today.closesAt ? 'regular' : 'after';
}

/** What brings an engine that knows nothing to where it should be. */
export const stepsTo: Record<SessionState, EngineStep> = {
  closed: 'closed',
  pre: 'pre_open',
  regular: 'open',
  after: 'closed',
};

/**
 * The changes of session in (after, upTo], oldest first. A market that never closes still ends its day at midnight UTC:
 * day orders expire and both auctions are held, all in one moment.
 */
export function transitionsBetween(days: TradingDays, after: number, upTo: number): Transition[] {
  const found: Transition[] = [];
  for (let day = Math.floor(after / DAY_MS); day * DAY_MS <= upTo; day += 1) {
    const today = days.at(day);
    if (today === undefined) continue;
    if (days.hours === 'always') {
      found.push({ at: today.opensAt, state: 'regular', steps: ['closed', 'expire_day_orders', 'open'] });
      continue;
    }
    found.push(
      { at: today.preOpensAt, state: 'pre', steps: ['pre_open'] },
      { at: today.opensAt, state: 'regular', steps: ['open'] },
      { at: today.closesAt, state: 'after', steps: ['closed', 'expire_day_orders'] },
      { at: today.afterClosesAt, state: 'closed', steps: [] },
    );
  }
  return found.filter(({ at }) => at > after && at <= upTo);
}

/** Of the regular session after a moment; undefined where it never ends. */
export function nextOpenAndClose(days: TradingDays, at: number): { opensAt: number; closesAt: number } | undefined {
  if (days.hours === 'always') return undefined;
  const day = Math.floor(at / DAY_MS);
  const today = days.at(day);
  const next = nextTradingDay(days, day);
  return {
    opensAt: today !== undefined && at < today.opensAt ? today.opensAt : next.opensAt,
    closesAt: today !== undefined && at < today.closesAt ? today.closesAt : next.closesAt,
  };
}
