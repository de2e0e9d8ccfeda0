import { newEvent } from '@andvari/kit/events/event';
import { accountPartitionOf } from '@andvari/kit/events/partition';
import type { Nats } from '@andvari/kit/nats/nats';
import { publishInOrder } from '@andvari/kit/nats/publish-in-order';
import { capturedLog } from '@andvari/kit/testing/captured-log';
import { OrderType, Side, TimeInForce } from '@andvari/proto/engine/v1/commands';
import { ExecType, type ExecutionReport, Liquidity, OrderStatus } from '@andvari/proto/engine/v1/reports';
import { executionReport, orderPlaced } from '@andvari/proto/events';
import { OrderPlaced } from '@andvari/proto/order/v1/events';
import { accountIdOf } from './fake-portfolio.ts';
import { NOW_US } from './fake-rows.ts';

const MICRO = 1_000_000n;
const { log } = capturedLog('silent');
const { signal } = new AbortController();

/** What order service and engine say of somebody's orders, as they say it. */
export function accountEvents(nats: Nats) {
  let count = 0;
  const publish = async (event: ReturnType<typeof newEvent>): Promise<void> => {
    await publishInOrder(nats, [event], signal, log);
  };
  return {
    async placed(userId: string, orderId: string, more: Record<string, string> = {}): Promise<void> {
      const message = OrderPlaced.decode(new Uint8Array());
      const accountId = accountIdOf(userId);
      Object.assign(message, {
        orderId,
        accountId,
        userId,
        symbol: 'ACME',
        clientOrderId: 'intent-1',
        side: Side.SIDE_BUY,
        type: OrderType.ORDER_TYPE_LIMIT,
        timeInForce: TimeInForce.TIME_IN_FORCE_DAY,
        qty: 10n * MICRO,
        limitPx: 187n * MICRO,
        placedAtUs: NOW_US,
      });
      const event = newEvent(orderPlaced, message, { source: 'order' });
      await publish({ ...event, headers: { ...event.headers, ...more } });
    },

    /** The n-th report that this test has ever sent, so that what comes can be counted. */
    async reported(userId: string, execType: ExecType, changes: Partial<ExecutionReport> = {}): Promise<string> {
      count += 1;
      const accountId = accountIdOf(userId);
      const report: ExecutionReport = {
        execId: `0.${count}.0`,
        execType,
        orderId: accountId,
        accountId,
        userId,
        symbol: 'ACME',
        side: Side.SIDE_BUY,
        ordStatus: OrderStatus.ORDER_STATUS_PARTIALLY_FILLED,
        qty: 1000n * MICRO,
        lastQty: execType === ExecType.EXEC_TYPE_FILL ? MICRO : 0n,
        lastPx: execType === ExecType.EXEC_TYPE_FILL ? 187n * MICRO : 0n,
        cumQty: BigInt(count) * MICRO,
        leavesQty: MICRO,
        avgPx: 187n * MICRO,
        liquidity: Liquidity.LIQUIDITY_TAKER,
        tradeId: `0.${count}`,
        reason: '',
        transactTimeUs: NOW_US,
        limitPx: 187n * MICRO,
        stopPx: 0n,
        waterMarkPx: 0n,
        replaces: '',
        replacedBy: '',
        commandSeq: BigInt(count),
        ...changes,
      };
      const type = execType === ExecType.EXEC_TYPE_FILL ? 'fill' : 'new';
      const subject = { account_partition: accountPartitionOf(accountId), type };
      await publish(newEvent(executionReport, report, { source: 'engine', subject }));
      return report.execId;
    },

    /** How many have been sent so far. */
    get sent() {
      return count;
    },
  };
}
