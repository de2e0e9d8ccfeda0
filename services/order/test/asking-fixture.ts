import type { Refusal } from '@andvari/proto/order/v1/order';
import type { Book, EngineOrder } from '../src/ports/engine.ts';
import { limitBuy, micro, orderTest } from './order-fixture.ts';

export type AskingTest = Awaited<ReturnType<typeof askingTest>>;

/** The service beside an engine that says of its book and of any order what a test wants. */
export async function askingTest() {
  const engine: { book?: Book | undefined; order?: EngineOrder | undefined } = {};
  const orders = await orderTest({
    engine: { book: async () => engine.book, order: async () => engine.order, positions: async () => [] },
  });
  return {
    ...orders,
    engine,
    /** Ten at 99 that nobody meets. */
    async resting() {
      engine.book = { bids: [], asks: [level(110, 4)], lastPx: 0n };
      const trader = orders.trader();
      const { id: orderId } = await trader.place(limitBuy());
      return { trader, client: trader.client, accountId: trader.accountId, orderId };
    },
  };
}

export const level = (px: number, qty: number) => ({ px: micro(px), qty: micro(qty) });

export const reasonsOf = (refusals: Refusal[]) => refusals.map(({ detail }) => [detail?.reason, detail?.field]);
