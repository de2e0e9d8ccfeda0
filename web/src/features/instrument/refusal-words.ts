import { price, quantity, typed } from '../../ui/number.ts';
import { nearestTick, type Ticket, type TicketInstrument, type TicketRefusal } from './ticket-rules.ts';

/** One sentence for each refusal: what is wrong, and what would be right. */
export function wordsFor(
  { code, field }: TicketRefusal,
  ticket: Ticket,
  instrument: TicketInstrument,
  available: string,
): string {
  const given = field === 'ticket' ? '' : (ticket[field] ?? '');
  const words: Record<string, () => string> = {
    no_account: () => 'Open an account to trade.',
    account_not_open: () => 'This account cannot trade.',
    not_tradable: () => `${instrument.symbol} cannot be traded.`,
    symbol_halted: () => `${instrument.symbol} is halted; orders wait until it trades again.`,
    price_is_stale: () => 'There is no fresh price, so no market order. A limit order can be sent.',
    size_missing: () => 'How many?',
    size_not_positive: () => 'It has to be more than nothing.',
    whole_shares_only: () => 'Whole shares only.',
    size_off_lot: () => `In steps of ${quantity(instrument.lot)}.`,
    size_above_maximum: () => `At most ${quantity(instrument.maxQuantity)}.`,
    groups_in_shares: () => 'A group is sized in shares.',
    money_at_market_only: () => 'An amount of money works for a market order only.',
    amount_below_minimum: () => `At least ${price(instrument.minNotional)}.`,
    price_missing: () => 'A price is missing.',
    price_not_positive: () => 'It has to be above zero.',
    price_off_tick: () => `Between two ticks. The next price is ${typed(nearestTick(given, instrument))}.`,
    price_above_maximum: () => `At most ${price(instrument.maxPrice)}.`,
    trail_missing: () => `How far may it fall behind${ticket.trailIn === 'PERCENT' ? ', in percent' : ''}?`,
    trail_not_positive: () => 'It has to be more than nothing.',
    trail_beyond_price: () => 'That is as much as the price itself.',
    trail_out_of_range: () => 'Between 0 and 100 %.',
    profit_not_above_entry: () => 'The profit has to be above the entry.',
    profit_not_below_entry: () => 'The profit has to be below the entry.',
    loss_not_below_entry: () => 'The stop has to be below the entry.',
    loss_not_above_entry: () => 'The stop has to be above the entry.',
    loss_not_below_profit: () => 'The stop has to be below the profit.',
    loss_not_above_profit: () => 'The stop has to be above the profit.',
    not_enough_shares: () => `There are ${quantity(available)} to sell.`,
    not_enough_buying_power: () => 'That is more than the buying power.',
  };
  return words[code]?.() ?? 'This cannot be sent.';
}
