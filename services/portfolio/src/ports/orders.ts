import type { RpcClient } from '@andvari/kit/rpc/client';
import type { OrderServiceService } from '@andvari/proto/order/v1/order';

/** Whether an order exists. If it does not, it never will from now on: its id is fenced before the answer. A throw is no answer. */
export type FenceOrder = (orderId: string) => Promise<{ readonly exists: boolean }>;

export function orderFence(order: Pick<RpcClient<typeof OrderServiceService>, 'fenceOrder'>): FenceOrder {
  return (orderId) => order.fenceOrder({ orderId });
}
