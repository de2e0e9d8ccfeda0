import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { isOpen } from '../../api/order-states.ts';
import { useData, useMayPoll } from '../../api/use-data.ts';
import { eventWords, forceWords, reasonWords, sentence, sideWords, stateWords, typeWords } from '../../text/orders.ts';
import { Block, Facts, Section } from '../../ui/block.tsx';
import { money, price, quantity } from '../../ui/number.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { exactTime, moment } from '../../ui/time.ts';
import { OrderStory, WhyNot } from './documents.ts';
import styles from './orders.module.css';

/** An order from its first moment to its last: each event with its time, numbers and cause. */
export function OrderDetail({ orderId, currency }: { orderId: string; currency: string }) {
  const { data, isLoading, error, reload } = useData(OrderStory, { orderId });
  return (
    <Block data={data?.order} isLoading={isLoading} error={error} reload={reload} what="The order">
      {(order) => (
        <div className={styles.detail}>
          <p className={styles.summary}>
            <strong data-sign={order.side === 'BUY' ? 'up' : 'down'}>{sideWords[order.side]}</strong>{' '}
            {quantity(order.quantity)}{' '}
            <Link to="/trade/$symbol" params={{ symbol: order.symbol }}>
              {order.symbol}
            </Link>
            <StateMark look={stateWords[order.status]?.[1] ?? 'unknown'}>
              {stateWords[order.status]?.[0] ?? order.status}
            </StateMark>
          </p>
          {order.reason !== null && <p>{reasonWords(order.reason)}</p>}
          <Facts
            facts={[
              ['Type', typeWords[order.type]],
              ['Good', forceWords[order.timeInForce]],
              ['Limit', price(order.limitPrice)],
              ...(order.stopPrice === null ? [] : [['Stop', price(order.stopPrice)] as const]),
              ['Filled', `${quantity(order.filledQuantity)} of ${quantity(order.quantity)}`],
              ['Average', price(order.averagePrice)],
            ]}
          />
          {isOpen(order) && <WhyNotFilled orderId={orderId} />}
          <Section title="What happened">
            <ol className={styles.timeline}>
              {(order.history ?? []).map((event) => (
                <li key={event.id}>
                  <time dateTime={event.occurredAt} title={exactTime(event.occurredAt)}>
                    {moment(event.occurredAt)}
                  </time>
                  <span>
                    {eventWords(event.kind)}
                    {event.lastQuantity !== null &&
                      event.lastPrice !== null &&
                      `: ${quantity(event.lastQuantity)} at ${price(event.lastPrice)}`}
                    {event.reason !== null && <small> {reasonWords(event.reason)}</small>}
                  </span>
                </li>
              ))}
            </ol>
          </Section>
          {(order.executions ?? []).length > 0 && (
            <Section title="Fills">
              <ol className={styles.timeline}>
                {(order.executions ?? []).map((fill) => (
                  <li key={fill.id}>
                    <time dateTime={fill.executedAt}>{moment(fill.executedAt)}</time>
                    <span>
                      {quantity(fill.quantity)} at {price(fill.price)} = {money(fill.amount, currency)}
                    </span>
                  </li>
                ))}
              </ol>
            </Section>
          )}
          <p className={styles.ids}>
            Order {order.orderId} · client id {order.clientOrderId}
          </p>
        </div>
      )}
    </Block>
  );
}

const network = { requestPolicy: 'cache-and-network' as const };
const EVERY_MS = 3000;

/** From facts of this moment, asked again for as long as somebody looks. */
export function WhyNotFilled({ orderId }: { orderId: string }) {
  const { data, isLoading, error, reload } = useData(WhyNot, { orderId }, { context: network });
  const mayPoll = useMayPoll();
  useEffect(() => {
    if (!mayPoll) return undefined;
    const timer = setInterval(reload, EVERY_MS);
    return () => clearInterval(timer);
  }, [reload, mayPoll]);
  return (
    <Section title="Why is it not filled?">
      <Block
        data={data?.order?.explanation}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="The explanation"
        empty="Nothing is known."
      >
        {({ reasons }) => (
          <ul className={styles.reasons}>
            {reasons.map(({ code, message, facts }) => (
              <li key={code}>
                <p>{sentence(message)}</p>
                {facts.length > 0 && (
                  <p className={styles.facts}>
                    {facts.map(({ name, decimal, time, status }) => (
                      <span key={name}>
                        {name.replaceAll('_', ' ')}{' '}
                        <strong>
                          {decimal === null ? (time === null ? (status ?? '–') : moment(time)) : quantity(decimal)}
                        </strong>
                      </span>
                    ))}
                  </p>
                )}
              </li>
            ))}
          </ul>
        )}
      </Block>
    </Section>
  );
}
