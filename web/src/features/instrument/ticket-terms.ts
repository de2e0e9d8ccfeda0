import type { TicketAccountQuery } from '../../api/generated/graphql.ts';
import type { Quote } from '../../live/market-feed.ts';
import type { DraftField } from './draft.ts';
import {
  estimateOf,
  refusal,
  type TicketAccount,
  type TicketMarket,
  type TicketShape,
  tradesAtOnce,
} from './ticket-rules.ts';

/** From what the page has read to what the rules of a ticket ask for. */
export type AccountData = NonNullable<TicketAccountQuery['account']>;

export function marketOf(quote: Quote | undefined, isLinkOld: boolean): TicketMarket | undefined {
  if (quote === undefined) return undefined;
  const isPast = quote.validUntil === null ? quote.isStale : Date.parse(quote.validUntil) < Date.now();
  return { ...quote, isStale: isLinkOld || isPast };
}

/** All that the market decides about what the ticket says. */
export function saidOf(...[ticket, instrument, market, terms]: Parameters<typeof refusal>): string {
  const wrong = refusal(ticket, instrument, market, terms);
  if (wrong !== undefined || terms === undefined) return JSON.stringify(wrong);
  const { cost, fee, shares } = estimateOf(ticket, market, terms) ?? {};
  return `${cost} ${fee} ${shares} ${market?.isStale} ${tradesAtOnce(ticket, market)}`;
}

export function termsOf(account: AccountData, symbol: string): TicketAccount {
  const holding = account.holdings?.nodes.find((each) => each.symbol === symbol);
  return {
    isOpen: account.status === 'ACTIVE',
    buyingPower: account.buyingPower?.amount ?? '0',
    sharesAvailable: holding?.quantityAvailable ?? '0',
    fees: account.feeSchedule ?? undefined,
  };
}

/** From the path within the input to the field on the page: the exits of a group are its last two legs. */
export function fieldOf(path: string, shape: TicketShape): DraftField | undefined {
  const name = path.split('.').at(-1) ?? '';
  const leg = /^legs\[(\d)\]/.exec(path)?.[1];
  const profitLeg = shape === 'OCO' ? 0 : 1;
  if (leg !== undefined && shape !== 'SINGLE' && Number(leg) >= profitLeg) {
    if (name === 'limitPrice') return 'takeProfit';
    if (name === 'stopPrice') return 'stopLoss';
  }
  const fields: Record<string, DraftField> = {
    quantity: 'size',
    notional: 'size',
    limitPrice: 'limitPrice',
    stopPrice: 'stopPrice',
    trailPercent: 'trail',
    trailAmount: 'trail',
  };
  return fields[name];
}
