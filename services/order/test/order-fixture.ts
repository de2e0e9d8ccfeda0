import { nowUs } from '@andvari/kit/base/clock';
import { newEvent } from '@andvari/kit/events/event';
import { accountPartitionOf } from '@andvari/kit/events/partition';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { OrderType, Side, TimeInForce } from '@andvari/proto/engine/v1/commands';
import { ExecType, type ExecutionReport, Liquidity, OrderStatus } from '@andvari/proto/engine/v1/reports';
import { command, executionReport } from '@andvari/proto/events';
import { type ListOrdersRequest, OrderServiceService, type OrderSpec, OrderState } from '@andvari/proto/order/v1/order';
import { v7 as uuidv7 } from 'uuid';
import { readConfig } from '../src/config.ts';
import { migrations, type Outside, start } from '../src/main.ts';
import { memoryLedger, openMarket, silentEngine } from './neighbours.ts';

export const micro = (units: number): bigint => BigInt(Math.round(units * 1_000_000));

export type OrderTest = Awaited<ReturnType<typeof orderTest>>;

/** The whole service with its neighbours as plain functions, and somebody who trades. */
export async function orderTest(options: Partial<Outside> & { env?: Record<string, string> } = {}) {
  const { env = {}, ...given } = options;
  const memory = memoryLedger();
  const { market, stock } = openMarket();
  const service: TestService<{ port: number }> = await testService({
    readConfig,
    start: (scope, config) =>
      start(scope, config, { portfolio: memory.portfolio, stock, engine: silentEngine, ...given }),
    migrations,
    streams: ['ORDER', 'COMMANDS', 'EXECUTIONS', 'MARKET'],
    env: {
      RESUBMIT_SWEEP_MS: '25',
      RESUBMIT_AFTER_MS: '1',
      INSTRUMENT_REFRESH_MS: '100',
      RECOVER_AFTER_MS: '1',
      ...env,
    },
  });
  const commands = async () => (await service.published(command)).map(({ body }) => body);
  return {
    service,
    ledger: memory.ledger,
    market,
    db: service.db,
    trader: () => trader(service, uuidv7(), uuidv7()),
    operator: () =>
      service.client(OrderServiceService, {
        userId: uuidv7(),
        scopes: ['order:read', 'order:cancel', 'order:place'],
      }),
    neighbour: () => service.client(OrderServiceService, { service: 'portfolio' }),
    /** Every command in the log, in order. */
    commands,
    /** Of them, those of a kind about an order, or about the one that takes its place. */
    async sentFor(orderId: string, kind: string) {
      return (await commands()).filter(
        (body) =>
          body?.$case === kind &&
          (('orderId' in body.value && body.value.orderId === orderId) ||
            ('newOrderId' in body.value && body.value.newOrderId === orderId)),
      );
    },
    report: (of: Partial<ExecutionReport> & { orderId: string; accountId: string }) => report(service, of),
  };
}

export const rights = ['order:place:own', 'order:cancel:own', 'order:read:own'];

function trader(service: TestService<{ port: number }>, userId: string, accountId: string) {
  const client = service.client(OrderServiceService, { userId, scopes: rights });
  return {
    userId,
    accountId,
    client,
    as: (caller: object) => service.client(OrderServiceService, { userId, scopes: rights, ...caller }),
    async place(spec: Partial<OrderSpec> = {}, clientOrderId: string = uuidv7()) {
      const { order } = await client.placeOrder({ accountId, clientOrderId, order: limitBuy(spec) });
      if (order === undefined) throw new Error('no order was answered');
      return order;
    },
    async get(orderId: string) {
      const { order } = await client.getOrder({ accountId, key: { $case: 'orderId', value: orderId } });
      if (order === undefined) throw new Error('no order was answered');
      return order;
    },
  };
}

/** Ten shares at 99, for the day. */
export function limitBuy(spec: Partial<OrderSpec> = {}): OrderSpec {
  return {
    symbol: 'ACME',
    side: Side.SIDE_BUY,
    type: OrderType.ORDER_TYPE_LIMIT,
    timeInForce: TimeInForce.TIME_IN_FORCE_DAY,
    qty: micro(10),
    notional: 0n,
    limitPx: micro(99),
    stopPx: 0n,
    trailAmount: 0n,
    trailPercent: 0n,
    postOnly: false,
    extendedHours: false,
    ...spec,
  };
}

export function marketBuy(spec: Partial<OrderSpec> = {}): OrderSpec {
  return limitBuy({ type: OrderType.ORDER_TYPE_MARKET, limitPx: 0n, ...spec });
}

/** Buy ten at 99, then sell them at 110 or from 90 on. */
export function bracketLegs(): OrderSpec[] {
  const exit = { side: Side.SIDE_SELL };
  return [
    limitBuy(),
    limitBuy({ ...exit, limitPx: micro(110) }),
    limitBuy({ ...exit, type: OrderType.ORDER_TYPE_STOP, limitPx: 0n, stopPx: micro(90) }),
  ];
}

/** Every order of an account, the newest first. */
export function listing(accountId: string): ListOrdersRequest {
  return {
    accountId,
    symbol: '',
    statuses: [],
    fromUs: 0n,
    toUs: 0n,
    page: undefined,
    state: OrderState.ORDER_STATE_ALL,
    side: Side.SIDE_UNSPECIFIED,
    type: OrderType.ORDER_TYPE_UNSPECIFIED,
  };
}

let sequence = 0;

/** Publishes what the engine might say. */
async function report(
  service: TestService<unknown>,
  of: Partial<ExecutionReport> & { orderId: string; accountId: string },
): Promise<ExecutionReport> {
  sequence += 1;
  const message: ExecutionReport = {
    execId: `test-${sequence}`,
    execType: ExecType.EXEC_TYPE_NEW,
    userId: of.accountId,
    symbol: 'ACME',
    side: Side.SIDE_BUY,
    ordStatus: OrderStatus.ORDER_STATUS_NEW,
    qty: micro(10),
    lastQty: 0n,
    lastPx: 0n,
    cumQty: 0n,
    leavesQty: micro(10),
    avgPx: 0n,
    liquidity: Liquidity.LIQUIDITY_UNSPECIFIED,
    tradeId: '',
    reason: '',
    transactTimeUs: nowUs(),
    limitPx: 0n,
    stopPx: 0n,
    waterMarkPx: 0n,
    replaces: '',
    replacedBy: '',
    commandSeq: BigInt(sequence),
    ...of,
  };
  const attributes = {
    source: 'engine',
    id: message.execId,
    subject: { account_partition: accountPartitionOf(of.accountId), type: 'new' },
  };
  await service.publish(newEvent(executionReport, message, attributes));
  return message;
}

/** Which order a report is about. */
export const about = ({ id, accountId }: { id: string; accountId: string }) => ({ orderId: id, accountId });

export const filled = (qty: bigint, of: { cum: bigint; leaves: bigint; px?: bigint }): Partial<ExecutionReport> => ({
  execType: ExecType.EXEC_TYPE_FILL,
  ordStatus: of.leaves === 0n ? OrderStatus.ORDER_STATUS_FILLED : OrderStatus.ORDER_STATUS_PARTIALLY_FILLED,
  lastQty: qty,
  lastPx: of.px ?? micro(99),
  cumQty: of.cum,
  leavesQty: of.leaves,
  avgPx: of.px ?? micro(99),
  liquidity: Liquidity.LIQUIDITY_MAKER,
  tradeId: 't',
});

export const ended = (status: OrderStatus, execType: ExecType): Partial<ExecutionReport> => ({
  execType,
  ordStatus: status,
  leavesQty: 0n,
});

export const canceled = ended(OrderStatus.ORDER_STATUS_CANCELED, ExecType.EXEC_TYPE_CANCELED);
