import {
  GroupType as GroupTypeMessage,
  OrderType as OrderTypeMessage,
  Side as SideMessage,
  TimeInForce as TimeInForceMessage,
} from '@andvari/proto/engine/v1/commands';
import { ExecType, Liquidity, OrderStatus } from '@andvari/proto/engine/v1/reports';
import { MarketState } from '@andvari/proto/stock/v1/stock';
import type { ReportType } from '../domain/life.ts';
import type { Session } from '../domain/market.ts';
import type { GroupType, OrderType, Side, Status, TimeInForce } from '../domain/order.ts';

/** The words of the domain and the numbers of the contract, one table a set; what comes in is read through the inverse. */
export const sideTo: Record<Side, SideMessage> = {
  buy: SideMessage.SIDE_BUY,
  sell: SideMessage.SIDE_SELL,
};

export const orderTypeTo: Record<OrderType, OrderTypeMessage> = {
  market: OrderTypeMessage.ORDER_TYPE_MARKET,
  limit: OrderTypeMessage.ORDER_TYPE_LIMIT,
  stop: OrderTypeMessage.ORDER_TYPE_STOP,
  stop_limit: OrderTypeMessage.ORDER_TYPE_STOP_LIMIT,
  trailing_stop: OrderTypeMessage.ORDER_TYPE_TRAILING_STOP,
};

export const timeInForceTo: Record<TimeInForce, TimeInForceMessage> = {
  day: TimeInForceMessage.TIME_IN_FORCE_DAY,
  gtc: TimeInForceMessage.TIME_IN_FORCE_GTC,
  ioc: TimeInForceMessage.TIME_IN_FORCE_IOC,
  fok: TimeInForceMessage.TIME_IN_FORCE_FOK,
  opg: TimeInForceMessage.TIME_IN_FORCE_OPG,
  cls: TimeInForceMessage.TIME_IN_FORCE_CLS,
};

export const groupTypeTo: Record<GroupType, GroupTypeMessage> = {
  bracket: GroupTypeMessage.GROUP_TYPE_BRACKET,
  oco: GroupTypeMessage.GROUP_TYPE_OCO,
  oto: GroupTypeMessage.GROUP_TYPE_OTO,
};

export const statusTo: Record<Status, OrderStatus> = {
  pending_new: OrderStatus.ORDER_STATUS_PENDING_NEW,
  accepted: OrderStatus.ORDER_STATUS_ACCEPTED,
  held: OrderStatus.ORDER_STATUS_HELD,
  new: OrderStatus.ORDER_STATUS_NEW,
  partially_filled: OrderStatus.ORDER_STATUS_PARTIALLY_FILLED,
  filled: OrderStatus.ORDER_STATUS_FILLED,
  pending_cancel: OrderStatus.ORDER_STATUS_PENDING_CANCEL,
  canceled: OrderStatus.ORDER_STATUS_CANCELED,
  pending_replace: OrderStatus.ORDER_STATUS_PENDING_REPLACE,
  replaced: OrderStatus.ORDER_STATUS_REPLACED,
  expired: OrderStatus.ORDER_STATUS_EXPIRED,
  rejected: OrderStatus.ORDER_STATUS_REJECTED,
};

const reportTypeTo: Record<ReportType, ExecType> = {
  new: ExecType.EXEC_TYPE_NEW,
  fill: ExecType.EXEC_TYPE_FILL,
  canceled: ExecType.EXEC_TYPE_CANCELED,
  replaced: ExecType.EXEC_TYPE_REPLACED,
  expired: ExecType.EXEC_TYPE_EXPIRED,
  rejected: ExecType.EXEC_TYPE_REJECTED,
  triggered: ExecType.EXEC_TYPE_TRIGGERED,
  restated: ExecType.EXEC_TYPE_RESTATED,
  cancel_rejected: ExecType.EXEC_TYPE_CANCEL_REJECTED,
  replace_rejected: ExecType.EXEC_TYPE_REPLACE_REJECTED,
};

export const liquidityTo: Record<'maker' | 'taker', Liquidity> = {
  maker: Liquidity.LIQUIDITY_MAKER,
  taker: Liquidity.LIQUIDITY_TAKER,
};

const sessionTo: Record<Session, MarketState> = {
  closed: MarketState.MARKET_STATE_CLOSED,
  pre: MarketState.MARKET_STATE_PRE,
  regular: MarketState.MARKET_STATE_REGULAR,
  after: MarketState.MARKET_STATE_AFTER,
  halted: MarketState.MARKET_STATE_HALTED,
};

export const sideFrom = inverse(sideTo);
export const orderTypeFrom = inverse(orderTypeTo);
export const timeInForceFrom = inverse(timeInForceTo);
export const groupTypeFrom = inverse(groupTypeTo);
export const statusFrom = inverse(statusTo);
export const reportTypeFrom = inverse(reportTypeTo);
export const liquidityFrom = inverse(liquidityTo);
export const sessionFrom = inverse(sessionTo);

/** Nothing for a number that no word stands for: `unspecified`, or one from a newer contract. */
function inverse<Name extends string>(table: Record<Name, number>): (code: number) => Name | undefined {
  const names = new Map((Object.keys(table) as Name[]).map((name) => [table[name], name]));
  return (code) => names.get(code);
}
