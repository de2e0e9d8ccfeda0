import { isExit, refuseWrongSide } from './group-prices.ts';
import { type Collars, judgeOrder, type Placement, rests } from './judge-order.ts';
import type { Market } from './market.ts';
import type { GroupType, OrderSpec } from './order.ts';
import { isRefusal, type Refusal, refuse } from './refusal.ts';

/** The legs in their order, or the first refusal with the leg in its field. */
export function judgeGroup(
  type: GroupType,
  legs: readonly OrderSpec[],
  market: Market,
  collars: Collars,
): readonly Placement[] | Refusal {
  const unfit = refuseGroup(type, legs);
  if (unfit !== undefined) return unfit;
  const placements: Placement[] = [];
  for (const [index, leg] of legs.entries()) {
    const placement = judgeOrder(leg, market, collars, isExit(type, index) && type !== 'oco' ? 'exit' : 'single');
    if (isRefusal(placement)) {
      return { ...placement, field: `legs[${index}]${placement.field === '' ? '' : `.${placement.field}`}` };
    }
    placements.push(placement);
  }
  return placements;
}

const legsOf: Record<GroupType, number> = { bracket: 3, oco: 2, oto: 2 };

function refuseGroup(type: GroupType, legs: readonly OrderSpec[]): Refusal | undefined {
  const [first] = legs;
  if (first === undefined || legs.length !== legsOf[type]) {
    return refuse('group_invalid', 'legs', { legs: BigInt(legsOf[type]) });
  }
  const exitSide = type === 'oco' ? first.side : first.side === 'buy' ? 'sell' : 'buy';
  for (const [index, leg] of legs.entries()) {
    const field = `legs[${index}]`;
    if (leg.symbol !== first.symbol) return refuse('group_invalid', `${field}.symbol`);
    if (leg.notional !== 0n) return refuse('group_invalid', `${field}.notional`);
    if (!isExit(type, index)) continue;
    if (leg.side !== exitSide) return refuse('group_invalid', `${field}.side`);
    if (leg.qty !== first.qty) return refuse('group_invalid', `${field}.qty`);
    if (!rests(leg.timeInForce)) return refuse('group_invalid', `${field}.time_in_force`);
    if (leg.type === 'market') return refuse('group_invalid', `${field}.type`);
    if (leg.postOnly) return refuse('group_invalid', `${field}.post_only`);
  }
  return (type === 'oto' ? undefined : refusePair(legs, legs.length - 2)) ?? refusePrices(type, legs);
}

/** A profit limit first and then a stop. */
function refusePair(legs: readonly OrderSpec[], from: number): Refusal | undefined {
  const [profit, stop] = legs.slice(from);
  if (profit === undefined || stop === undefined) return refuse('group_invalid', 'legs');
  if (profit.type !== 'limit') return refuse('group_invalid', `legs[${from}].type`);
  if (stop.type === 'limit') return refuse('group_invalid', `legs[${from + 1}].type`);
  return undefined;
}

/** Each leg against those before it. */
function refusePrices(type: GroupType, specs: readonly OrderSpec[]): Refusal | undefined {
  const legs = specs.map((spec, leg) => ({ leg, spec }));
  for (const one of legs) {
    const refusal = refuseWrongSide(type, one, legs.slice(0, one.leg));
    if (refusal !== undefined) return { ...refusal, field: `legs[${one.leg}].${refusal.field}` };
  }
  return undefined;
}
