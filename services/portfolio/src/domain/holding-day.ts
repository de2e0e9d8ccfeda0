import { amount, divide, type Micros, type Price, type Quantity, subtract, toMicros, toQuantity } from '@andvari/money';

/** What a holding was at the market's close before, and what was paid for it since. */
export type HoldingDay = {
  /** When that close was. */
  readonly sinceUs: bigint;
  /** How many were held then, in the shares of now. */
  readonly qty: Quantity;
  /** For what was bought, fees included, less what sales and dividends have brought. */
  readonly paid: Micros;
};

/** A part of the day within which shares stay what they are. */
export type Stretch = {
  /** How many shares the split added that it began with; 0 where it began with none. */
  readonly split: bigint;
  /** Bought and received less sold and given. */
  readonly net: bigint;
  readonly paid: bigint;
};

/** Back from what is held now, through what has happened since; `stretches` are the oldest first. */
export function dayOf(held: bigint, sinceUs: bigint, stretches: readonly Stretch[]): HoldingDay {
  let [qty, to, from, paid] = [held, 1n, 1n, 0n];
  for (const stretch of stretches.toReversed()) {
    paid += stretch.paid;
    qty -= stretch.net;
    if (stretch.split === 0n) continue;
    const before = qty - stretch.split;
    [to, from, qty] = [to * qty, from * before, before];
  }
  return { sinceUs, qty: toQuantity(divide(qty * to, from)), paid: toMicros(paid) };
}

/** The price at the close that a holding's day began with. */
export type Close = { readonly price: Price; readonly atUs: bigint };

/**
 * What is worth so much now has gained since the close before: shares that came since count from what was paid for them, and those that went
 * until what they brought. Undefined where the price then is not known, or is another day's.
 */
export function dayGain(worth: Micros, day: HoldingDay | undefined, close: Close | undefined): Micros | undefined {
  if (day === undefined) return undefined;
  // Nothing of it is from then: no price of then is needed.
  if (day.qty === 0n) return subtract(worth, day.paid);
  if (close === undefined || close.atUs !== day.sinceUs) return undefined;
  return subtract(subtract(worth, amount(close.price, day.qty)), day.paid);
}
