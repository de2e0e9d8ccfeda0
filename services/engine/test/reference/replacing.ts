import { ExecType, OrderStatus, OrderType, Reason, Refused, Side, TimeInForce } from '../../src/domain/codes.ts';
import { type Command, MAX_SIDE_QTY } from '../../src/domain/command.ts';
import {
  continuous,
  find,
  isId,
  type Market,
  missing,
  openOn,
  refuse,
  report,
  startStatus,
  type Working,
} from './market.ts';
import { enter, partners, stand } from './matching.ts';
import { numbersRefusal } from './refusals.ts';

export function replace(market: Market, command: Extract<Command, { kind: 'replace' }>): void {
  const old = find(market, command);
  const reason = replaceRefusal(market, command, old);
  if (old === undefined || reason !== Reason.none) {
    const side = old?.side ?? Side.buy;
    return refuse(market, command, command.newOrderId, reason, {
      side,
      refused: Refused.replace,
      linkedId: command.orderId.d,
    });
  }
  const working = old.triggered ? OrderType.limit : old.type;
  const limited = working === OrderType.limit || working === OrderType.stop_limit;
  const trailing = working === OrderType.trailing_stop;
  const replacement: Working = {
    ...old,
    id: command.newOrderId.d,
    price: limited ? command.limitPrice : old.price,
    stopPrice: working === OrderType.stop || working === OrderType.stop_limit ? command.stopPrice : old.stopPrice,
    trailAmount: trailing ? command.trailAmount : old.trailAmount,
    trailPpm: trailing ? command.trailPpm : old.trailPpm,
    qty: Math.max(command.qty, old.cum),
  };
  replacement.leaves = replacement.qty - replacement.cum;
  const terms = ['price', 'stopPrice', 'trailAmount', 'trailPpm'] as const;
  const stays =
    replacement.leaves > 0 && replacement.qty <= old.qty && terms.every((name) => replacement[name] === old[name]);
  if (replacement.sibling !== undefined) replacement.sibling.sibling = replacement;
  if (replacement.entry !== undefined)
    replacement.entry.exits = replacement.entry.exits.map((exit) => (exit === old ? replacement : exit));
  for (const exit of replacement.exits) exit.entry = replacement;
  old.sibling = undefined;
  old.entry = undefined;
  old.exits = [];
  old.leaves = 0;
  old.where = 'nowhere';
  old.status = OrderStatus.replaced;
  market.orders.push(replacement);
  market.ids.set(replacement.id, replacement);
  const from = replacement.where;
  if (!stays) replacement.arrival = ++market.arrivals;
  if (replacement.leaves === 0) replacement.status = OrderStatus.filled;
  else if (!stays && from !== 'held')
    replacement.status = replacement.cum > 0 ? OrderStatus.partially_filled : startStatus(market, replacement);
  report(market, old, ExecType.REPLACED, Reason.none, { linkedId: replacement.id });
  report(market, replacement, ExecType.NEW, Reason.none, { linkedId: old.id });
  if (stays || from === 'held' || replacement.leaves === 0) return;
  if (from === 'book' && replacement.timeInForce >= TimeInForce.opg) return stand(market, replacement);
  replacement.where = 'nowhere';
  enter(market, replacement);
}

function replaceRefusal(
  market: Market,
  command: Extract<Command, { kind: 'replace' }>,
  old: Working | undefined,
): Reason {
  if (!market.defined) return Reason.unknown_symbol;
  if (!isId(command.newOrderId)) return Reason.malformed;
  if (market.ids.has(command.newOrderId.d)) return Reason.duplicate_order_id;
  if (old === undefined) return missing(market, command.orderId);
  if (old.type === OrderType.market) return Reason.not_replaceable;
  if (old.triggered && old.type !== OrderType.stop_limit) return Reason.not_replaceable;
  const type = old.triggered ? OrderType.limit : old.type;
  const numbers = numbersRefusal(market, { ...command, type, collarOffset: old.collarOffset, side: old.side });
  if (numbers !== Reason.none) return numbers;
  if (old.grouped && command.qty !== old.qty) return Reason.group_quantity_fixed;
  if (openOn(market, old.side) + command.qty - old.qty > MAX_SIDE_QTY) return Reason.quantity_ceiling;
  const moves = old.postOnly && command.limitPrice !== old.price && old.where === 'book' && continuous(market);
  const crosses = partners(market, { ...old, price: command.limitPrice }).length > 0;
  return moves && crosses ? Reason.post_only_would_cross : Reason.none;
}
