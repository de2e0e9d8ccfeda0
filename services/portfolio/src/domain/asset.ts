import { CURRENCIES } from '@andvari/money/currency';

/**
 * An asset is anything the ledger counts: a currency by its code, a share by its symbol. The two share one name space, so that
 * "per asset" has one meaning; a symbol that is also a currency's code is therefore refused at the door.
 */
export type Asset = string;

export type Currency = (typeof CURRENCIES)[number];

const CODES: ReadonlySet<string> = new Set(CURRENCIES);

export function isCurrency(asset: Asset): asset is Currency {
  return CODES.has(asset);
}
