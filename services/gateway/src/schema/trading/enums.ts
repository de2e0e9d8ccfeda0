import {
  GroupType as GroupTypes,
  OrderType as OrderTypes,
  TimeInForce as TimesInForce,
} from '@andvari/proto/engine/v1/commands';
import {
  ExecType as ExecTypes,
  Liquidity as Liquidities,
  OrderStatus as OrderStatuses,
} from '@andvari/proto/engine/v1/reports';
import { OrderState as OrderStates } from '@andvari/proto/order/v1/order';
import { protoEnum, protoEnumNamed } from '../proto-enum.ts';

export const OrderType = protoEnum('OrderType', OrderTypes, 'By what an order trades, and from when on.');
export const TimeInForce = protoEnum('TimeInForce', TimesInForce, 'How long an order is good for.');
export const OrderStatus = protoEnum('OrderStatus', OrderStatuses, 'How far an order is.');
export const OrderState = protoEnum('OrderState', OrderStates, 'Whether an order has ended.');
export const GroupType = protoEnum(
  'GroupType',
  GroupTypes,
  'How the orders of a group belong together: `BRACKET` is entry, take-profit, stop-loss; `OCO` two exits; `OTO` entry and exit.',
);
export const Liquidity = protoEnum('Liquidity', Liquidities, 'Whether an order waited for the other, or came to it.');
export const ExecutionType = protoEnumNamed(
  'ExecutionType',
  'EXEC_TYPE_',
  ExecTypes,
  'What the engine says of an order.',
);

const ended: ReadonlySet<number> = new Set([
  OrderStatuses.ORDER_STATUS_FILLED,
  OrderStatuses.ORDER_STATUS_CANCELED,
  OrderStatuses.ORDER_STATUS_REPLACED,
  OrderStatuses.ORDER_STATUS_EXPIRED,
  OrderStatuses.ORDER_STATUS_REJECTED,
]);

export function hasEnded(status: number): boolean {
  return ended.has(status);
}
