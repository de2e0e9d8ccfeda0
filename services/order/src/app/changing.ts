import { isAppError } from '@andvari/kit/base/errors';
import type { Order } from '../domain/order.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { findOpenOrders } from '../store/read-orders.ts';
import type { Actor } from './change-request.ts';
import type { CancelRequest } from './decide-changes.ts';
import type { Deps } from './deps.ts';
import { refusalError } from './refusals.ts';
import { createReplacing } from './replacing.ts';
import type { WriteLane } from './write-lane.ts';

export type ItemOutcome = { readonly order: Order } | { readonly order: Order; readonly refusal: Refusal };

const MAX_CANCELS = 500;

/** Cancels and replacements: noted here, decided by the engine. */
export function createChanging(deps: Deps & { lane: WriteLane }) {
  const { db, lane, metrics, portfolio, market } = deps;

  return {
    async cancel(request: CancelRequest): Promise<Order> {
      const answer = await lane.cancel(request);
      if (!isRefusal(answer)) return answer;
      metrics.refused.inc({ reason: answer.refused });
      throw refusalError(answer);
    },

    /** The oldest first, each answered for itself. */
    async cancelOpen(asked: {
      accountId: string;
      userId: string | undefined;
      symbol: string;
      actor: Actor;
    }): Promise<{ items: ItemOutcome[]; hasMore: boolean }> {
      const { accountId, userId, actor } = asked;
      const open = await findOpenOrders(db, { ...asked, limit: MAX_CANCELS + 1 });
      if (open.length === 0) await refuseWhatIsNotThere(asked);
      const items = await Promise.all(
        open.slice(0, MAX_CANCELS).map(async (order): Promise<ItemOutcome> => {
          const answer = await lane.cancel({ orderId: order.id, userId, accountId, actor });
          return isRefusal(answer) ? { order, refusal: answer } : { order: answer };
        }),
      );
      return { items, hasMore: open.length > MAX_CANCELS };
    },

    replace: createReplacing(deps),
  };

  /**
   * Nothing to cancel is an answer; an account that is not theirs, or a symbol that nobody knows, is a mistake. Whose account it is,
   * who may not read accounts does not learn.
   */
  async function refuseWhatIsNotThere({ accountId, symbol }: { accountId: string; symbol: string }): Promise<void> {
    await portfolio.account(accountId).catch((error: unknown) => {
      if (!isAppError(error, 'permission_denied')) throw error;
    });
    if (symbol !== '' && market.of(symbol).instrument === undefined) {
      throw refusalError(refuse('instrument_not_found', 'symbol'));
    }
  }
}
