import { isAppError } from '@andvari/kit/base/errors';
import type { RpcClient } from '@andvari/kit/rpc/client';
import type { EngineServiceService, RestingOrder } from '@andvari/proto/engine/v1/engine';
import type { OrderFacts } from './compare-orders.ts';
import { type Difference, difference } from './difference.ts';

type Engine = Pick<RpcClient<typeof EngineServiceService>, 'getOrder'>;

const AT_ONCE = 64;

/** Open orders as the engine has them. What waits for its word is left out: there the two may differ. */
export async function checkAtEngine(engine: Engine, orders: readonly OrderFacts[]): Promise<Difference[]> {
  const resting = orders.filter(({ ended, awaiting }) => !ended && !awaiting);
  const differences: Difference[] = [];
  for (let first = 0; first < resting.length; first += AT_ONCE) {
    const found = await Promise.all(
      resting.slice(first, first + AT_ONCE).map((order) => compareAtEngine(engine, order)),
    );
    differences.push(...found.flat());
  }
  return differences;
}

async function compareAtEngine(engine: Engine, order: OrderFacts): Promise<Difference[]> {
  const subject = `order/${order.id}`;
  const there = await liveOrder(engine, order.id);
  if (there === undefined) return [difference('open_order_missing_at_engine', subject, order.status, 'nothing')];
  if (there.cumQty === order.cumQty && there.qty === order.qty) return [];
  const found = `${there.cumQty} of ${there.qty}`;
  return [difference('open_order_differs_at_engine', subject, `${order.cumQty} of ${order.qty}`, found)];
}

/** Undefined where the engine knows of none: what has ended it forgets. */
async function liveOrder(engine: Engine, orderId: string): Promise<RestingOrder | undefined> {
  try {
    return (await engine.getOrder({ orderId })).order;
  } catch (error) {
    if (isAppError(error) && error.code === 'not_found') return undefined;
    throw error;
  }
}
