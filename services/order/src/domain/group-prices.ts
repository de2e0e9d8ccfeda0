import type { GroupType, OrderSpec } from './order.ts';
import { type Refusal, refuse } from './refusal.ts';

export interface Leg {
  readonly leg: number;
  readonly spec: OrderSpec;
}

/**
 * The prices of a group lie in order, its stop, its entry, its profit: upwards where its exits sell, downwards where they buy. Where they
 * do not, an exit would trade as soon as it may, at a loss, or both would. An order at market and a trailing stop have no price to go by.
 * The leg is judged against each of the others; of two that are at odds it is the one at fault.
 */
export function refuseWrongSide(type: GroupType, one: Leg, others: readonly Leg[]): Refusal | undefined {
  const mine = partOf(type, one);
  for (const other of others) {
    const theirs = partOf(type, other);
    if (mine === theirs) continue;
    const exit = mine === 'entry' ? other : one;
    const isAbove = (exit.spec.side === 'sell') === places[mine] > places[theirs];
    for (const [field, px] of pricesOf(one.spec, mine)) {
      for (const [, against] of pricesOf(other.spec, theirs)) {
        const isApart = isAbove ? px > against : px < against;
        if (!isApart) return refuse('exit_on_wrong_side', field, { [mine]: px, [theirs]: against });
      }
    }
  }
  return undefined;
}

/** Every leg that is no entry. */
export function isExit(type: GroupType, leg: number): boolean {
  return type === 'oco' || leg > 0;
}

type Part = 'stop' | 'entry' | 'profit';

const places: Record<Part, number> = { stop: 0, entry: 1, profit: 2 };

function partOf(type: GroupType, { leg, spec }: Leg): Part {
  if (!isExit(type, leg)) return 'entry';
  return spec.type === 'limit' ? 'profit' : 'stop';
}

/** An entry may trade at any price that it names; a stop is set off by one. A price that is missing is refused for that. */
function pricesOf({ type, limitPx, stopPx }: OrderSpec, part: Part): [field: string, px: bigint][] {
  const stop: [string, bigint] = ['stop_px', stopPx];
  const limit: [string, bigint] = ['limit_px', limitPx];
  const named = {
    market: [],
    limit: [limit],
    stop: [stop],
    stop_limit: part === 'entry' ? [stop, limit] : [stop],
    trailing_stop: [],
  }[type];
  return named.filter(([, px]) => px !== 0n);
}
