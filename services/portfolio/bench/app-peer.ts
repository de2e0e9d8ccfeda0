import { randomUUID } from 'node:crypto';
import { closedLoop } from '@andvari/bench/closed-loop';
import { openLog } from '@andvari/kit/observe/log';
import { growHeapBy } from '@andvari/kit/process/heap';
import { Scope } from '@andvari/kit/process/scope';
import { MICRO, toMicros, toQuantity } from '@andvari/money';
import { readConfig } from '../src/config.ts';
import { heapGrowthPercent, start } from '../src/main.ts';

/**
 * The whole service as a process of its own, which on request also calls its own use case: what reserving costs without a call over
 * the network. Talks to its parent by messages.
 */
export type PeerOrder = {
  readonly accountIds: readonly string[];
  readonly inFlight: number;
  readonly durationMs: number;
  /** How many of the orders are told afterwards. */
  readonly keep: number;
};
export type PeerMessage =
  | { readonly type: 'ready'; readonly port: number }
  | {
      readonly type: 'reserved';
      readonly perSecond: number;
      readonly calls: number;
      readonly p50Ms: number;
      readonly p99Ms: number;
      readonly orders: readonly (readonly [orderId: string, accountId: string])[];
    };

const PRICE = toMicros(10n * MICRO);
const QTY = toQuantity(MICRO);

growHeapBy(heapGrowthPercent);
const scope = new Scope(openLog('portfolio', 'warn'));
const { port, app } = await start(scope, readConfig(process.env));
process.on('message', (order: PeerOrder) => void reserve(order).then(tell));
process.on('disconnect', () => void scope.close().then(() => process.exit(0)));
tell({ type: 'ready', port });

async function reserve({ accountIds, inFlight, durationMs, keep }: PeerOrder): Promise<PeerMessage> {
  const orders: [string, string][] = [];
  let next = 0;
  const load = await closedLoop({ inFlight, durationMs }, async () => {
    const orderId = randomUUID();
    const accountId = accountIds[next++ % accountIds.length] ?? '';
    const asked = {
      orderId,
      accountId,
      side: 'buy',
      symbol: 'AAPL',
      asset: 'USD',
      qty: QTY,
      principal: PRICE,
    } as const;
    await app.trading.reserve(asked);
    if (orders.length < keep) orders.push([orderId, accountId]);
  });
  const { perSecond, calls, latencyMs } = load;
  const [p50Ms, p99Ms] = [latencyMs.percentile(0.5), latencyMs.percentile(0.99)];
  return { type: 'reserved', perSecond, calls, p50Ms, p99Ms, orders };
}

function tell(message: PeerMessage): void {
  process.send?.(message);
}
