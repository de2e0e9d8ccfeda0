import { amount } from '@andvari/money';
import { format, priceOf, quantityOf } from '@andvari/money/decimal';
import { useReplacementPreview } from '../../api/use-replacement-preview.ts';
import { quoteTopic } from '../../live/market-feed.ts';
import { useTopic } from '../../live/use-topic.ts';
import { sideWords } from '../../text/orders.ts';
import { Amount } from '../../ui/amount.tsx';
import { Facts, Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { order as compare, money, price, quantity } from '../../ui/number.ts';
import { ReplacementOutcome } from '../../ui/replacement-outcome.tsx';
import styles from './chart.module.css';
import type { OwnLine, Place } from './own-lines.ts';
import type { TicketInstrument } from './ticket-rules.ts';

export const fieldWords: Record<OwnLine['field'], string> = {
  limitPrice: 'limit',
  stopPrice: 'stop',
  trailAmount: 'trailing stop',
  trailPercent: 'trailing stop',
};

/** How far behind; undefined of what does not follow the market. */
export function trailWords(field: OwnLine['field'], value: string, tick: string): string | undefined {
  if (field === 'trailPercent') return `${quantity(value)} % behind`;
  return field === 'trailAmount' ? `${price(value, tick)} behind` : undefined;
}

/** What it would be instead of what it is, before it is sent. */
export function ReplaceQuestion({
  line,
  to,
  instrument: { symbol, tick, currency },
  onLeave,
  onReplace,
}: {
  line: OwnLine;
  to: Place;
  instrument: TicketInstrument & { currency: string };
  onLeave: () => void;
  onReplace: () => void;
}) {
  const { order, field } = line;
  const last = useTopic(quoteTopic(symbol))?.last;
  const foreseen = useReplacementPreview(order.orderId, { [field]: to.value });
  const left = quantityOf(order.remainingQuantity);
  const worth = (at: string): string => money(format(amount(priceOf(at), left)), currency);
  const [behind, before] = [trailWords(field, to.value, tick), trailWords(field, line.value, tick)];
  return (
    <>
      <p>
        {sideWords[order.side]} {quantity(order.remainingQuantity)} {order.symbol}{' '}
        {behind === undefined
          ? `at ${price(to.price, tick)} instead of ${price(line.price, tick)}. A new price goes to the end of the queue.`
          : `${behind} the market instead of ${before}. Its stop would be at ${price(to.price, tick)} instead of ${price(line.price, tick)}, and follows.`}
      </p>
      <Facts
        facts={[
          ['Worth until now', <Amount key="before">{worth(line.price)}</Amount>],
          ['Worth then', <Amount key="after">{worth(to.price)}</Amount>],
        ]}
      />
      <ReplacementOutcome {...foreseen} side={order.side} currency={currency} />
      {foreseen.refusal !== undefined && <Notice tone="warn">{foreseen.refusal.message}</Notice>}
      {last !== undefined && isTriggered(line, to, last) && (
        <Notice tone="warn">
          The last price, {price(last, tick)}, is there already: it would be triggered at once.
        </Notice>
      )}
      <p className={styles.acts}>
        <Button autoFocus onClick={onLeave}>
          Leave it
        </Button>
        <Button kind="primary" onClick={onReplace}>
          Replace
        </Button>
      </p>
    </>
  );
}

function isTriggered({ order, field }: OwnLine, { price: stop }: Place, last: string): boolean {
  if (field === 'limitPrice') return false;
  return order.side === 'SELL' ? compare(last, stop) <= 0 : compare(last, stop) >= 0;
}
