import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import { partitionOf } from '@andvari/kit/events/partition';
import type { Command, PlaceOrder } from '@andvari/proto/engine/v1/commands';
import { command } from '@andvari/proto/events';
import type { Order } from '../domain/order.ts';
import { groupTypeTo, orderTypeTo, sideTo, timeInForceTo } from './codes.ts';

/**
 * What the engine is told. A command that is sent again is made anew from the rows and has an id of its own; the engine knows
 * it by the order's id.
 */
export function createCommands(partitions: number) {
  const partitionOfSymbol = new Map<string, number>();
  const partitionFor = (symbol: string): number => {
    const known = partitionOfSymbol.get(symbol);
    if (known !== undefined) return known;
    const partition = partitionOf(symbol, partitions);
    // Bounded by what can be traded: a symbol that nobody knows is refused before.
    partitionOfSymbol.set(symbol, partition);
    return partition;
  };
  const commandTo = (symbol: string, body: NonNullable<Command['body']>): OutgoingEvent =>
    newEvent(command, { symbol, body }, { source: 'order', subject: { partition: partitionFor(symbol) } });

  return {
    place(order: Order): OutgoingEvent {
      return commandTo(order.spec.symbol, { $case: 'placeOrder', value: placeOrderTo(order) });
    },

    placeGroup(legs: readonly Order[]): OutgoingEvent {
      const [first] = legs;
      if (first?.group === undefined) throw new Error('a group without legs');
      const { id, type } = first.group;
      const value = { groupId: id, type: groupTypeTo[type], legs: legs.map(placeOrderTo) };
      return commandTo(first.spec.symbol, { $case: 'placeGroup', value });
    },

    /** `byOperator`: it was not its user who asked. */
    cancel({ id, accountId, userId, spec }: Order, byOperator: boolean): OutgoingEvent {
      return commandTo(spec.symbol, { $case: 'cancelOrder', value: { orderId: id, accountId, userId, byOperator } });
    },

    /** The order that is to take another's place says all that may change in full. */
    replace({ id, accountId, userId, spec, qty, replaces = '' }: Order): OutgoingEvent {
      const { limitPx, stopPx, trailAmount, trailPercent } = spec;
      const terms = { qty, limitPx, stopPx, trailAmount, trailPercent };
      const value = { orderId: replaces, accountId, newOrderId: id, userId, ...terms };
      return commandTo(spec.symbol, { $case: 'replaceOrder', value });
    },
  };
}

export type Commands = ReturnType<typeof createCommands>;

function placeOrderTo({ id, accountId, userId, spec, qty, collarPx, collarOffset }: Order): PlaceOrder {
  return {
    orderId: id,
    accountId,
    userId,
    side: sideTo[spec.side],
    type: orderTypeTo[spec.type],
    timeInForce: timeInForceTo[spec.timeInForce],
    qty,
    limitPx: spec.limitPx,
    stopPx: spec.stopPx,
    trailAmount: spec.trailAmount,
    trailPercent: spec.trailPercent,
    postOnly: spec.postOnly,
    collarPx,
    collarOffset,
  };
}
