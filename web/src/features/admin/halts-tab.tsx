import type { FormEvent } from 'react';
import { useData } from '../../api/use-data.ts';
import { Block, Section } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { dayAndTime } from '../../ui/time.ts';
import styles from './admin.module.css';
import { AllInstruments, Halt, Resume } from './documents.ts';
import { useAct } from './use-act.ts';

/** What does not trade at the moment, and why; everybody sees the reason. */
export function HaltsTab() {
  const { data, isLoading, error, reload } = useData(AllInstruments, { after: null });
  const act = useAct();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const symbol = formText(form, 'symbol').toUpperCase();
    const input = { symbol, reason: formText(form, 'reason') };
    if (await act(Halt, { input }, `${symbol} is halted`)) form.reset();
  };
  return (
    <>
      <form className={styles.line} onSubmit={(event) => void submit(event)}>
        <Field label="Symbol" name="symbol" required autoComplete="off" maxLength={20} />
        <Field label="Reason, for everybody to see" name="reason" required maxLength={200} />
        <Button type="submit" kind="danger">
          Halt
        </Button>
      </form>
      <Section title="Halted now">
        <Block
          data={data?.instruments?.nodes.filter(({ halted }) => halted)}
          isLoading={isLoading}
          error={error}
          reload={reload}
          what="The halts"
          isEmpty={(halted) => halted.length === 0}
          empty="Everything trades."
        >
          {(halted) => (
            <ul className={styles.rows}>
              {halted.map(({ id, symbol, name, haltReason, haltedAt }) => (
                <li key={id}>
                  <span>
                    <strong>{symbol}</strong> {name}
                    <br />
                    <small>
                      {haltReason ?? 'without a reason'}
                      {haltedAt === null ? '' : ` · since ${dayAndTime(haltedAt)}`}
                    </small>
                  </span>
                  <Button onClick={() => void act(Resume, { symbol }, `${symbol} trades again`)}>Resume</Button>
                </li>
              ))}
            </ul>
          )}
        </Block>
      </Section>
    </>
  );
}
