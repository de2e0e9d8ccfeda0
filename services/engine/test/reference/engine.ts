import { OrderStatus, Phase, Reason, Refused, Side, TimeInForce } from '../../src/domain/codes.ts';
import { type Command, MAX_QTY } from '../../src/domain/command.ts';
import { openTrading, setPhase } from './auctions.ts';
import { end } from './groups.ts';
import {
  byArrival,
  createMarket,
  find,
  finishedRows,
  isLive,
  type Market,
  missing,
  type Row,
  refuse,
  refuseCommand,
} from './market.ts';
import { place } from './placing.ts';
import { quote } from './quoting.ts';
import { whole } from './refusals.ts';
import { replace } from './replacing.ts';

export interface Exchange {
  markets: Map<string, Market>;
  ids: Market['ids'];
}

export function createExchange(): Exchange {
  return { markets: new Map(), ids: new Map() };
}

export function marketOf(exchange: Exchange, symbol: string): Market {
  const market = exchange.markets.get(symbol) ?? createMarket(symbol, exchange.ids);
  exchange.markets.set(symbol, market);
  return market;
}

/** One command in, its reports out, as apply() of the real engine. */
export function applyNaively(exchange: Exchange, command: Command): { rows: Row[]; refusal: Reason } {
  const market = marketOf(exchange, command.symbol);
  market.command = command;
  market.rows = [];
  market.trades = 0;
  market.refusal = Reason.none;
  dispatch(market, command);
  while (market.agenda.length > 0) market.agenda.shift()!();
  market.orders = market.orders.filter(isLive);
  return { rows: finishedRows(market), refusal: market.refusal };
}

function dispatch(market: Market, command: Command): void {
  switch (command.kind) {
    case 'define_instrument':
      return define(market, command);
    case 'place':
      return place(market, command, [command], undefined);
    case 'place_group':
      return place(market, command, command.orders, command.group);
    case 'cancel': {
      const order = find(market, command);
      const reason = command.byOperator === true ? Reason.operator_requested : Reason.user_requested;
      if (order !== undefined) return end(market, order, OrderStatus.canceled, reason);
      const about = { side: Side.buy, refused: Refused.cancel };
      return refuse(market, command, command.orderId, missing(market, command.orderId), about);
    }
    case 'replace':
      return replace(market, command);
    case 'quote':
      return quote(market, command);
    case 'set_phase':
      return setPhase(market, command.phase);
    case 'set_halt': {
      if (!market.defined) return refuseCommand(market, Reason.unknown_symbol);
      const resumes = market.halted && !command.halted;
      market.halted = command.halted;
      market.splitting &&= command.halted;
      if (resumes && market.phase === Phase.open) openTrading(market);
      return;
    }
    case 'expire_day':
      if (!market.defined) return refuseCommand(market, Reason.unknown_symbol);
      for (const order of byArrival(market.orders)) {
        if (isLive(order) && order.timeInForce === TimeInForce.day)
          end(market, order, OrderStatus.expired, Reason.day_end);
      }
      return;
    case 'split': {
      if (!market.defined) return refuseCommand(market, Reason.unknown_symbol);
      const { ratioTo, ratioFrom } = command;
      if (![ratioTo, ratioFrom].every((part) => whole(part, 10_000))) return refuseCommand(market, Reason.malformed);
      Object.assign(market, { halted: true, splitting: true });
      for (const order of byArrival(market.orders)) {
        if (isLive(order)) end(market, order, OrderStatus.canceled, Reason.corporate_action);
      }
      if (market.mark > 0) market.mark = Math.max(1, Math.round((market.mark * ratioFrom) / ratioTo));
      return;
    }
  }
}

function define(market: Market, command: Extract<Command, { kind: 'define_instrument' }>): void {
  const { symbol, tick, tickBelowOne, lot } = command;
  const ticks = [tick, tickBelowOne].every((step) => whole(step, Number.MAX_SAFE_INTEGER));
  const oneGrid = tick === tickBelowOne || (tick % tickBelowOne === 0 && 1_000_000 % tick === 0);
  if (symbol === '' || !ticks || !oneGrid || !whole(lot, MAX_QTY)) {
    return refuseCommand(market, Reason.instrument_invalid);
  }
  Object.assign(market, { defined: true, tick, tickBelowOne, lot });
}
