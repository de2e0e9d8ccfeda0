import { isAppError } from '@andvari/kit/base/errors';
import type { RpcClient } from '@andvari/kit/rpc/client';
import type { EngineServiceService } from '@andvari/proto/engine/v1/engine';

export interface BookLevel {
  readonly px: bigint;
  readonly qty: bigint;
}

export interface Book {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  readonly lastPx: bigint;
}

/** An order as the engine has it. */
export interface EngineOrder {
  readonly status: number;
  readonly qty: bigint;
  readonly cumQty: bigint;
  readonly leavesQty: bigint;
  readonly aheadQty: bigint;
  readonly stopPx: bigint;
}

/** What the order service asks of the engine beside its log; never on the way of an order. */
export interface Engine {
  /** Nothing where the symbol has no book. */
  book(symbol: string, depth: number): Promise<Book | undefined>;
  /** Nothing once it has ended, or was never heard of. */
  order(orderId: string): Promise<EngineOrder | undefined>;
  /** How far each partition has read its log. */
  positions(): Promise<readonly { partition: number; appliedSeq: bigint }[]>;
}

type Client = Pick<RpcClient<typeof EngineServiceService>, 'getBook' | 'getOrder' | 'getStats'>;

export function engineService(client: Client): Engine {
  return {
    async book(symbol, depth) {
      const found = await orUndefined(client.getBook({ symbol, depth }));
      return found?.book;
    },

    async order(orderId) {
      const found = await orUndefined(client.getOrder({ orderId }));
      return found?.order;
    },

    async positions() {
      const { partitions } = await client.getStats({});
      return partitions.map(({ partition, appliedSeq }) => ({ partition, appliedSeq }));
    },
  };
}

async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isAppError(error, 'not_found')) return undefined;
    throw error;
  }
}
