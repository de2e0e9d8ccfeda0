import { nowUs } from '@andvari/kit/base/clock';
import { AppError } from '@andvari/kit/base/errors';
import { newEvent } from '@andvari/kit/events/event';
import { accountPartitionOf } from '@andvari/kit/events/partition';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { OrderType, Side, TimeInForce } from '@andvari/proto/engine/v1/commands';
import { ExecType, type ExecutionReport, Liquidity, OrderStatus } from '@andvari/proto/engine/v1/reports';
import { command, executionReport } from '@andvari/proto/events';
import { OrderServiceService, type OrderSpec } from '@andvari/proto/order/v1/order';
import { InstrumentType, MarketState } from '@andvari/proto/stock/v1/stock';
import { v7 as uuidv7 } from 'uuid';
import { refusalError } from '../src/app/refusals.ts';
import { readConfig } from '../src/config.ts';
import { type Refusal, refuse } from '../src/domain/refusal.ts';
import { migrations, type Outside, start } from '../src/main.ts';
import type { Engine } from '../src/ports/engine.ts';
import type { Portfolio, ReserveRequest } from '../src/ports/portfolio.ts';
import type { Stock } from '../src/ports/stock.ts';

const MICRO = 1_000_000n;
export const micro = (units: number): bigint => BigInt(Math.round(units * 1_000_000));

/** A ledger that knows what orders hold, and no more: money without end unless it is told otherwise. */
export function memoryLedger() {
  const held = new Map<string, ReserveRequest>();
  const ledger = {
    held,
    owners: new Map<string, string>(),
    buyingPower: 10n ** 15n,
    shares: 10n ** 15n,
    releases: [] as string[],
    /** Called before a reservation is made; a test may let it fail. */
    before: (() => Promise.resolve()) as (request: ReserveRequest) => Promise<void>,
    /** Called after it is made. */
    after: (() => Promise.resolve()) as (request: ReserveRequest) => Promise<void>,
    /** What is said instead of everything, where it says something. */
    refuse: undefined as (() => Refusal) | undefined,
    holdings: [] as { symbol: string; available: bigint }[],
    pageOfHoldings: 200,
    currency: 'USD',
    /** Whether whoever asks has the right to read accounts. */
    readable: true,
    fees: 0n,
    userIdOf: (accountId: string): string => ledger.owners.get(accountId) ?? accountId,
  };
  const portfolio: Portfolio = {
    async reserve(request) {
      await ledger.before(request);
      const said = ledger.refuse?.();
      if (said !== undefined) return { outcome: 'refused', refusal: said };
      const known = held.get(request.orderId);
      if (known !== undefined) {
        const same = known.amount === request.amount && known.accountId === request.accountId;
        return same ? { outcome: 'reserved' } : { outcome: 'used' };
      }
      const available = request.side === 'buy' ? ledger.buyingPower : ledger.shares;
      if (request.amount > available) {
        const numbers = { required: request.amount, available, short_by: request.amount - available };
        const reason = request.side === 'buy' ? 'insufficient_buying_power' : 'insufficient_shares';
        return { outcome: 'refused', refusal: refuse(reason, 'qty', numbers) };
      }
      held.set(request.orderId, request);
      await ledger.after(request);
      return { outcome: 'reserved' };
    },
    async wouldReserve(request) {
      const said = ledger.refuse?.();
      if (said !== undefined) return said;
      const available = request.side === 'buy' ? ledger.buyingPower : ledger.shares;
      const more = request.amount - (held.get(request.replaces)?.amount ?? 0n);
      const needed = more > 0n ? more : 0n;
      if (needed > available) {
        const numbers = { required: needed, available, short_by: needed - available };
        return refuse('insufficient_buying_power', 'qty', numbers);
      }
      return { more: needed, availableAfter: available - needed };
    },
    async reserveGroup({ legs, ...group }) {
      for (const leg of legs) {
        const reserved = await portfolio.reserve({ ...leg, ...group });
        if (reserved.outcome !== 'reserved') return reserved;
      }
      return { outcome: 'reserved' };
    },
    async release(orderId) {
      ledger.releases.push(orderId);
      held.delete(orderId);
    },
    account: async (accountId) => {
      const said = ledger.refuse?.();
      if (said !== undefined) throw refusalError(said);
      if (!ledger.readable) throw new AppError('permission_denied', 'not allowed: account:read');
      return { userId: ledger.userIdOf(accountId), currency: ledger.currency, canTrade: true };
    },
    async available(_, asset) {
      if ('currency' in asset) return ledger.buyingPower;
      return ledger.holdings.find(({ symbol }) => symbol === asset.symbol)?.available ?? 0n;
    },
    async holdings(_, after) {
      const from = after === '' ? 0 : Number(after);
      const until = from + ledger.pageOfHoldings;
      const isLast = until >= ledger.holdings.length;
      return { holdings: ledger.holdings.slice(from, until), after: isLast ? '' : String(until) };
    },
    fees: async () => ledger.fees,
    async reservation(orderId) {
      const request = held.get(orderId);
      return request && { asset: request.asset, amount: request.amount, remaining: request.amount, state: 'open' };
    },
  };
  return { ledger, portfolio };
}

/** A market of two symbols that is open, at 100 a share. */
export function openMarket() {
  const market = {
    state: MarketState.MARKET_STATE_REGULAR as MarketState,
    nextOpenUs: 0n,
    last: micro(100),
    validForUs: 3600n * MICRO,
  };
  const instrument = (symbol: string) => ({
    symbol,
    name: symbol,
    exchange: 'ANDV',
    sector: 'Tests',
    type: InstrumentType.INSTRUMENT_TYPE_EQUITY,
    currency: symbol === 'EURO' ? 'EUR' : 'USD',
    tick: 10_000n,
    lot: MICRO,
    fractionable: symbol === 'FRAC',
    tradable: symbol !== 'GONE',
    halted: symbol === 'HALT',
    tickBelowOne: 100n,
    haltReason: '',
    haltedAtUs: symbol === 'HALT' ? 5n : 0n,
    basePrice: micro(100),
    minNotional: MICRO,
    maxQty: 1_000_000n * MICRO,
    maxPrice: 0n,
    version: 1n,
  });
  const symbols = ['ACME', 'FRAC', 'HALT', 'GONE', 'OTHER', 'EURO'];
  const stock: Stock = {
    async *instruments() {
      yield symbols.map(instrument);
    },
    async quotes(asked) {
      const asOfUs = nowUs();
      return asked.map((symbol) => ({
        symbol,
        last: market.last,
        bid: market.last - 10_000n,
        ask: market.last + 10_000n,
        bidSize: 0n,
        askSize: 0n,
        open: 0n,
        high: 0n,
        low: 0n,
        previousClose: 0n,
        volume: 0n,
        high52w: 0n,
        low52w: 0n,
        marketState: market.state,
        source: 'test',
        asOfUs,
        validUntilUs: asOfUs + market.validForUs,
      }));
    },
    clock: async () => ({ state: market.state, nextOpenUs: market.nextOpenUs }),
    dollarRates: async (currencies) =>
      currencies.map((base) => ({
        id: base,
        base,
        quote: 'USD',
        rate: DOLLARS_A_EURO,
        asOfUs: nowUs(),
        validUntilUs: nowUs() + market.validForUs,
        source: 'test',
      })),
  };
  return { market, stock };
}

export const DOLLARS_A_EURO = 1_250_000n;

export const silentEngine: Engine = {
  book: async () => undefined,
  order: async () => undefined,
  positions: async () => [],
};

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
