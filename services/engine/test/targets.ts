import type { Cancel, Command, Replace } from '../src/domain/command.ts';
import type { Uuid } from '../src/domain/uuid.ts';
import { type Body, id } from './flow.ts';
import { applyNaively, createExchange, type Exchange, marketOf } from './reference/engine.ts';
import type { Working } from './reference/market.ts';

/**
 * Commands whose ids are not decided yet. A cancel or a replacement means the `pick`-th order alive when its turn comes,
 * or, for some values of `stray`, one that ended, somebody else's or none at all: this survives shrinking, which ids
 * would not.
 */
export type Sketch =
  | Exclude<Body<Command>, { kind: 'cancel' | 'replace' }>
  | (Body<Cancel> & Target)
  | (Body<Replace> & Target & Changes);

interface Target {
  pick: number;
  stray: number;
}

interface Changes {
  resize: string;
  reprice: string;
}

/** Command i brings the ids from 10 i on. Who lives is known by asking the reference market along the way. */
export function withTargets(sketches: readonly Sketch[]): Body<Command>[] {
  const exchange = createExchange();
  return sketches.map((sketch, i) => {
    const body = concrete(exchange, sketch, (i + 1) * 10);
    applyNaively(exchange, { ...body, sequence: i + 1, at: i });
    return body;
  });
}

function concrete(exchange: Exchange, sketch: Sketch, ids: number): Body<Command> {
  switch (sketch.kind) {
    case 'place':
      return { ...sketch, orderId: own(sketch.orderId, ids) };
    case 'place_group':
      return {
        ...sketch,
        orders: sketch.orders.map((order, leg) => ({ ...order, orderId: own(order.orderId, ids + leg) })),
      };
    case 'cancel': {
      const { pick: _, stray: __, ...body } = sketch;
      return { ...body, ...meant(exchange, sketch).named };
    }
    case 'replace': {
      const { pick: _, stray: __, resize, reprice, ...body } = sketch;
      const { named, order } = meant(exchange, sketch);
      const changed = { ...body, ...named, newOrderId: own(body.newOrderId, ids) };
      if (order === undefined) return changed;
      const terms = reprice === 'same' ? termsOf(order) : {};
      return { ...changed, ...terms, qty: sizes(order)[resize] ?? body.qty };
    }
    case 'quote':
    case 'set_phase':
    case 'set_halt':
    case 'expire_day':
    case 'split':
    case 'define_instrument':
      return sketch;
  }
}

function own({ a, d }: Uuid, fresh: number): Uuid {
  return { ...id(d > 0 ? d * 10 : fresh), a };
}

function meant(exchange: Exchange, sketch: (Body<Cancel> | Body<Replace>) & Target) {
  const { symbol, accountId, userId, pick, stray } = sketch;
  const alive = marketOf(exchange, symbol).orders.filter(({ house }) => !house);
  const ever = [...exchange.ids.keys()];
  const order = alive[pick % Math.max(1, alive.length)];
  if (stray === 0 || order === undefined) {
    return { named: { accountId, userId, orderId: id(ever[pick % Math.max(1, ever.length)] ?? 7) }, order: undefined };
  }
  const orderId = id(order.id);
  if (stray === 1) return { named: { accountId, userId, orderId }, order };
  if (stray === 2) return { named: { accountId, userId, orderId: id(7) }, order: undefined };
  return { named: { accountId: id(order.account), userId: id(order.user), orderId }, order };
}

function termsOf({ price, stopPrice, trailAmount, trailPpm }: Working) {
  return { limitPrice: price, stopPrice, trailAmount, trailPpm };
}

function sizes({ qty, cum, grouped }: Working): Record<string, number> {
  if (grouped) return { same: qty, less: qty, filled: qty };
  return { same: qty, less: Math.max(1, qty - 1), more: qty + 1, filled: Math.max(1, cum) };
}
