import { type FormEvent, useState } from 'react';
import type { ActionsQuery } from '../../api/generated/graphql.ts';
import { newIntentId } from '../../api/sends.ts';
import { useData } from '../../api/use-data.ts';
import { Block, Section } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { type Column, Grid } from '../../ui/grid.tsx';
import { exactMoney, understood } from '../../ui/number.ts';
import { dayAndTime } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import styles from './admin.module.css';
import { Actions, ApplyAction } from './documents.ts';
import { useAct } from './use-act.ts';

type Action = NonNullable<ActionsQuery['corporateActions']>['nodes'][number];
const types = [
  ['SPLIT', 'Split'],
  ['CASH_DIVIDEND', 'Cash dividend'],
] as const;

/** Splits and dividends of one instrument. The id is made with the intent, so pressing twice applies it once. */
export function ActionsTab() {
  const [symbol, setSymbol] = useState('');
  const [type, setType] = useState<(typeof types)[number][0]>('SPLIT');
  const [id, setId] = useState(newIntentId);
  const act = useAct();
  const { data, isLoading, error, reload } = useData(Actions, { symbol }, { pause: symbol === '' });
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const what = type === 'SPLIT' ? splitOf(form) : dividendOf(form);
    if (what === undefined) return say('That is not a number');
    const input = { id, symbol, type, exDate: formText(form, 'exDate'), ...what };
    if (!(await act(ApplyAction, { input }, `${symbol}: applied`))) return;
    setId(newIntentId());
    reload();
  };
  return (
    <>
      <form className={styles.line} onSubmit={(event) => void submit(event)}>
        <Field
          label="Symbol"
          value={symbol}
          onChange={(event) => setSymbol(event.target.value.trim().toUpperCase())}
          required
          autoComplete="off"
          maxLength={20}
        />
        <Choice label="What" options={types} value={type} onPick={setType} />
        {type === 'SPLIT' ? (
          <>
            <Field label="For each" name="from" inputMode="numeric" pattern="[0-9]+" defaultValue="1" required />
            <Field label="There will be" name="to" inputMode="numeric" pattern="[0-9]+" required />
          </>
        ) : (
          <>
            <Field label="For each share" name="amount" inputMode="decimal" required />
            <Field label="Currency" name="currency" defaultValue="USD" pattern="[A-Z]{3}" required />
          </>
        )}
        <Field label="Ex date" name="exDate" type="date" required />
        <Button type="submit" kind="danger">
          Apply
        </Button>
      </form>
      {symbol !== '' && (
        <Section title={`Of ${symbol}`}>
          <Block
            data={data?.corporateActions}
            isLoading={isLoading}
            error={error}
            reload={reload}
            what="The corporate actions"
            isEmpty={({ nodes }) => nodes.length === 0}
            empty="There were none."
          >
            {({ nodes }) => <Grid label="Corporate actions" columns={columns} rows={nodes} keyOf={(each) => each.id} />}
          </Block>
        </Section>
      )}
    </>
  );
}

/** Shares are counted: these are whole numbers and no amounts. */
function splitOf(form: HTMLFormElement): { ratioFrom: number; ratioTo: number } | undefined {
  const [ratioFrom, ratioTo] = [formText(form, 'from'), formText(form, 'to')].map((text) => Number.parseInt(text, 10));
  return ratioFrom === undefined || ratioTo === undefined ? undefined : { ratioFrom, ratioTo };
}

function dividendOf(form: HTMLFormElement): { amount: string; currency: string } | undefined {
  const amount = understood(formText(form, 'amount'));
  return amount.ok ? { amount: amount.value, currency: formText(form, 'currency') } : undefined;
}

const columns: Column<Action>[] = [
  { key: 'exDate', title: 'Ex date', phone: 'start', cell: ({ exDate }) => exDate },
  {
    key: 'type',
    title: 'What',
    phone: 'end',
    cell: ({ type, ratioFrom, ratioTo, amount, currency }) =>
      type === 'SPLIT'
        ? `Split ${ratioTo ?? '?'} for ${ratioFrom ?? '?'}`
        : `Dividend ${exactMoney(amount, currency ?? 'USD')}`,
  },
  {
    key: 'applied',
    title: 'Applied',
    phone: 'start-2',
    cell: ({ appliedAt }) => (appliedAt === null ? 'not yet' : dayAndTime(appliedAt)),
  },
];
