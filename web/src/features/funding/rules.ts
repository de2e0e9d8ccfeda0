import { format, microsOf, rateOf } from '@andvari/money/decimal';
import { convert } from '@andvari/money/fx';

export interface FxRate {
  base: string;
  quote: string;
  rate: string;
}

/** What arrives at a rate, by the ledger's own arithmetic, before its spread: the pair has one rate for both directions. */
export function arriving(amount: string, from: string, { base, quote, rate }: FxRate): string | undefined {
  if (from !== base && from !== quote) return undefined;
  const direction = from === base ? 'base_to_quote' : 'quote_to_base';
  return format(convert(microsOf(amount), rateOf(rate), direction).received);
}

/** A deposit or withdrawal as the steps it takes; the last says how it ended. */
export function stepsOf(type: string, state: string): { word: string; isDone: boolean }[] {
  const words = type === 'WITHDRAWAL' ? ['Requested', 'Held', 'Sent', 'Settled'] : ['Requested', 'Sent', 'Settled'];
  const names = type === 'WITHDRAWAL' ? ['REQUESTED', 'HELD', 'SENT', 'SETTLED'] : ['REQUESTED', 'SENT', 'SETTLED'];
  if (state === 'RETURNED' || state === 'FAILED') {
    return [
      { word: 'Requested', isDone: true },
      { word: state === 'FAILED' ? 'Failed' : 'Returned', isDone: true },
    ];
  }
  const at = names.indexOf(state === 'HELD' && type !== 'WITHDRAWAL' ? 'REQUESTED' : state);
  return words.map((word, index) => ({ word, isDone: index <= at }));
}
