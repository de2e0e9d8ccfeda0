import type { FormEvent } from 'react';
import type { FeesQuery } from '../../api/generated/graphql.ts';
import { useData } from '../../api/use-data.ts';
import { Block, Section } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { type Column, Grid } from '../../ui/grid.tsx';
import { quantity, understood } from '../../ui/number.ts';
import { dayAndTime } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import styles from './admin.module.css';
import { Fees, SetFees } from './documents.ts';
import { useAct } from './use-act.ts';

type Schedule = NonNullable<FeesQuery['feeSchedules']>['nodes'][number];
const amounts = [
  ['perOrder', 'Per order'],
  ['perShare', 'Per share'],
  ['basisPoints', 'Basis points'],
  ['minimum', 'At least'],
  ['maximum', 'At most'],
] as const;

export function FeesTab() {
  const { data, isLoading, error, reload } = useData(Fees, {});
  const act = useAct();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = amounts.map(([name, label]) => ({ name, label, found: understood(formText(form, name)) }));
    const wrong = given.find(({ found }) => !found.ok && found.reason !== 'empty');
    if (wrong !== undefined) return say(`${wrong.label} is not a number`);
    const fees = given.flatMap(({ name, found }) => (found.ok ? [[name, found.value]] : []));
    const input = { name: formText(form, 'name'), ...Object.fromEntries(fees) };
    if (await act(SetFees, { input }, `${input.name} holds from now on`)) reload();
  };
  return (
    <>
      <Block
        data={data?.feeSchedules}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="The fees"
        isEmpty={({ nodes }) => nodes.length === 0}
        empty="Trading is free."
      >
        {({ nodes }) => <Grid label="Fees" columns={columns} rows={nodes} keyOf={({ id }) => id} />}
      </Block>
      <Section title="Other fees from now on">
        <form className={styles.line} onSubmit={(event) => void submit(event)}>
          <Field label="Name" name="name" required maxLength={80} defaultValue="standard" />
          {amounts.map(([name, label]) => (
            <Field key={name} label={label} name={name} inputMode="decimal" autoComplete="off" />
          ))}
          <Button type="submit" kind="danger">
            Set them
          </Button>
        </form>
      </Section>
    </>
  );
}

const columns: Column<Schedule>[] = [
  { key: 'name', title: 'Name', phone: 'start', cell: ({ name }) => name },
  ...amounts.map(
    ([key, title]): Column<Schedule> => ({ key, title, align: 'end', cell: (schedule) => quantity(schedule[key]) }),
  ),
  { key: 'from', title: 'From', phone: 'end', cell: ({ effectiveFrom }) => dayAndTime(effectiveFrom) },
];
