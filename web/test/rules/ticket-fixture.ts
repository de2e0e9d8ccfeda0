import { emptyDraft, ticketOf } from '../../src/features/instrument/draft.ts';
import type {
  Ticket,
  TicketAccount,
  TicketInstrument,
  TicketMarket,
} from '../../src/features/instrument/ticket-rules.ts';

export const instrument: TicketInstrument = {
  symbol: 'ACME',
  tick: '0.01',
  tickBelowOne: '0.0001',
  lot: '0.000001',
  fractionable: true,
  tradable: true,
  halted: false,
  minNotional: '1',
  maxQuantity: '1000000',
  maxPrice: '100000',
};
export const market: TicketMarket = { last: '100', bid: '99.99', ask: '100.01', isStale: false };
export const account: TicketAccount = {
  isOpen: true,
  buyingPower: '10000',
  sharesAvailable: '10',
  fees: { perOrder: '1', perShare: '0', basisPoints: '0', minimum: '0', maximum: null },
};
/** Buys five at 100 for the day. */
export const limit: Ticket = { ...ticketOf(emptyDraft), size: '5', limitPrice: '100' };
export const at = (change: Partial<Ticket>): Ticket => ({ ...limit, ...change });
