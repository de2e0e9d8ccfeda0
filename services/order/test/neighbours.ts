import { nowUs } from '@andvari/kit/base/clock';
import { AppError } from '@andvari/kit/base/errors';
import { InstrumentType, MarketState } from '@andvari/proto/stock/v1/stock';
import { refusalError } from '../src/app/refusals.ts';
import { type Refusal, refuse } from '../src/domain/refusal.ts';
import type { Engine } from '../src/ports/engine.ts';
import type { Portfolio, ReserveRequest } from '../src/ports/portfolio.ts';
import type { Stock } from '../src/ports/stock.ts';

const MICRO = 1_000_000n;

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
    last: 100n * MICRO,
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
    basePrice: 100n * MICRO,
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
