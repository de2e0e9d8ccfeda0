import { microsOf } from '@andvari/money/decimal';
import { expect, test } from 'vitest';
import { judgeGroup } from '../../../services/order/src/domain/judge-group.ts';
import type { Market } from '../../../services/order/src/domain/market.ts';
import type { OrderSpec } from '../../../services/order/src/domain/order.ts';
import { isRefusal } from '../../../services/order/src/domain/refusal.ts';
import type { Spec } from '../../src/api/orders.ts';
import { emptyDraft, ticketOf } from '../../src/features/instrument/draft.ts';
import {
  needsLimit,
  needsStop,
  needsTrail,
  refusal,
  type Ticket,
  type TicketMarket,
} from '../../src/features/instrument/ticket-rules.ts';
import { specsOf } from '../../src/features/instrument/ticket-specs.ts';
import { fieldOf } from '../../src/features/instrument/ticket-terms.ts';

/** The page's rule of a group's prices and the order service's, on every group of a few prices around the last one. */
const prices = ['98', '99', '100', '101', '102'];
const sides = ['BUY', 'SELL'] as const;
const types = ['MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT', 'TRAILING_STOP'] as const;

const instrument = {
  symbol: 'ACME',
  tick: '0.01',
  tickBelowOne: '0.0001',
  lot: '1',
  fractionable: false,
  tradable: true,
  halted: false,
  minNotional: null,
  maxQuantity: null,
  maxPrice: null,
};
const account = { isOpen: true, buyingPower: '1000000', sharesAvailable: '1000000', fees: undefined };
const nothingKnown: Market = { instrument: undefined, quote: undefined, clock: undefined, nowUs: 0n };

function groups(): Ticket[] {
  const exits = prices.flatMap((takeProfit) => prices.map((stopLoss) => ({ takeProfit, stopLoss })));
  const entries = types.flatMap((type) =>
    (needsStop({ type, shape: 'BRACKET' }) ? prices : ['']).flatMap((stopPrice) =>
      (needsLimit({ type, shape: 'BRACKET' }) ? prices : ['']).map((limitPrice) => ({
        shape: 'BRACKET' as const,
        type,
        stopPrice,
        limitPrice,
        trail: needsTrail({ type, shape: 'BRACKET' }) ? '1' : '',
      })),
    ),
  );
  const usual = { ...ticketOf(emptyDraft), size: '5' };
  return sides.flatMap((side) =>
    [{ shape: 'OCO' as const }, ...entries].flatMap((entry) =>
      exits.map((exit) => ({ ...usual, side, ...entry, ...exit })),
    ),
  );
}

const numberOf = (given: unknown): bigint => (typeof given === 'string' ? microsOf(given) : 0n);

function asJudged(spec: Spec): OrderSpec {
  return {
    symbol: spec.symbol,
    side: spec.side.toLowerCase() as OrderSpec['side'],
    type: spec.type.toLowerCase() as OrderSpec['type'],
    timeInForce: (spec.timeInForce ?? 'DAY').toLowerCase() as OrderSpec['timeInForce'],
    qty: numberOf(spec.quantity),
    notional: 0n,
    limitPx: numberOf(spec.limitPrice),
    stopPx: numberOf(spec.stopPrice),
    trailAmount: 0n,
    trailPercent: numberOf(spec.trailPercent) / 100n,
    postOnly: false,
    extendedHours: false,
  };
}

/** Where the service finds an exit on the wrong side; it judges the prices of a group before anything of its market. */
function servedField(ticket: Ticket): string | undefined {
  const { legs, group } = specsOf(ticket, instrument.symbol);
  const judged = judgeGroup(group === 'OCO' ? 'oco' : 'bracket', legs.map(asJudged), nothingKnown, {
    marketPpm: 0n,
    limitPpm: 0n,
  });
  if (!isRefusal(judged) || judged.refused !== 'exit_on_wrong_side') return undefined;
  const path = judged.field.replace('limit_px', 'limitPrice').replace('stop_px', 'stopPrice');
  return fieldOf(path, ticket.shape) ?? path;
}

test.each<[string, TicketMarket]>([
  ['in the middle', { last: '100', bid: '99.99', ask: '100.01', isStale: false }],
  ['far below', { last: '50', bid: '49.99', ask: '50.01', isStale: false }],
])('a group is refused where the service refuses it, at the same field, with the price %s', (_, market) => {
  const seen = { refused: 0, taken: 0 };
  for (const ticket of groups()) {
    const served = servedField(ticket);
    const { side, shape, type, stopPrice, limitPrice, takeProfit, stopLoss } = ticket;
    const told = [side, shape, type, stopPrice, limitPrice, takeProfit, stopLoss].join(' ');
    expect(refusal(ticket, instrument, market, account)?.field, told).toBe(served);
    seen[served === undefined ? 'taken' : 'refused'] += 1;
  }
  expect(Math.min(seen.refused, seen.taken)).toBeGreaterThan(100);
});
