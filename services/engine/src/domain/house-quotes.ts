import type { QuoteLevel } from './command.ts';

export interface HouseQuoteSettings {
  levels: number;
  /** Between the reference and the best price of each side, in millionths of the reference; at least one tick. */
  halfSpreadPpm: number;
  /** Between neighbouring levels, in millionths of the reference; at least one tick. */
  stepPpm: number;
  /** Quantity of the best level; each further one holds that much more. */
  baseQty: number;
  /** The inventory at which the house stops adding to it. */
  maxInventory: number;
  /** How far the middle moves against a full inventory, in millionths of the reference. */
  skewPpm: number;
}

/**
 * The house's quotes around a reference price. Inventory moves the middle: a house that is long quotes lower on both sides,
 * so that it is bought from rather than sold to, and drops the side that would take it past its limit. Bids end
 * below asks whatever the numbers are.
 */
export function houseQuotes(
  reference: number,
  inventory: number,
  tick: number,
  settings: HouseQuoteSettings,
): { bids: QuoteLevel[]; asks: QuoteLevel[] } {
  const { levels, maxInventory } = settings;
  const fullness = Math.max(-1, Math.min(1, inventory / maxInventory));
  const middle = reference - Math.round(ppm(reference, settings.skewPpm) * fullness);
  const half = Math.max(tick, ppm(reference, settings.halfSpreadPpm));
  const step = Math.max(tick, ppm(reference, settings.stepPpm));
  const bids: QuoteLevel[] = [];
  const asks: QuoteLevel[] = [];
  for (let level = 0; level < levels; level += 1) {
    const away = half + step * level;
    const qty = settings.baseQty * (level + 1);
    const bid = Math.floor((middle - away) / tick) * tick;
    const ask = Math.ceil((middle + away) / tick) * tick;
    if (fullness < 1 && bid > 0 && bid < (bids.at(-1)?.price ?? Number.POSITIVE_INFINITY))
      bids.push({ price: bid, qty });
    if (fullness > -1 && ask > (asks.at(-1)?.price ?? 0)) asks.push({ price: ask, qty });
  }
  return { bids, asks };
}

function ppm(value: number, parts: number): number {
  return Math.round((value / 1_000_000) * parts);
}
