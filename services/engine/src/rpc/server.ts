import { invalid, notFound } from '@andvari/kit/base/errors';
import { partitionOf } from '@andvari/kit/events/partition';
import { authorize, authorizeAny } from '@andvari/kit/handler/authorize';
import { requireUuid } from '@andvari/kit/handler/inputs';
import { serve } from '@andvari/kit/rpc/server';
import { EngineServiceService } from '@andvari/proto/engine/v1/engine';
import { findOrder } from '../domain/queries.ts';
import { formatUuid, parseUuid } from '../domain/uuid.ts';
import { bookTo } from '../messages/book.ts';
import type { RunningPartition } from '../partition/run-partition.ts';
import { orderTo, statsTo } from './convert.ts';

const DEFAULT_DEPTH = 10;
const MAX_DEPTH = 200;

/** Reads of what is in memory; every change comes through the log. */
export function engineRpc(running: readonly RunningPartition[], partitions: number) {
  const byNumber = new Map(running.map((one) => [one.partition.number, one]));
  return serve(EngineServiceService, {
    async getBook({ symbol, depth }, { caller }) {
      authorizeAny(caller, 'instrument:read');
      if (depth < 0 || depth > MAX_DEPTH) throw invalid('depth', `should be from 1 to ${MAX_DEPTH}`);
      const owner = byNumber.get(partitionOf(symbol, partitions));
      const book = owner && bookTo(owner.partition, symbol, depth === 0 ? DEFAULT_DEPTH : depth);
      if (book === undefined) throw notFound('book', JSON.stringify(symbol.slice(0, 32)));
      return { book };
    },

    async getOrder({ orderId }, { caller }) {
      requireUuid('order_id', orderId);
      const id = parseUuid(orderId);
      for (const { partition } of running) {
        const order = id && findOrder(partition.state, id);
        if (order === undefined) continue;
        authorize(caller, 'order:read', formatUuid(order.userId));
        return { order: orderTo(order) };
      }
      throw notFound('live order', orderId);
    },

    async getStats(_, { caller }) {
      authorizeAny(caller, 'engine:read');
      return { partitions: running.map(statsTo) };
    },
  });
}
