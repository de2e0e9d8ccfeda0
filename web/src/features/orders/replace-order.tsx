import { type FormEvent, useRef, useState } from 'react';
import { useClient } from 'urql';
import { replaceOrder } from '../../api/replace.ts';
import { newIntentId } from '../../api/sends.ts';
import { Amount } from '../../ui/amount.tsx';
import { Facts, Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { order as compare, money, price, quantity, typed } from '../../ui/number.ts';
import styles from './orders.module.css';
import { changeOf } from './replacement.ts';
import type { Order } from './rows.ts';
import { type ReplacementPreview, useReplacementPreview } from './use-replacement-preview.ts';

/** The new total and the new prices; what stays as it is is not sent. */
export function ReplaceOrder({ order, onClose }: { order: Order; onClose: () => void }) {
  const client = useClient();
  const [fields, setFields] = useState({
    quantity: typed(order.quantity),
    limitPrice: typed(order.limitPrice ?? ''),
    stopPrice: typed(order.stopPrice ?? ''),
    trailAmount: typed(order.trailAmount ?? ''),
    trailPercent: typed(order.trailPercent ?? ''),
  });
  const [refused, setProblem] = useState(NO_PROBLEM);
  const [isBusy, setBusy] = useState(false);
  const intent = useRef<{ id: string; body: string } | undefined>(undefined);

  const wanted = changeOf(order, fields);
  const foreseen = useReplacementPreview(order.orderId, 'input' in wanted ? wanted.input : undefined);
  // What was answered counts before what is foreseen, and only until something else is typed.
  const problem = refused.message === '' ? (foreseen.refusal ?? NO_PROBLEM) : refused;

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const change = wanted;
    if ('wrong' in change) return setProblem({ field: change.wrong, message: 'Not a number.' });
    if (Object.keys(change.input).length === 0) return onClose();
    const body = JSON.stringify(change.input);
    if (intent.current?.body !== body) intent.current = { id: newIntentId(), body };
    setBusy(true);
    const input = { orderId: order.orderId, clientOrderId: intent.current.id, ...change.input };
    const replaced = await replaceOrder(client, input);
    setBusy(false);
    if (replaced.kind === 'replaced') return onClose();
    setProblem(replaced);
  };
  const entry = (name: keyof typeof fields, label: string, hint?: string) => (
    <Field
      label={label}
      inputMode="decimal"
      value={fields[name]}
      onChange={(event) => {
        setFields({ ...fields, [name]: event.target.value });
        setProblem(NO_PROBLEM);
      }}
      problem={problem.field === name ? problem.message : undefined}
      hint={hint}
    />
  );
  return (
    <Dialog title={`Replace ${order.symbol}`} isOpen onClose={onClose}>
      <form className={styles.replace} onSubmit={(event) => void submit(event)}>
        {problem.message !== '' && !(problem.field in fields) && <Notice tone="warn">{problem.message}</Notice>}
        {entry('quantity', 'Quantity in all', `${quantity(order.filledQuantity)} of it are filled`)}
        {order.limitPrice !== null && entry('limitPrice', 'Limit price')}
        {order.stopPrice !== null && entry('stopPrice', 'Stop price')}
        {order.trailAmount !== null && entry('trailAmount', 'Trail')}
        {order.trailPercent !== null && entry('trailPercent', 'Trail, %')}
        {foreseen.preview !== undefined && refused.message === '' && (
          <Outcome preview={foreseen.preview} order={order} />
        )}
        <p className={styles.note}>
          A new price or a larger size goes to the end of the queue; a smaller size keeps its place.
        </p>
        <p className={styles.dialogActs}>
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" kind="primary" disabled={isBusy}>
            {isBusy ? 'Sending…' : 'Replace'}
          </Button>
        </p>
      </form>
    </Dialog>
  );
}

const NO_PROBLEM = { field: '', message: '' };

/** What it would come to, by the server's numbers alone. */
function Outcome({ preview, order: { side } }: { preview: ReplacementPreview; order: Order }) {
  const { held, reserved, reservedAsset, availableAfter, maximumFee, fillsQuantity, averagePrice, warnings } = preview;
  const shown = (value: string): string => (side === 'BUY' ? money(value, reservedAsset) : quantity(value));
  const facts: [string, string][] = [
    ['Held for it now', shown(held)],
    ['Held besides, until it is replaced', shown(reserved)],
    [side === 'BUY' ? 'Buying power after' : 'Shares left to sell', shown(availableAfter)],
    ...(side === 'BUY' ? [['Fee, at the most', shown(maximumFee)] satisfies [string, string]] : []),
    ...(averagePrice !== null && compare(fillsQuantity, '0') > 0
      ? [[`${quantity(fillsQuantity)} would trade at once, at`, price(averagePrice)] satisfies [string, string]]
      : []),
  ];
  return (
    <>
      <Facts facts={facts.map(([label, value]) => [label, <Amount key={label}>{value}</Amount>])} />
      {warnings.map(({ code, message }) => (
        <Notice key={code}>{message}</Notice>
      ))}
    </>
  );
}
