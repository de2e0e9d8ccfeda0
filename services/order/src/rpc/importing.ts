import { invalid } from '@andvari/kit/base/errors';
import { allowImport } from '@andvari/kit/handler/allow-import';
import { requireAtMost, requireText, requireUuid } from '@andvari/kit/handler/inputs';
import type { Handlers } from '@andvari/kit/rpc/server';
import type { EndedOrder as EndedOrderMessage, OrderServiceService } from '@andvari/proto/order/v1/order';
import type { App } from '../app/app.ts';
import { orderIdOf } from '../app/order-id.ts';
import type { EndedOrder } from '../domain/ended-order.ts';
import { sideFrom } from '../messages/codes.ts';
import { clientOrderIdFrom, timeFrom } from './callers.ts';

const MAX_ORDERS = 20_000;

export function importingHandlers(
  { importing }: App,
  options: { development: boolean },
): Pick<Handlers<typeof OrderServiceService>, 'importOrders'> {
  return {
    async importOrders({ orders }, { caller }) {
      allowImport(caller, options);
      requireAtMost('orders', orders, MAX_ORDERS);
      const ended = orders.map(endedFrom);
      return { imported: await importing.import(ended), orderIds: ended.map(({ id }) => id) };
    },
  };
}

function endedFrom(order: EndedOrderMessage, index: number): EndedOrder {
  const field = (name: string): string => `orders[${index}].${name}`;
  requireUuid(field('account_id'), order.accountId);
  requireUuid(field('user_id'), order.userId);
  requireText(field('symbol'), order.symbol, { min: 1, max: 24 });
  requireText(field('held_asset'), order.heldAsset, { min: 1, max: 24 });
  requireText(field('exec_id'), order.execId, { min: 1, max: 100 });
  const side = sideFrom(order.side);
  if (side === undefined) throw invalid(field('side'), 'should be buy or sell');
  if (order.qty <= 0n) throw invalid(field('qty'), 'should be above zero');
  for (const [name, value] of Object.entries({ limit_px: order.limitPx, held: order.held, fill_px: order.fillPx }))
    if (value < 0n) throw invalid(field(name), 'should not be negative');
  const { accountId, userId, symbol, qty, limitPx, held, heldAsset, fillPx, execId, expired } = order;
  const clientOrderId = clientOrderIdFrom(order.clientOrderId, field('client_order_id'));
  const placedAtUs = timeFrom(field('placed_at_us'), order.placedAtUs);
  const endedAtUs = timeFrom(field('ended_at_us'), order.endedAtUs);
  if (placedAtUs === 0n || endedAtUs < placedAtUs)
    throw invalid(field('ended_at_us'), 'should not be before it was placed');
  if (expired && fillPx > 0n) throw invalid(field('expired'), 'should not be of one that traded');
  const terms = { symbol, side, qty, limitPx, held, heldAsset, fillPx, execId, expired };
  return { id: orderIdOf(accountId, clientOrderId), accountId, userId, clientOrderId, ...terms, placedAtUs, endedAtUs };
}
