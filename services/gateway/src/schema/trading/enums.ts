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

export const OrderType = protoEnum('OrderType', OrderTypes, 'By what an order trades, and from when on.', {
  MARKET: 'At once, at whatever price is there, within the collar.',
  LIMIT: 'At `limitPrice` or better.',
  STOP: 'A market order once the market has come to `stopPrice`.',
  STOP_LIMIT: 'A limit order once the market has come to `stopPrice`.',
  TRAILING_STOP: 'A stop that follows the market at `trailAmount` or `trailPercent`.',
});
export const TimeInForce = protoEnum('TimeInForce', TimesInForce, 'How long an order is good for.', {
  DAY: 'Until the session ends.',
  GTC: 'Good till cancelled.',
  IOC: 'Immediate or cancel: what does not trade at once is cancelled.',
  FOK: 'Fill or kill: all of it at once, or nothing.',
  OPG: 'For the opening auction alone.',
  CLS: 'For the closing auction alone.',
});
export const OrderStatus = protoEnum('OrderStatus', OrderStatuses, 'How far an order is.', {
  PENDING_NEW: 'Taken on and reserved for; the engine has not answered yet.',
  ACCEPTED: 'The engine has it; it waits for its trigger or for the market to open.',
  HELD: 'An exit that waits for the entry of its group.',
  NEW: 'It rests in the book.',
  PARTIALLY_FILLED: 'A part has traded, the rest is open.',
  FILLED: 'All of it has traded. It has ended.',
  PENDING_CANCEL: 'A cancel is under way; it may still trade.',
  CANCELED: 'The rest was taken back. It has ended.',
  PENDING_REPLACE: 'A replacement is under way; it may still trade.',
  REPLACED: 'Another order has its place: `replacedBy`. It has ended.',
  EXPIRED: 'Its time in force ran out. It has ended.',
  REJECTED: 'The engine did not take it: `reason`. It has ended.',
});
export const OrderState = protoEnum('OrderState', OrderStates, 'Whether an order has ended.', {
  OPEN: 'It may still trade.',
  CLOSED: 'It has ended.',
  ALL: 'Either.',
});
export const GroupType = protoEnum(
  'GroupType',
  GroupTypes,
  'How the orders of a group belong together: `BRACKET` is entry, take-profit, stop-loss; `OCO` two exits; `OTO` entry and exit.',
  {
    BRACKET: 'Entry, take-profit and stop-loss: the exits wait for the entry, and one ends the other.',
    OCO: 'Two exits, of which one ends the other.',
    OTO: 'Entry and one exit that waits for it.',
  },
);
export const Liquidity = protoEnum('Liquidity', Liquidities, 'Whether an order waited for the other, or came to it.', {
  MAKER: 'It rested in the book.',
  TAKER: 'It came to an order that rested.',
});
export const ExecutionType = protoEnumNamed(
  'ExecutionType',
  'EXEC_TYPE_',
  ExecTypes,
  'What the engine says of an order.',
  {
    NEW: 'It took the order on.',
    FILL: 'The order traded, or a part of it.',
    CANCELED: 'It took the rest back.',
    REPLACED: 'Another order has its place.',
    EXPIRED: 'Its time ran out.',
    REJECTED: 'It does not take the order.',
    TRIGGERED: 'The market came to the stop price.',
    RESTATED: 'It changed without its owner: a leg shrank with its group.',
    CANCEL_REJECTED: 'A cancel came too late; the order is as it was.',
    REPLACE_REJECTED: 'A replacement came too late or made no sense; the order is as it was.',
  },
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
