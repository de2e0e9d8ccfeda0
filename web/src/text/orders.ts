import { money, price, quantity } from '../ui/number.ts';

/** The words of trading. Each state is a word, a shape and a colour; the shape is in ui/state-mark.tsx. */
export type Look = 'waiting' | 'working' | 'part' | 'full' | 'ended' | 'refused' | 'moving' | 'unknown';

export const stateWords: Record<string, readonly [word: string, look: Look]> = {
  SENDING: ['Sending', 'moving'],
  CHECKING: ['Unknown, checking', 'unknown'],
  PENDING_NEW: ['Sent', 'moving'],
  ACCEPTED: ['Waiting', 'waiting'],
  HELD: ['Held', 'waiting'],
  NEW: ['Working', 'working'],
  PARTIALLY_FILLED: ['Partly filled', 'part'],
  FILLED: ['Filled', 'full'],
  PENDING_CANCEL: ['Cancelling', 'moving'],
  CANCELED: ['Cancelled', 'ended'],
  PENDING_REPLACE: ['Replacing', 'moving'],
  REPLACED: ['Replaced', 'ended'],
  EXPIRED: ['Expired', 'ended'],
  REJECTED: ['Rejected', 'refused'],
  UNKNOWN: ['Unknown', 'unknown'],
};

export const sideWords: Record<string, string> = { BUY: 'Buy', SELL: 'Sell', UNKNOWN: '–' };

export const typeWords: Record<string, string> = {
  MARKET: 'Market',
  LIMIT: 'Limit',
  STOP: 'Stop',
  STOP_LIMIT: 'Stop limit',
  TRAILING_STOP: 'Trailing stop',
  UNKNOWN: '–',
};

export const forceWords: Record<string, string> = {
  DAY: 'for today',
  GTC: 'until cancelled',
  IOC: 'now or never',
  FOK: 'all or nothing',
  OPG: 'at the open',
  CLS: 'at the close',
  UNKNOWN: '–',
};

export const groupWords: Record<string, string> = {
  BRACKET: 'Bracket',
  OCO: 'One cancels the other',
  OTO: 'Then',
  UNKNOWN: 'Group',
};

export const reasonWords = (reason: string | null): string => (reason === null ? '' : sentence(wordsOf(reason)));

/** A value of an enum as people read it: `USER_REQUESTED` is "user requested". */
export const wordsOf = (value: string): string => value.toLowerCase().replaceAll('_', ' ');

/** What happened to an order, in the word of the state that it made where it made one. */
export const eventWords = (kind: string): string => stateWords[kind]?.[0] ?? sentence(wordsOf(kind));

export interface SpokenOrder {
  side: string;
  symbol: string;
  type: string;
  quantity?: string | null;
  notional?: string | null;
  limitPrice?: string | null;
  stopPrice?: string | null;
  trailAmount?: string | null;
  trailPercent?: string | null;
}

/** An order as one would say it. */
export function spoken(order: SpokenOrder, currency: string): string {
  const size = order.notional == null ? quantity(order.quantity) : `${money(order.notional, currency)} of`;
  const at = order.limitPrice == null ? '' : ` at ${price(order.limitPrice)} or better`;
  const from = order.stopPrice == null ? '' : `, once it trades at ${price(order.stopPrice)}`;
  const how =
    order.type === 'MARKET' ? ' at the market' : order.type === 'TRAILING_STOP' ? trailing(order, currency) : '';
  return `${sideWords[order.side] ?? ''} ${size} ${order.symbol}${at}${from}${how}`;
}

const trailing = ({ trailAmount, trailPercent }: SpokenOrder, currency: string): string => {
  const behind = trailAmount == null ? trailPercent && `${quantity(trailPercent)} %` : money(trailAmount, currency);
  return ` with a trailing stop${behind == null ? '' : `, ${behind} behind`}`;
};

export const sentence = (words: string): string => words.replace(/^./, (first) => first.toUpperCase());
