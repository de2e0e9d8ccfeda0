import {
  GroupType,
  OrderType as OrderTypeMessage,
  Session,
  Side as SideMessage,
  TimeInForce as TimeInForceMessage,
} from '@andvari/proto/engine/v1/commands';
import { Liquidity as LiquidityMessage, OrderStatus as OrderStatusMessage } from '@andvari/proto/engine/v1/reports';
import { GroupKind, Liquidity, OrderStatus, OrderType, Phase, Side, TimeInForce } from '../domain/codes.ts';

/** The engine's small integers and the contract's, one table a set; what a command says is read through the inverse. */
export const sideTo: Record<Side, SideMessage> = {
  [Side.buy]: SideMessage.SIDE_BUY,
  [Side.sell]: SideMessage.SIDE_SELL,
};

export const orderTypeTo: Record<OrderType, OrderTypeMessage> = {
  [OrderType.market]: OrderTypeMessage.ORDER_TYPE_MARKET,
  [OrderType.limit]: OrderTypeMessage.ORDER_TYPE_LIMIT,
  [OrderType.stop]: OrderTypeMessage.ORDER_TYPE_STOP,
  [OrderType.stop_limit]: OrderTypeMessage.ORDER_TYPE_STOP_LIMIT,
  [OrderType.trailing_stop]: OrderTypeMessage.ORDER_TYPE_TRAILING_STOP,
};

export const timeInForceTo: Record<TimeInForce, TimeInForceMessage> = {
  [TimeInForce.day]: TimeInForceMessage.TIME_IN_FORCE_DAY,
  [TimeInForce.gtc]: TimeInForceMessage.TIME_IN_FORCE_GTC,
  [TimeInForce.ioc]: TimeInForceMessage.TIME_IN_FORCE_IOC,
  [TimeInForce.fok]: TimeInForceMessage.TIME_IN_FORCE_FOK,
  [TimeInForce.opg]: TimeInForceMessage.TIME_IN_FORCE_OPG,
  [TimeInForce.cls]: TimeInForceMessage.TIME_IN_FORCE_CLS,
};

export const statusTo: Record<OrderStatus, OrderStatusMessage> = {
  [OrderStatus.accepted]: OrderStatusMessage.ORDER_STATUS_ACCEPTED,
  [OrderStatus.held]: OrderStatusMessage.ORDER_STATUS_HELD,
  [OrderStatus.new]: OrderStatusMessage.ORDER_STATUS_NEW,
  [OrderStatus.partially_filled]: OrderStatusMessage.ORDER_STATUS_PARTIALLY_FILLED,
  [OrderStatus.filled]: OrderStatusMessage.ORDER_STATUS_FILLED,
  [OrderStatus.canceled]: OrderStatusMessage.ORDER_STATUS_CANCELED,
  [OrderStatus.replaced]: OrderStatusMessage.ORDER_STATUS_REPLACED,
  [OrderStatus.expired]: OrderStatusMessage.ORDER_STATUS_EXPIRED,
  [OrderStatus.rejected]: OrderStatusMessage.ORDER_STATUS_REJECTED,
};

export const liquidityTo: Record<Liquidity, LiquidityMessage> = {
  [Liquidity.none]: LiquidityMessage.LIQUIDITY_UNSPECIFIED,
  [Liquidity.maker]: LiquidityMessage.LIQUIDITY_MAKER,
  [Liquidity.taker]: LiquidityMessage.LIQUIDITY_TAKER,
};

export const sessionTo: Record<Phase, Session> = {
  [Phase.closed]: Session.SESSION_CLOSED,
  [Phase.pre_open]: Session.SESSION_PRE_OPEN,
  [Phase.open]: Session.SESSION_OPEN,
  [Phase.closing]: Session.SESSION_CLOSING,
};

const groupTypeTo: Record<GroupKind, GroupType> = {
  [GroupKind.bracket]: GroupType.GROUP_TYPE_BRACKET,
  [GroupKind.oco]: GroupType.GROUP_TYPE_OCO,
  [GroupKind.oto]: GroupType.GROUP_TYPE_OTO,
};

export const sideFrom = inverseOf(sideTo);
export const orderTypeFrom = inverseOf(orderTypeTo);
export const timeInForceFrom = inverseOf(timeInForceTo);
export const phaseFrom = inverseOf(sessionTo);
export const groupKindFrom = inverseOf(groupTypeTo);

/** What a number outside of a set is read as: the engine refuses it as malformed. */
const OUTSIDE = 255;

function inverseOf<Code extends number>(table: Record<Code, number>): (message: number) => Code {
  const inverse = new Map(Object.entries(table).map(([code, message]) => [message, Number(code) as Code]));
  return (message) => inverse.get(message) ?? (OUTSIDE as Code);
}
