import { type FormEvent, useRef, useState } from 'react';
import { useClient } from 'urql';
import type { FundingViewQuery } from '../../api/generated/graphql.ts';
import { newIntentId, sendOnce } from '../../api/sends.ts';
import { troubleOf, useData } from '../../api/use-data.ts';
import { Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { exactMoney, money, order, understood } from '../../ui/number.ts';
import { dayAndTime } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import { Deposit, Rate, TransferMoney, Withdraw } from './documents.ts';
import styles from './funding.module.css';
import { arriving } from './rules.ts';

export type Account = NonNullable<FundingViewQuery['accounts']>['nodes'][number];
export type MoneyAct = 'deposit' | 'withdraw' | 'transfer';

const titles: Record<MoneyAct, string> = { deposit: 'Deposit', withdraw: 'Withdraw', transfer: 'Transfer' };
const documents: Record<MoneyAct, { toString(): string }> = {
  deposit: Deposit,
  withdraw: Withdraw,
  transfer: TransferMoney,
};

interface Answer {
  __typename: string;
  message?: string;
}

/** One amount, one account or two, sent exactly once: the key is made with the intent and goes with every try. */
export function MoneyForm({
  act,
  account,
  accounts,
  onClose,
}: {
  act: MoneyAct;
  account: Account;
  accounts: readonly Account[];
  onClose: () => void;
}) {
  const client = useClient();
  const others = accounts.filter(({ id, status }) => id !== account.id && status === 'ACTIVE');
  const [text, setText] = useState('');
  const [to, setTo] = useState(others[0]?.accountId ?? '');
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const intent = useRef<{ key: string; body: string } | undefined>(undefined);
  const amount = understood(text);
  const target = others.find(({ accountId }) => accountId === to);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!amount.ok) return setProblem(amount.reason === 'empty' ? 'How much?' : 'Not an amount.');
    if (amount.value === '0') return setProblem('It has to be more than nothing.');
    if (act !== 'deposit' && order(amount.value, account.cashAvailable) > 0) {
      return setProblem(`${exactMoney(account.cashAvailable, account.currency)} are available.`);
    }
    const body = `${act} ${account.accountId} ${to} ${amount.value}`;
    if (intent.current?.body !== body) intent.current = { key: newIntentId(), body };
    const idempotencyKey = intent.current.key;
    const input =
      act === 'transfer'
        ? { fromAccountId: account.accountId, toAccountId: to, amount: amount.value, idempotencyKey }
        : { accountId: account.accountId, amount: amount.value, idempotencyKey };
    setBusy(true);
    setProblem('');
    const outcome = await sendOnce<Record<string, Answer | null>>(client, documents[act], { input });
    setBusy(false);
    if (outcome.kind === 'unknown')
      return setProblem('Nobody has answered. It may have been heard; sending the same again cannot do it twice.');
    if (outcome.kind === 'refused') return setProblem(troubleOf(outcome.error).message);
    const [answer] = Object.values(outcome.data);
    if (answer?.message !== undefined) return setProblem(answer.message);
    say(`${titles[act]} of ${money(amount.value, account.currency)} ${act === 'transfer' ? 'done' : 'on its way'}`);
    onClose();
  };

  return (
    <Dialog title={`${titles[act]}: ${account.name}`} shape="sheet" isOpen onClose={onClose}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        {act === 'transfer' && target === undefined && (
          <Notice tone="warn">There is no other account to transfer to.</Notice>
        )}
        {act === 'transfer' && target !== undefined && (
          <Choice
            label="To"
            options={others.map((each) => [each.accountId, `${each.name}, ${each.currency}`] as const)}
            value={to}
            onPick={setTo}
          />
        )}
        <Field
          label={`Amount, ${account.currency}`}
          inputMode="decimal"
          autoComplete="off"
          autoFocus
          value={text}
          onChange={(event) => setText(event.target.value)}
          problem={problem === '' ? undefined : problem}
          hint={
            act === 'deposit'
              ? 'From the bank that is linked to you.'
              : `${money(account.cashAvailable, account.currency)} available`
          }
        />
        {act === 'transfer' && target !== undefined && target.currency !== account.currency && (
          <Across from={account.currency} to={target.currency} amount={amount.ok ? amount.value : undefined} />
        )}
        <p className={styles.acts}>
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" kind="primary" disabled={isBusy || (act === 'transfer' && target === undefined)}>
            {isBusy ? 'Sending…' : titles[act]}
          </Button>
        </p>
      </form>
    </Dialog>
  );
}

/** The rate and what arrives, before anything is sent. */
function Across({ from, to, amount }: { from: string; to: string; amount: string | undefined }) {
  const { data, error } = useData(Rate, { from, to });
  const rate = data?.fxRate;
  if (rate == null)
    return <p className={styles.note}>{error === undefined ? '–' : 'There is no rate at the moment.'}</p>;
  const arrives = amount === undefined ? undefined : arriving(amount, from, rate);
  return (
    <dl className={styles.across}>
      <div>
        <dt>Rate</dt>
        <dd>
          1 {rate.base} = {exactMoney(rate.rate, rate.quote)} · {dayAndTime(rate.asOf)}
        </dd>
      </div>
      <div>
        <dt>Arrives, before the spread</dt>
        <dd>{money(arrives, to)}</dd>
      </div>
    </dl>
  );
}
