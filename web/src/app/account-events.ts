import type { Client } from '@urql/core';
import { type AccountEvent, onAccountEvent } from '../live/account-stream.ts';
import { AccountEvents } from '../live/documents.ts';
import { wordsOf } from '../text/orders.ts';
import { price, quantity } from '../ui/number.ts';
import { say } from '../ui/toasts.tsx';

/** Keeps the account's stream open, and says aloud what became of an order, until it is told to stop. */
export function followAccount(client: Client, accountId: string): () => void {
  const subscription = client
    .subscription(String(AccountEvents), { accountId, since: null })
    .subscribe(() => undefined);
  const stop = onAccountEvent((event) => {
    const words = wordsFor(event);
    if (words !== undefined) say(words);
  });
  return () => {
    subscription.unsubscribe();
    stop();
  };
}

export function wordsFor(event: AccountEvent): string | undefined {
  if (event.__typename !== 'OrderMoved') return undefined;
  const { symbol, side } = event;
  switch (event.event) {
    case 'FILL':
      return `${event.status === 'FILLED' ? 'Filled' : 'Partly filled'}: ${quantity(event.filledQuantity)} of ${quantity(event.quantity)} ${symbol} at ${price(event.lastPrice)}`;
    case 'CANCELED':
      return `Cancelled: ${side === 'BUY' ? 'buy' : 'sell'} ${quantity(event.quantity)} ${symbol}`;
    case 'EXPIRED':
      return `Expired: ${quantity(event.quantity)} ${symbol}`;
    case 'REJECTED':
      return `Rejected: ${quantity(event.quantity)} ${symbol}${event.reason === null ? '' : ` (${wordsOf(event.reason)})`}`;
    case 'CANCEL_REJECTED':
      return `Too late to cancel ${symbol}`;
    case 'REPLACE_REJECTED':
      return `Too late to replace ${symbol}`;
    default:
      return undefined;
  }
}
