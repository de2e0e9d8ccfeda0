import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { isOpen, mayCancel, mayReplace } from '../../api/order-states.ts';
import { type OrderIntent, useUnderway } from '../../api/orders.ts';
import { useSend } from '../../api/use-data.ts';
import { forceWords, groupWords, reasonWords, sideWords, stateWords, typeWords } from '../../text/orders.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { type Column, Grid } from '../../ui/grid.tsx';
import { barWidth, order as compare, money, NONE, price, quantity } from '../../ui/number.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { exactTime, when } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import { Cancel } from './documents.ts';
import { OrderDetail } from './order-detail.tsx';
import styles from './orders.module.css';
import { ReplaceOrder } from './replace-order.tsx';
import { againOf, type Order, type Row, rowsOf } from './rows.ts';

/** Orders with their live states; every act asks once more where it takes something away. */
export function BlotterGrid({
  orders,
  currency,
  symbol,
  opened: first,
  onOpened,
}: {
  orders: readonly Order[];
  currency: string;
  symbol?: string | undefined;
  /** From a link: the order whose story is open. */
  opened?: string | undefined;
  onOpened?: (orderId: string | undefined) => void;
}) {
  const underway = useUnderway();
  const send = useSend();
  const [replacing, setReplacing] = useState<Order | undefined>();
  const [opened, setOpenedHere] = useState(first);
  const navigate = useNavigate();
  const [asking, setAsking] = useState<Order | undefined>();
  const rows = rowsOf(orders, underway, symbol);
  const setOpened = (orderId: string | undefined): void => {
    setOpenedHere(orderId);
    onOpened?.(orderId);
  };

  const cancel = async (order: Order): Promise<void> => {
    setAsking(undefined);
    const answer = await send(Cancel, { orderId: order.orderId });
    if (!answer.ok) say(answer.trouble.message);
    else if (answer.data.cancelOrder !== null && answer.data.cancelOrder.__typename !== 'Order')
      say(answer.data.cancelOrder.message);
  };
  const acts = (order: Order): ReactNode => (
    <span className={styles.acts}>
      {mayReplace(order) && (
        <Button kind="quiet" onClick={() => setReplacing(order)}>
          Replace
        </Button>
      )}
      {mayCancel(order) && (
        <Button kind="quiet" onClick={() => setAsking(order)}>
          Cancel
        </Button>
      )}
      {!isOpen(order) && (
        <Button
          kind="quiet"
          onClick={() =>
            void navigate({ to: '/trade/$symbol', params: { symbol: order.symbol }, search: againOf(order) } as never)
          }
        >
          Again
        </Button>
      )}
    </span>
  );
  return (
    <>
      <Grid
        label="Orders"
        columns={columnsOf(currency, acts, (order) => setOpened(order.orderId))}
        rows={rows}
        keyOf={(row) => row.key}
        onOpen={(row) => row.kind === 'order' && setOpened(row.order.orderId)}
        onRowKey={(key, row) => {
          if (row.kind !== 'order') return false;
          if (key === 'c' && mayCancel(row.order)) setAsking(row.order);
          else if (key === 'r' && mayReplace(row.order)) setReplacing(row.order);
          else return false;
          return true;
        }}
        rowLabel={labelOf}
        isHeir={(row, gone) =>
          row.kind === 'order' && gone.kind === 'order' && row.order.replaces === gone.order.orderId
        }
      />
      <Dialog title="Cancel this order?" isOpen={asking !== undefined} onClose={() => setAsking(undefined)}>
        {asking !== undefined && (
          <>
            <p>
              {sideWords[asking.side]} {quantity(asking.remainingQuantity)} {asking.symbol}
              {asking.limitPrice === null ? '' : ` at ${price(asking.limitPrice)}`}. What has been filled stays.
            </p>
            <p className={styles.dialogActs}>
              <Button onClick={() => setAsking(undefined)}>Keep it</Button>
              <Button kind="danger" autoFocus onClick={() => void cancel(asking)}>
                Cancel the order
              </Button>
            </p>
          </>
        )}
      </Dialog>
      {replacing !== undefined && (
        <ReplaceOrder order={replacing} currency={currency} onClose={() => setReplacing(undefined)} />
      )}
      <Dialog title="Order" shape="sheet" isOpen={opened !== undefined} onClose={() => setOpened(undefined)}>
        {opened !== undefined && <OrderDetail orderId={opened} currency={currency} />}
      </Dialog>
    </>
  );
}

function columnsOf(currency: string, acts: (order: Order) => ReactNode, onOpen: (order: Order) => void): Column<Row>[] {
  const of =
    (show: (order: Order) => ReactNode, sending: (leg: Leg) => ReactNode = () => '') =>
    (row: Row): ReactNode =>
      row.kind === 'order'
        ? show(row.order)
        : row.underway.intent.legs[0] === undefined
          ? ''
          : sending(row.underway.intent.legs[0]);
  const by =
    (value: (order: Order) => string | null) =>
    (left: Row, right: Row): number =>
      compare(
        (left.kind === 'order' ? value(left.order) : null) ?? '0',
        (right.kind === 'order' ? value(right.order) : null) ?? '0',
      );
  const text =
    (value: (order: Order) => string) =>
    (left: Row, right: Row): number =>
      (left.kind === 'order' ? value(left.order) : '').localeCompare(right.kind === 'order' ? value(right.order) : '');
  return [
    {
      key: 'time',
      title: 'Time',
      phone: 'start-2',
      cell: (row) => {
        const at = row.kind === 'order' ? row.order.submittedAt : row.underway.sentAt;
        return (
          <time dateTime={at} title={exactTime(at)}>
            {when(at)}
          </time>
        );
      },
      order: text(({ submittedAt }) => submittedAt),
    },
    {
      key: 'symbol',
      title: 'Symbol',
      phone: 'start',
      cell: (row) => {
        const [symbol, side] =
          row.kind === 'order'
            ? [row.order.symbol, row.order.side]
            : [row.underway.intent.legs[0]?.symbol ?? '', row.underway.intent.legs[0]?.side ?? ''];
        return (
          <span className={styles.symbol} data-depth={row.kind === 'order' ? row.depth : 0}>
            <Link to="/trade/$symbol" params={{ symbol }}>
              {symbol}
            </Link>
            <span className={styles.phoneSide} data-sign={side === 'BUY' ? 'up' : 'down'}>
              {sideWords[side]}
            </span>
          </span>
        );
      },
      order: text(({ symbol }) => symbol),
    },
    {
      key: 'side',
      title: 'Side',
      cell: of(
        ({ side }) => <strong data-sign={side === 'BUY' ? 'up' : 'down'}>{sideWords[side]}</strong>,
        ({ side }) => <strong data-sign={side === 'BUY' ? 'up' : 'down'}>{sideWords[side]}</strong>,
      ),
    },
    {
      key: 'type',
      title: 'Type',
      cell: of(
        ({ type, timeInForce, groupType }) => (
          <span title={forceWords[timeInForce]}>
            {typeWords[type]}
            {groupType !== null && <small className={styles.group}> {groupWords[groupType]}</small>}
          </span>
        ),
        ({ type }) => typeWords[type],
      ),
    },
    {
      key: 'quantity',
      title: 'Quantity',
      align: 'end',
      phone: 'end',
      cell: of(
        (order) => (order.notional === null ? quantity(order.quantity) : money(order.notional, currency)),
        (leg) => (leg.notional == null ? quantity(leg.quantity ?? null) : money(leg.notional, currency)),
      ),
      order: by((order) => order.quantity),
    },
    {
      key: 'limit',
      title: 'Price',
      align: 'end',
      cell: of(
        (order) => priceOf(order),
        (leg) => price(leg.limitPrice ?? leg.stopPrice ?? null),
      ),
      order: by((order) => order.limitPrice ?? order.stopPrice),
    },
    {
      key: 'filled',
      title: 'Filled',
      width: '78px',
      spare: true,
      cell: of((order) => (
        <span className={styles.bar} title={`${quantity(order.filledQuantity)} of ${quantity(order.quantity)}`}>
          <i data-bar style={{ transform: `scaleX(${barWidth(order.filledQuantity, order.quantity)})` }} />
        </span>
      )),
    },
    {
      key: 'average',
      title: 'Average',
      align: 'end',
      spare: true,
      cell: of(({ averagePrice }) => price(averagePrice)),
      order: by((order) => order.averagePrice),
    },
    {
      key: 'state',
      title: 'State',
      phone: 'end-2',
      cell: (row) => {
        const [word, look] = stateWords[row.kind === 'order' ? row.order.status : row.underway.state] ?? [
          'Unknown',
          'unknown',
        ];
        const mark = <StateMark look={look}>{word}</StateMark>;
        if (row.kind === 'underway') return mark;
        const { order } = row;
        return (
          <button
            type="button"
            className={styles.story}
            title={reasonWords(order.reason) || 'What happened to it'}
            onClick={() => onOpen(order)}
          >
            {mark}
          </button>
        );
      },
      order: text(({ status }) => status),
    },
    {
      key: 'acts',
      title: '',
      align: 'end',
      phone: 'below',
      cell: (row) => (row.kind === 'order' ? acts(row.order) : ''),
    },
  ];
}

type Leg = OrderIntent['legs'][number];

function priceOf(order: Order): string {
  if (order.type === 'TRAILING_STOP')
    return order.trailPercent === null ? price(order.trailAmount) : `${quantity(order.trailPercent)} %`;
  if (order.limitPrice !== null) return price(order.limitPrice);
  return order.stopPrice === null ? NONE : price(order.stopPrice);
}

function labelOf(row: Row): string {
  if (row.kind === 'underway')
    return `${stateWords[row.underway.state]?.[0] ?? ''}: ${row.underway.intent.legs[0]?.symbol ?? ''}`;
  const { order } = row;
  return `${sideWords[order.side]} ${quantity(order.quantity)} ${order.symbol}, ${stateWords[order.status]?.[0] ?? order.status}`;
}
