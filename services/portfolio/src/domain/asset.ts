export { type Currency, isCurrency } from '@andvari/money/currency';

/**
 * An asset is anything the ledger counts: a currency by its code, a share by its symbol. The two share one name space, so that
 * "per asset" has one meaning; a symbol that is also a currency's code is therefore refused at the door.
 */
export type Asset = string;
