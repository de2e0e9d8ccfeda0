import { OrderStatus, Phase, Reason, Refused, TimeInForce } from '../../src/domain/codes.ts';
import type { Command } from '../../src/domain/command.ts';
import { openTrading, setPhase } from './auctions.ts';
import { end } from './groups.ts';
import { byArrival, find, isLive, type Market, missing, type Row, refuse, refuseCommand } from './market.ts';
import { place } from './placing.ts';
import { quote } from './quoting.ts';
import { replace } from './replacing.ts';

/** One command in, its reports out, as apply() of the real engine. */
export function applyNaively(market: Market, command: Command): Row[] {
  market.rows = [];
  market.trades = 0;
  market.refusal = Reason.none;
  dispatch(market, command);
  while (market.agenda.length > 0) market.agenda.shift()!();
  market.orders = market.orders.filter(isLive);
  return market.rows;
}

function dispatch(market: Market, command: Command): void {
  switch (command.kind) {
    case 'define_instrument':
      if (command.tick <= 0 || command.lot <= 0) return refuseCommand(market, Reason.instrument_invalid);
      market.defined = true;
      market.tick = command.tick;
      market.lot = command.lot;
      return;
    case 'place':
      return place(market, command, [command], undefined);
    case 'place_group':
      return place(market, command, command.orders, command.group);
    case 'cancel': {
      const order = find(market, command);
      if (order === undefined) return refuse(market, command.orderId, missing(market, command.orderId), Refused.cancel);
      return end(market, order, OrderStatus.canceled, Reason.user_requested);
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
  }
}
