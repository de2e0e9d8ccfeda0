import type { GroupKind, Spec } from '../../api/orders.ts';
import { needsLimit, needsStop, needsTrail, type Ticket } from './ticket-rules.ts';

/** The orders that a ticket means: one, or the legs of a group in the order that the service asks for. */
export function specsOf(ticket: Ticket, symbol: string): { legs: Spec[]; group: GroupKind | undefined } {
  const { side, shape } = ticket;
  if (shape === 'OCO') return { group: 'OCO', legs: exitsOf(ticket, symbol, side) };
  const entry: Spec = {
    symbol,
    side,
    type: ticket.type,
    timeInForce: ticket.force,
    ...(ticket.sizeIn === 'MONEY' ? { notional: ticket.size } : { quantity: ticket.size }),
    ...(needsLimit(ticket) ? { limitPrice: ticket.limitPrice } : {}),
    ...(needsStop(ticket) ? { stopPrice: ticket.stopPrice } : {}),
    ...(needsTrail(ticket) ? { [ticket.trailIn === 'PERCENT' ? 'trailPercent' : 'trailAmount']: ticket.trail } : {}),
    ...(ticket.postOnly && ticket.type === 'LIMIT' ? { postOnly: true } : {}),
  };
  if (shape === 'SINGLE') return { group: undefined, legs: [entry] };
  return { group: 'BRACKET', legs: [entry, ...exitsOf(ticket, symbol, side === 'BUY' ? 'SELL' : 'BUY')] };
}

function exitsOf({ size, takeProfit, stopLoss, force }: Ticket, symbol: string, side: 'BUY' | 'SELL'): Spec[] {
  const common = { symbol, side, quantity: size, timeInForce: force === 'DAY' ? ('DAY' as const) : ('GTC' as const) };
  return [
    { ...common, type: 'LIMIT', limitPrice: takeProfit },
    { ...common, type: 'STOP', stopPrice: stopLoss },
  ];
}
