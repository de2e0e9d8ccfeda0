import { toQuantity } from '@andvari/money';
import type { Report, ReportType } from '../src/domain/life.ts';
import type { Instrument, Market, Quote } from '../src/domain/market.ts';
import { newLife } from '../src/domain/new-order.ts';
import type { EngineStatus, Order, OrderLife, OrderSpec } from '../src/domain/order.ts';

/** One instrument, one moment and the orders that the rules are tried with. */
export const units = (amount: number): bigint => BigInt(Math.round(amount * 1_000_000));
export const collars = { marketPpm: 50_000n, limitPpm: 500_000n };
export const NOW = 1_000_000_000n;

export const instrument: Instrument = {
  symbol: 'ACME',
  currency: 'USD',
  tick: units(0.01),
  tickBelowOne: units(0.0001),
  lot: units(1),
  fractionable: false,
  tradable: true,
  halted: false,
  haltedAtUs: 0n,
  minNotional: units(1),
  maxQty: units(1000),
  maxPrice: units(100_000),
  version: 1n,
};
export const quote: Quote = {
  last: units(100),
  bid: units(99.99),
  ask: units(100.01),
  volume: units(10_000),
  asOfUs: NOW - 1n,
  validUntilUs: NOW + 1n,
};
export const open: Market = { instrument, quote, clock: { session: 'regular', nextOpenUs: 0n }, nowUs: NOW };
export const closed: Market = { ...open, clock: { session: 'closed', nextOpenUs: 77n } };

export function listed(of: Partial<Instrument>): Market {
  return { ...open, instrument: { ...instrument, ...of } };
}

export const limit: OrderSpec = {
  symbol: 'ACME',
  side: 'buy',
  type: 'limit',
  timeInForce: 'day',
  qty: units(10),
  notional: 0n,
  limitPx: units(99),
  stopPx: 0n,
  trailAmount: 0n,
  trailPercent: 0n,
  postOnly: false,
  extendedHours: false,
};
export const market: OrderSpec = { ...limit, type: 'market', limitPx: 0n };
export const stop: OrderSpec = { ...limit, type: 'stop', limitPx: 0n, stopPx: units(110) };
export const stopLimit: OrderSpec = { ...stop, type: 'stop_limit', limitPx: units(111) };
export const trailing: OrderSpec = { ...market, type: 'trailing_stop', trailAmount: units(5) };

/** One that rests at the engine, unless its life says otherwise. */
export function orderOf(spec: OrderSpec, life: Partial<OrderLife> = {}, of: Partial<Order> = {}): Order {
  return {
    id: 'o',
    accountId: 'a',
    userId: 'u',
    clientOrderId: 'c',
    spec,
    qty: toQuantity(spec.qty),
    collarPx: 0n,
    collarOffset: 0n,
    reserved: 0n,
    reservedAsset: 'USD',
    replaces: undefined,
    group: undefined,
    apiKeyId: undefined,
    placedAtUs: 5n,
    life: { ...newLife(spec.qty, spec.stopPx, 5n), status: 'new', awaitingSinceUs: 0n, ...life },
    ...of,
  };
}

export const reportOf = (type: ReportType, status: EngineStatus, of: Partial<Report> = {}): Report => ({
  execId: 'e',
  type,
  orderId: 'o',
  accountId: 'a',
  userId: 'u',
  symbol: 'ACME',
  side: 'buy',
  status,
  qty: 10n,
  lastQty: 0n,
  lastPx: 0n,
  cumQty: 0n,
  leavesQty: 10n,
  avgPx: 0n,
  liquidity: undefined,
  tradeId: '',
  reason: '',
  atUs: 9n,
  stopPx: 0n,
  waterMarkPx: 0n,
  replaces: undefined,
  replacedBy: undefined,
  ...of,
});
