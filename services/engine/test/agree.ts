import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { Side } from '../src/domain/codes.ts';
import type { Command } from '../src/domain/command.ts';
import { apply } from '../src/domain/engine.ts';
import { findDepth, findOrder, type OrderView } from '../src/domain/queries.ts';
import { readReport } from '../src/domain/reports.ts';
import type { EngineState } from '../src/domain/state.ts';
import { type Body, engine, id } from './flow.ts';
import { applyNaively, createExchange, type Exchange } from './reference/engine.ts';
import { HOUSE, levelsOn, type Row } from './reference/market.ts';
import { viewOf } from './reference/views.ts';

/** The engine and the naive reference report the same, and hold the same orders and levels, after every command. */
export function agree(bodies: Body<Command>[]): void {
  const state = engine();
  const reference = createExchange();
  bodies.forEach((body, i) => {
    const command = { ...body, sequence: i + 1, at: (i + 1) * 10 };
    const wanted = { i, ...applyNaively(reference, command), ...standingIn(reference) };
    apply(state, command);
    const given = { i, rows: rowsOf(state), refusal: state.reports.refusal, ...standing(state, reference) };
    // The comparison that prints the difference is too slow for all those that find none.
    if (!isDeepStrictEqual(given, wanted)) expect(given).toEqual(wanted);
  });
}

function rowsOf(state: EngineState): Row[] {
  return Array.from({ length: state.reports.count }, (_, i) => {
    const report = readReport(state.reports, state.orders, state.partition, i);
    const { orderId, accountId, userId, linkedId } = report;
    return {
      ...report,
      orderId: orderId.a === 0 ? orderId.d : HOUSE,
      accountId: accountId.d,
      userId: userId.d,
      linkedId: linkedId?.d,
    };
  });
}

/** Every level of every book, and every order that has an id, wherever it waits. */
function standing(state: EngineState, { markets, ids }: Exchange) {
  const books = [...markets.keys()].map((symbol) => {
    const { bids = [], asks = [], mark = 0 } = findDepth(state, symbol, Infinity) ?? {};
    const levels = [bids, asks].map((side) => side.map(({ price, qty, orders }) => [price, qty, orders]));
    return { symbol, mark, levels };
  });
  const orders = [...ids.keys()].map((key) => findOrder(state, id(key))).filter((view) => view !== undefined);
  return { books, orders, live: state.orders.live };
}

function standingIn({ markets, ids }: Exchange) {
  const books = [...markets.values()].map((market) => ({
    symbol: market.symbol,
    mark: market.mark,
    levels: [Side.buy, Side.sell].map((side) => levelsOn(market, side)),
  }));
  const views: OrderView[] = [];
  for (const order of ids.values()) {
    const view = order === 'refused' ? undefined : viewOf([...markets.values()], order);
    if (view !== undefined) views.push(view);
  }
  const live = [...markets.values()].reduce((sum, { orders }) => sum + orders.length, 0);
  return { books, orders: views, live };
}
