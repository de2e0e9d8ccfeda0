import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import {
  type Command,
  OrderType,
  type PlaceOrder,
  Session,
  Side,
  TimeInForce,
} from '@andvari/proto/engine/v1/commands';
import { command } from '@andvari/proto/events';
import { v5 as uuidv5 } from 'uuid';

/** Commands as the order service and the calendar write them into the log. */
const NAMESPACE = '6f1c7a52-7f0e-4d57-9d3f-0f6a1f3f9a10';
export const UNIT = 1_000_000n;

export function idOf(name: string): string {
  return uuidv5(name, NAMESPACE);
}

export function commandEvent(symbol: string, body: NonNullable<Command['body']>): OutgoingEvent {
  return newEvent(command, { symbol, body }, { source: 'test', subject: { partition: 0 } });
}

export function opening(symbol: string): OutgoingEvent[] {
  return [
    commandEvent(symbol, { $case: 'defineInstrument', value: { tick: 10_000n, tickBelowOne: 100n, lot: 1n } }),
    commandEvent(symbol, { $case: 'setSession', value: { session: Session.SESSION_OPEN } }),
  ];
}

export interface Given {
  order: string;
  user?: string;
  side?: 'buy' | 'sell';
  qty?: bigint;
  px?: bigint;
  terms?: Partial<PlaceOrder>;
}

export function limit(
  symbol: string,
  { order, user = 'u1', side = 'buy', qty = 1n, px = 100n, terms }: Given,
): OutgoingEvent {
  const value: PlaceOrder = {
    orderId: idOf(order),
    accountId: idOf(`account of ${user}`),
    userId: idOf(user),
    side: side === 'buy' ? Side.SIDE_BUY : Side.SIDE_SELL,
    type: OrderType.ORDER_TYPE_LIMIT,
    timeInForce: TimeInForce.TIME_IN_FORCE_GTC,
    qty: qty * UNIT,
    limitPx: px * UNIT,
    stopPx: 0n,
    trailAmount: 0n,
    trailPercent: 0n,
    postOnly: false,
    collarPx: 0n,
    collarOffset: 0n,
    ...terms,
  };
  return commandEvent(symbol, { $case: 'placeOrder', value });
}

export function cancel(symbol: string, order: string, user = 'u1'): OutgoingEvent {
  const owner = { accountId: idOf(`account of ${user}`), userId: idOf(user) };
  const value = { orderId: idOf(order), ...owner, byOperator: false };
  return commandEvent(symbol, { $case: 'cancelOrder', value });
}
