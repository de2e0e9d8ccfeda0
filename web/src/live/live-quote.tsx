import { useEffect } from 'react';
import { Live } from './live.tsx';
import { type Feed, type Quote, quoteTopic, watch } from './market-feed.ts';

export function LiveQuote(props: {
  symbol: string;
  read: (quote: Quote) => string;
  sign?: (quote: Quote) => string | null;
  className?: string | undefined;
}) {
  const { symbol, ...rest } = props;
  return <Live key={symbol} topic={quoteTopic(symbol)} {...rest} />;
}

/** Says what is on the screen, for as long as it is. */
export function useWatch(feed: Feed, symbols: readonly string[]): void {
  const key = symbols.join(' ');
  useEffect(() => (key === '' ? undefined : watch(feed, key.split(' '))), [feed, key]);
}
