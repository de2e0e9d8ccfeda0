import { type FormEvent, useRef, useState } from 'react';
import { useClient } from 'urql';
import { replaceOrder } from '../../api/replace.ts';
import { newIntentId } from '../../api/sends.ts';
import { useReplacementPreview } from '../../api/use-replacement-preview.ts';
import { Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { quantity, typed } from '../../ui/number.ts';
import { ReplacementOutcome } from '../../ui/replacement-outcome.tsx';
import styles from './orders.module.css';
import { changeOf } from './replacement.ts';
import type { Order } from './rows.ts';

/** The new total and the new prices; what stays as it is is not sent. */
export function ReplaceOrder({ order, currency, onClose }: { order: Order; currency: string; onClose: () => void }) {
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
      autoFocus={name === 'quantity'}
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
        {refused.message === '' && <ReplacementOutcome {...foreseen} side={order.side} currency={currency} />}
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
