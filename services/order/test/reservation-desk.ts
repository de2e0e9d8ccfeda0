import { AppError } from '@andvari/kit/base/errors';
import { serve } from '@andvari/kit/rpc/server';
import {
  PortfolioServiceService,
  type ReserveGroupRequest,
  type ReserveRequest,
} from '@andvari/proto/portfolio/v1/portfolio';

/** A ledger that refuses nobody and remembers what is held, and for which order. */
export function reservationDesk(held: Map<string, ReserveRequest>) {
  const handlers = {
    async reserve(request: ReserveRequest) {
      const known = held.get(request.orderId);
      held.set(request.orderId, known ?? request);
      const repeatedRequest = known !== undefined;
      return { orderId: request.orderId, remaining: request.amount, availableAfter: 0n, repeatedRequest };
    },
    async reserveGroup({ legs, accountId, symbol }: ReserveGroupRequest) {
      const repeatedRequest = legs.some(({ orderId }) => held.has(orderId));
      for (const leg of legs) held.set(leg.orderId, { accountId, symbol, ...leg });
      return { repeatedRequest };
    },
    async release({ orderId }: { orderId: string }) {
      held.delete(orderId);
      return { released: 0n };
    },
  };
  const others = Object.keys(PortfolioServiceService).map((name) => [name, unavailable]);
  return serve(PortfolioServiceService, { ...Object.fromEntries(others), ...handlers } as never);
}

function unavailable(): never {
  throw new AppError('unavailable', 'the stand-in knows only reservations');
}
