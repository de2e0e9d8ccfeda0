import { orderIdOf } from '../src/app/order-id.ts';
import type { Change } from '../src/domain/change.ts';
import type { Market } from '../src/domain/market.ts';
import type { OrderSpec } from '../src/domain/order.ts';
import { type GroupAsked, groupAsked } from './saga-groups.ts';

const MICRO = 1_000_000n;

/** What the adversary decides by. */
export class Dice {
  readonly next: () => number;

  constructor(random: () => number) {
    this.next = random;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }
}

/** What a client wants, until it has an answer; it may ask any number of times. */
export interface Intent {
  readonly kind: 'place' | 'group' | 'replace' | 'cancel';
  readonly accountId: string;
  readonly clientOrderId: string;
  readonly spec: OrderSpec;
  readonly group: GroupAsked | undefined;
  readonly change: Change;
  readonly target: string;
  answer: { orderId: string } | 'refused' | undefined;
}

/** Something new that a client of the account wants; changes and cancels are of one of its orders. */
export function newIntent(
  dice: Dice,
  { accountId, number, targets }: { accountId: string; number: number; targets: readonly string[] },
): Intent {
  const which = dice.next();
  const places = dice.next() < 0.35 ? 'group' : 'place';
  const kind = targets.length === 0 || which < 0.6 ? places : which < 0.8 ? 'cancel' : 'replace';
  return {
    kind,
    accountId,
    clientOrderId: `intent ${number}`,
    spec: specOf(dice, dice.next() < 0.5 ? 'buy' : 'sell'),
    group: kind === 'group' ? groupAsked(dice.next) : undefined,
    change: {
      qty: dice.next() < 0.4 ? 0n : BigInt(dice.below(9) + 1) * MICRO,
      limitPx: priceOf(dice),
      stopPx: 0n,
      trailAmount: 0n,
      trailPercent: 0n,
    },
    target: kind === 'cancel' || kind === 'replace' ? dice.pick(targets) : '',
    answer: undefined,
  };
}

/** Under which ids what it asks for is placed. */
export function idsOf({ accountId, clientOrderId, group }: Intent): string[] {
  if (group === undefined) return [orderIdOf(accountId, clientOrderId)];
  return group.legs.map((_, leg) => orderIdOf(accountId, `${clientOrderId}.${leg}`));
}

/** What the order service knows of the market at that moment; its price is never quite the engine's. */
export function marketSeen(dice: Dice, nowUs: bigint): Market {
  const last = (98n + BigInt(dice.below(5))) * MICRO;
  return {
    instrument: {
      symbol: 'ACME',
      currency: 'USD',
      tick: 10_000n,
      tickBelowOne: 100n,
      lot: MICRO,
      fractionable: false,
      tradable: true,
      halted: false,
      haltedAtUs: 0n,
      minNotional: MICRO,
      maxQty: 0n,
      maxPrice: 0n,
      version: 1n,
    },
    quote: { last, bid: last - 10_000n, ask: last + 10_000n, volume: 0n, asOfUs: 0n, validUntilUs: 10n ** 18n },
    clock: { session: 'regular', nextOpenUs: 0n },
    nowUs,
  };
}

function specOf(dice: Dice, side: 'buy' | 'sell'): OrderSpec {
  const which = dice.next();
  const type = which < 0.2 ? 'market' : 'limit';
  const timeInForce = which < 0.3 ? 'ioc' : which < 0.4 ? 'fok' : 'day';
  return {
    symbol: 'ACME',
    side,
    type,
    timeInForce,
    qty: BigInt(dice.below(9) + 1) * MICRO,
    notional: 0n,
    limitPx: type === 'market' ? 0n : priceOf(dice),
    stopPx: 0n,
    trailAmount: 0n,
    trailPercent: 0n,
    postOnly: false,
    extendedHours: false,
  };
}

function priceOf(dice: Dice): bigint {
  return (97n + BigInt(dice.below(7))) * MICRO;
}
