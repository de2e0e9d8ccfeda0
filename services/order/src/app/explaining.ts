import { type Explanation, explain, indicate } from '../domain/explanation.ts';
import { hasEnded, type Order } from '../domain/order.ts';
import type { Deps } from './deps.ts';

const DEPTH = 200;

export function createExplaining({ now, market, engine }: Deps) {
  return {
    async explain(order: Order): Promise<{ explanations: Explanation[]; asOfUs: bigint }> {
      const nowUs = now();
      const seen = { ...market.of(order.spec.symbol), nowUs };
      if (hasEnded(order.life.status))
        return { explanations: explain(order, seen, undefined, undefined), asOfUs: nowUs };
      const isForAuction = order.spec.timeInForce === 'opg' || order.spec.timeInForce === 'cls';
      const [atEngine, book] = await Promise.all([
        engine.order(order.id).catch(() => 'unavailable' as const),
        isForAuction ? engine.book(order.spec.symbol, DEPTH).catch(() => undefined) : undefined,
      ]);
      const indication = book === undefined ? undefined : indicate(book.bids, book.asks);
      return { explanations: explain(order, seen, atEngine, indication), asOfUs: nowUs };
    },
  };
}
