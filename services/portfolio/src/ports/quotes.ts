import type { Price } from '@andvari/money';

/** What shares are worth now, as far as anybody knows; what is missing is valued at cost. */
export type QuoteSource = () => Promise<ReadonlyMap<string, Price>>;

/** For as long as nobody tells us the market's prices. */
export const noQuotes: QuoteSource = async () => new Map();
