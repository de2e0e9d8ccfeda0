import { toMicros } from '@andvari/money';
import { format, microsOf } from '@andvari/money/decimal';
import { Amount } from '../../ui/amount.tsx';
import { minus, money, percent, price, quantity } from '../../ui/number.ts';
import styles from './ticket.module.css';
import { estimateOf, type Ticket, type TicketAccount, type TicketMarket } from './ticket-rules.ts';
import type { OrderPreview } from './use-preview.ts';

/**
 * What it comes to: the server's numbers where it has answered, the same arithmetic here until then. Nothing of a ticket that is
 * refused; its place is kept, so that the depth beneath stands still while one types.
 */
export function Outcome({
  ticket,
  market,
  account,
  preview,
  currency,
}: {
  ticket: Ticket;
  market: TicketMarket | undefined;
  /** Left out where there is nothing to say. */
  account: TicketAccount | undefined;
  preview: OrderPreview | undefined;
  currency: string;
}) {
  const estimate = account && estimateOf(ticket, market, account);
  const isBuy = ticket.side === 'BUY';
  const fee = preview?.maximumFee ?? (estimate === undefined ? undefined : format(estimate.fee));
  const cost = isBuy
    ? (preview?.reserved ?? (estimate === undefined ? undefined : format(estimate.cost)))
    : preview === undefined
      ? estimate && format(estimate.cost)
      : minus(preview.notional, preview.maximumFee);
  const rows: [string, string | undefined][] = isBuy
    ? [
        ['Costs at the most', money(cost, currency)],
        ['Fee, at the most', money(fee, currency)],
        [
          'Buying power after',
          money(
            preview?.availableAfter ??
              (account === undefined || cost === undefined ? undefined : minus(account.buyingPower, cost)),
            currency,
          ),
        ],
      ]
    : [
        ['Brings about', money(cost, currency)],
        ['Fee, at the most', money(fee, currency)],
        [
          'Shares left',
          account === undefined || estimate === undefined
            ? undefined
            : quantity(format(toMicros(microsOf(account.sharesAvailable) - estimate.shares))),
        ],
      ];
  const fills = preview !== undefined && microsOf(preview.fillsQuantity) > 0n;
  rows.push(['Expected average', price(fills ? preview.averagePrice : null)]);
  rows.push(['Slips by', preview?.slippageRatio == null ? undefined : percent(preview.slippageRatio)]);
  return (
    <dl className={styles.outcome} data-from={preview === undefined ? 'here' : 'server'}>
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <Amount>{value ?? '–'}</Amount>
          </dd>
        </div>
      ))}
    </dl>
  );
}
