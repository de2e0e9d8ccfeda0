import { type GroupType, groupTypes, type OrderSpec, type Side } from '../src/domain/order.ts';

const MICRO = 1_000_000n;

export interface GroupAsked {
  readonly type: GroupType;
  readonly legs: readonly OrderSpec[];
}

/** Any group around the market of the model, on either side. */
export function groupAsked(random: () => number): GroupAsked {
  const below = (limit: number) => BigInt(Math.floor(random() * limit));
  const type = groupTypes[Number(below(groupTypes.length))] as GroupType;
  const first: Side = random() < 0.6 ? 'buy' : 'sell';
  const exit: Side = type === 'oco' ? first : first === 'buy' ? 'sell' : 'buy';
  const qty = (below(9) + 1n) * MICRO;
  const [low, high] = [(97n + below(2)) * MICRO, (101n + below(2)) * MICRO];
  const [profit, stop] = exit === 'sell' ? [high, low] : [low, high];
  const common = {
    symbol: 'ACME',
    timeInForce: random() < 0.7 ? ('day' as const) : ('gtc' as const),
    qty,
    notional: 0n,
    limitPx: 0n,
    stopPx: 0n,
    trailAmount: 0n,
    trailPercent: 0n,
    postOnly: false,
    extendedHours: false,
  };
  const exits: OrderSpec[] = [
    { ...common, side: exit, type: 'limit', limitPx: profit },
    // What a buy that is triggered across a gap may cost nobody knows beforehand.
    exit === 'buy'
      ? { ...common, side: exit, type: 'stop_limit', stopPx: stop, limitPx: stop }
      : { ...common, side: exit, type: 'stop', stopPx: stop },
  ];
  if (type === 'oco') return { type, legs: exits };
  const entry: OrderSpec =
    random() < 0.3
      ? { ...common, side: first, type: 'market', timeInForce: 'day' }
      : { ...common, side: first, type: 'limit', limitPx: (99n + below(2)) * MICRO };
  return { type, legs: [entry, ...(type === 'bracket' ? exits : exits.slice(0, 1))] };
}
