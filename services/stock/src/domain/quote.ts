import type { SessionState } from './market-clock.ts';

/** Prices and quantities are micro-units. */
export interface Quote {
  readonly symbol: string;
  readonly last: bigint;
  readonly bid: bigint;
  readonly ask: bigint;
  readonly bidSize: bigint;
  readonly askSize: bigint;
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly previousClose: bigint;
  readonly volume: bigint;
  readonly high52w: bigint;
  readonly low52w: bigint;
  readonly state: SessionState | 'halted';
  readonly source: string;
  readonly asOfUs: bigint;
  readonly validUntilUs: bigint;
  /** When the session ended that the close before is of. */
  readonly previousCloseAtUs: bigint;
}

/** What a provider knows; the rest is the market's own. */
export type ProviderQuote = Omit<Quote, 'state' | 'validUntilUs' | 'previousCloseAtUs'>;
