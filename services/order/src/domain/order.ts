import type { Quantity } from '@andvari/money';

export const sides = ['buy', 'sell'] as const;
export type Side = (typeof sides)[number];

export const orderTypes = ['market', 'limit', 'stop', 'stop_limit', 'trailing_stop'] as const;
export type OrderType = (typeof orderTypes)[number];

export const timesInForce = ['day', 'gtc', 'ioc', 'fok', 'opg', 'cls'] as const;
export type TimeInForce = (typeof timesInForce)[number];

export const groupTypes = ['bracket', 'oco', 'oto'] as const;
export type GroupType = (typeof groupTypes)[number];

/** What a client asks for; 0n where nothing is said. */
export interface OrderSpec {
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly qty: bigint;
  readonly notional: bigint;
  readonly limitPx: bigint;
  readonly stopPx: bigint;
  readonly trailAmount: bigint;
  readonly trailPercent: bigint;
  readonly postOnly: boolean;
  readonly extendedHours: boolean;
}

/** As the engine last said, `pending_new` until it has said anything. */
export const engineStatuses = [
  'pending_new',
  'accepted',
  'held',
  'new',
  'partially_filled',
  'filled',
  'canceled',
  'replaced',
  'expired',
  'rejected',
] as const;
export type EngineStatus = (typeof engineStatuses)[number];

/** What was asked of the engine and is not answered yet. */
export type PendingChange = 'cancel' | 'replace';

/** What people are told. */
export type Status = EngineStatus | 'pending_cancel' | 'pending_replace';

export interface Order {
  readonly id: string;
  readonly accountId: string;
  readonly userId: string;
  readonly clientOrderId: string;
  readonly spec: OrderSpec;
  /** What it is for in shares; a notional order's was worked out when it was placed. */
  readonly qty: Quantity;
  readonly collarPx: bigint;
  readonly collarOffset: bigint;
  readonly reserved: bigint;
  readonly reservedAsset: string;
  readonly replaces: string | undefined;
  readonly group: OrderGroup | undefined;
  readonly apiKeyId: string | undefined;
  readonly placedAtUs: bigint;
  readonly life: OrderLife;
}

export interface OrderGroup {
  readonly id: string;
  readonly type: GroupType;
  readonly leg: number;
}

/** The groups that these are in, each once. */
export function groupIdsOf(orders: readonly Pick<Order, 'group'>[]): string[] {
  return [...new Set(orders.flatMap(({ group }) => group?.id ?? []))];
}

/** The part of an order that changes. */
export interface OrderLife {
  readonly status: EngineStatus;
  readonly pending: PendingChange | undefined;
  readonly reason: string;
  /** For what it is now: a group's leg shrinks with its sibling. */
  readonly qty: bigint;
  readonly cumQty: bigint;
  readonly leavesQty: bigint;
  readonly avgPx: bigint;
  readonly stopPx: bigint;
  readonly waterMarkPx: bigint;
  readonly replacedBy: string | undefined;
  readonly updatedAtUs: bigint;
  /** 0n: not yet. */
  readonly acknowledgedAtUs: bigint;
  readonly finishedAtUs: bigint;
  /** Since when something is asked of the engine that it has not answered; 0n: nothing is. */
  readonly awaitingSinceUs: bigint;
  readonly version: bigint;
}

const ended: ReadonlySet<EngineStatus> = new Set(['filled', 'canceled', 'replaced', 'expired', 'rejected']);

export function hasEnded(status: EngineStatus): boolean {
  return ended.has(status);
}

export function statusOf({ status, pending }: Pick<OrderLife, 'status' | 'pending'>): Status {
  if (pending === undefined || hasEnded(status)) return status;
  return pending === 'cancel' ? 'pending_cancel' : 'pending_replace';
}

/** Whether two requests ask for the same; what follows from prices of the moment does not count. */
export function sameSpec(one: OrderSpec, other: OrderSpec): boolean {
  return (
    one.symbol === other.symbol &&
    one.side === other.side &&
    one.type === other.type &&
    one.timeInForce === other.timeInForce &&
    one.qty === other.qty &&
    one.notional === other.notional &&
    one.limitPx === other.limitPx &&
    one.stopPx === other.stopPx &&
    one.trailAmount === other.trailAmount &&
    one.trailPercent === other.trailPercent &&
    one.postOnly === other.postOnly &&
    one.extendedHours === other.extendedHours
  );
}
