import { CURRENCIES } from '@andvari/money/currency';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { chooseAccount, useAccounts } from '../../api/account.ts';
import { newIntentId } from '../../api/sends.ts';
import { useData, useSend } from '../../api/use-data.ts';
import { Amount } from '../../ui/amount.tsx';
import { Block, Page, Section } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { money } from '../../ui/number.ts';
import { exactTime, when } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import { FundingView, OpenAnother } from './documents.ts';
import styles from './funding.module.css';
import { type Account, type MoneyAct, MoneyForm } from './money-form.tsx';
import { stepsOf } from './rules.ts';

const kindWords: Record<string, string> = {
  INVESTMENT: 'Investment',
  SAVINGS: 'Savings',
  CHEQUING: 'Chequing',
  UNKNOWN: '–',
};

export function FundingPage() {
  const { data, isLoading, error, reload } = useData(FundingView, {});
  const [doing, setDoing] = useState<{ act: MoneyAct; account: Account } | undefined>();
  const [isOpening, setOpening] = useState(false);
  return (
    <Page
      title="Funding"
      side={
        <Button onClick={() => setOpening(true)}>
          {data?.accounts?.nodes.length === 0 ? 'Open an account' : 'Open another account'}
        </Button>
      }
    >
      <Block
        data={data?.accounts}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="Your accounts"
        isEmpty={({ nodes }) => nodes.length === 0}
        empty={<Link to="/welcome">Open the first account</Link>}
      >
        {({ nodes }) =>
          nodes.map((account) => (
            <AccountBlock key={account.id} account={account} onAct={(act) => setDoing({ act, account })} />
          ))
        }
      </Block>
      {doing !== undefined && (
        <MoneyForm
          act={doing.act}
          account={doing.account}
          accounts={data?.accounts?.nodes ?? []}
          onClose={() => setDoing(undefined)}
        />
      )}
      <OpenAccount isOpen={isOpening} onClose={() => setOpening(false)} />
    </Page>
  );
}

function AccountBlock({ account, onAct }: { account: Account; onAct: (act: MoneyAct) => void }) {
  const { account: trading } = useAccounts();
  const { currency } = account;
  const isTrading = trading?.id === account.id;
  const figures: [string, string | undefined][] = [
    ['Cash', account.cash],
    ['Held for orders', account.buyingPower?.reservedForOrders],
    ['Held for withdrawals', account.buyingPower?.reservedForWithdrawals],
    ['Available', account.cashAvailable],
  ];
  return (
    <Section
      title={`${account.name} · ${kindWords[account.kind]} · ${currency}`}
      side={
        <span className={styles.acts}>
          <Button onClick={() => onAct('deposit')}>Deposit</Button>
          <Button onClick={() => onAct('withdraw')}>Withdraw</Button>
          <Button onClick={() => onAct('transfer')}>Transfer</Button>
        </span>
      }
    >
      <dl className={styles.figures}>
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <Amount>{money(value, currency)}</Amount>
            </dd>
          </div>
        ))}
        <div>
          <dt>Number</dt>
          <dd>{account.number}</dd>
        </div>
      </dl>
      <p className={styles.note}>
        {isTrading ? (
          'Orders are traded with this account.'
        ) : (
          <button type="button" className="link" onClick={() => chooseAccount(account.accountId)}>
            Trade with this account
          </button>
        )}
      </p>
      {(account.fundings?.nodes ?? []).length > 0 && (
        <ol className={styles.fundings} aria-label="Deposits and withdrawals">
          {account.fundings?.nodes.map((funding) => (
            <li key={funding.id}>
              <time dateTime={funding.requestedAt} title={exactTime(funding.requestedAt)}>
                {when(funding.requestedAt)}
              </time>
              <span>{funding.type === 'WITHDRAWAL' ? 'Withdrawal' : 'Deposit'}</span>
              <strong>
                <Amount>{money(funding.amount, funding.currency)}</Amount>
              </strong>
              <span className={styles.steps}>
                {stepsOf(funding.type, funding.state).map(({ word, isDone }) => (
                  <span key={word} data-done={isDone || undefined}>
                    {isDone ? '●' : '○'} {word}
                  </span>
                ))}
                {funding.reason !== null && <small>{funding.reason}</small>}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

const kinds = [
  ['INVESTMENT', 'Investment: to trade with'],
  ['SAVINGS', 'Savings'],
  ['CHEQUING', 'Chequing'],
] as const;
const currencies = CURRENCIES.map((code) => [code, code] as const);

function OpenAccount({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const send = useSend();
  const [kind, setKind] = useState<(typeof kinds)[number][0]>('INVESTMENT');
  const [currency, setCurrency] = useState<(typeof CURRENCIES)[number]>('USD');
  const [intent, setIntent] = useState(newIntentId);
  const [problem, setProblem] = useState('');
  const open = async (name: string): Promise<void> => {
    const answer = await send(OpenAnother, { input: { kind, currency, name, idempotencyKey: intent } });
    if (!answer.ok) return setProblem(answer.trouble.message);
    setIntent(newIntentId());
    const result = answer.data.openAccount;
    if (result !== null && result.__typename !== 'Account') return setProblem(result.message);
    say(`${name} is open`);
    onClose();
  };
  return (
    <Dialog title="Open an account" shape="sheet" isOpen={isOpen} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void open(formText(event.currentTarget, 'name'));
        }}
      >
        <Choice label="Kind" options={kinds} value={kind} onPick={setKind} />
        <Choice label="Currency" options={currencies} value={currency} onPick={setCurrency} />
        <Field label="Name" name="name" required maxLength={80} problem={problem === '' ? undefined : problem} />
        <p className={styles.acts}>
          <Button type="submit" kind="primary">
            Open it
          </Button>
        </p>
      </form>
    </Dialog>
  );
}
