import { CombinedError } from '@urql/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import type { DeadLettersQuery } from '../../src/api/generated/graphql.ts';
import { DeadLettersTab } from '../../src/features/admin/dead-letters-tab.tsx';
import { Toasts } from '../../src/ui/toasts.tsx';
import { inputOf, renderBefore } from './before-gateway.tsx';

/** The page of dead letters alone, before a gateway that is a function: what it shows, asks and sends. */
type Letter = NonNullable<DeadLettersQuery['deadLetters']>['nodes'][number];

const letter = (id: string, more: Partial<Letter> = {}): Letter => ({
  id,
  consumer: 'portfolio-executions',
  subject: `exec.0.${id}.fill`,
  eventId: `event of ${id}`,
  error: `AppError (order_not_reserved): nothing is held for ${id}`,
  failedAt: '2026-11-26T14:30:00Z',
  deliveries: 1,
  attempts: 0,
  isRequeued: false,
  ...more,
});

let letters: Letter[] | undefined;
let next: Letter[] = [];
let sent: Record<string, unknown>[] = [];
let refusal: string | undefined;
let onSent = (): void => undefined;

function shown(mayDecide = true) {
  return renderBefore(
    (operation) => {
      if (operation.kind === 'mutation') {
        sent.push(inputOf(operation));
        onSent();
        const done = { __typename: refusal === undefined ? 'Done' : 'NotFound', message: refusal };
        return { data: { done } };
      }
      if (letters === undefined) {
        // One that is not tried again by itself.
        const error = { message: 'no', extensions: { code: 'INTERNAL', traceId: 'a trace' } };
        return { data: undefined, error: new CombinedError({ graphQLErrors: [error] }) };
      }
      const isNext = (operation.variables as { after: string | null }).after === 'behind';
      const pageInfo = { hasNextPage: !isNext && next.length > 0, endCursor: 'behind' };
      return { data: { deadLetters: { nodes: isNext ? next : letters, pageInfo } } };
    },
    () => (
      <>
        <DeadLettersTab mayDecide={mayDecide} />
        <Toasts />
      </>
    ),
  );
}

beforeEach(async () => {
  await page.viewport(1300, 700);
  [letters, next, sent, refusal, onSent] = [[], [], [], undefined, () => undefined];
});

test('where there are none, it says so', async () => {
  const screen = await shown();
  await expect.element(screen.getByText(/^Nothing is set aside/)).toBeVisible();
  await expect.element(screen.getByRole('table')).not.toBeInTheDocument();
});

test('where they cannot be read, it says so and can be tried again', async () => {
  letters = undefined;
  const screen = await shown();
  await expect.element(screen.getByText('The dead letters could not be read.')).toBeVisible();
  letters = [letter('one')];
  await screen.getByRole('button', { name: 'Try again' }).click();
  await expect.element(screen.getByText('exec.0.one.fill')).toBeVisible();
});

test('each says of what it is and why, and opened, all of it', async () => {
  letters = [letter('one', { attempts: 2 })];
  const screen = await shown();
  await expect.element(screen.getByRole('row', { name: /portfolio-executions.*failed again, 2×/ })).toBeVisible();
  await screen.getByRole('button', { name: 'More' }).click();
  await expect.element(screen.getByText('event of one')).toBeVisible();
});

test('whoever may only look is offered nothing else', async () => {
  letters = [letter('one'), letter('two')];
  const screen = await shown(false);
  await screen.getByRole('button', { name: 'More' }).first().click();
  await expect.element(screen.getByText('event of one')).toBeVisible();
  await expect.element(screen.getByRole('button', { name: /again|drop/i })).not.toBeInTheDocument();
});

describe('applied again', () => {
  test('one waits for the ledger, and is gone by itself once it is applied', async () => {
    letters = [letter('one')];
    onSent = () => {
      letters = [letter('one', { isRequeued: true })];
    };
    const screen = await shown();
    await screen.getByRole('button', { name: 'Apply again' }).click();
    await expect.element(screen.getByText('waits to be applied')).toBeVisible();
    expect(sent).toEqual([{ ids: ['one'] }]);
    await expect.element(screen.getByRole('button', { name: 'Apply again' })).toBeDisabled();
    letters = [];
    await expect.element(screen.getByText(/^Nothing is set aside/), { timeout: 15_000 }).toBeVisible();
  });

  test('are all of a page at once', async () => {
    letters = [letter('one'), letter('two')];
    const screen = await shown();
    await screen.getByRole('button', { name: 'Apply these 2 again' }).click();
    await expect.poll(() => sent).toEqual([{ ids: ['one', 'two'] }]);
  });
});

describe('dropping one', () => {
  test('is asked about first, needs a reason, and can be left', async () => {
    letters = [letter('one')];
    const screen = await shown();
    await screen.getByRole('button', { name: 'More' }).click();
    await screen.getByRole('button', { name: 'Drop' }).click();
    const dialog = screen.getByRole('dialog', { name: 'Drop this message for good?' });
    await expect.element(dialog).toBeVisible();
    await expect.element(screen.getByLabelText('Reason')).toHaveFocus();
    await screen.getByRole('button', { name: 'Drop it' }).click();
    expect((screen.getByLabelText('Reason').element() as HTMLInputElement).validity.valueMissing).toBe(true);
    await screen.getByRole('button', { name: 'Keep it' }).click();
    await expect.element(dialog).not.toBeInTheDocument();
    expect(sent).toEqual([]);
  });

  test('takes it away', async () => {
    letters = [letter('one')];
    onSent = () => {
      letters = [];
    };
    const screen = await shown();
    await screen.getByRole('button', { name: 'More' }).click();
    await screen.getByRole('button', { name: 'Drop' }).click();
    await screen.getByLabelText('Reason').fill('a mistake');
    await screen.getByRole('button', { name: 'Drop it' }).click();
    await expect.element(screen.getByText(/^Nothing is set aside/)).toBeVisible();
    expect(sent).toEqual([{ ids: ['one'], reason: 'a mistake' }]);
  });

  test('that somebody else has taken meanwhile says so, over the question', async () => {
    letters = [letter('one')];
    refusal = 'no dead letter one';
    const screen = await shown();
    await screen.getByRole('button', { name: 'More' }).click();
    await screen.getByRole('button', { name: 'Drop' }).click();
    await screen.getByLabelText('Reason').fill('a mistake');
    await screen.getByRole('button', { name: 'Drop it' }).click();
    await expect.element(screen.getByText('no dead letter one')).toBeVisible();
    await expect.element(screen.getByRole('dialog')).toBeVisible();
  });
});

test('more than a page are read page by page, and one comes back to the oldest', async () => {
  letters = [letter('one')];
  next = [letter('last')];
  const screen = await shown();
  await screen.getByRole('button', { name: 'Newer ones' }).click();
  await expect.element(screen.getByText('exec.0.last.fill')).toBeVisible();
  await expect.element(screen.getByRole('button', { name: 'Newer ones' })).not.toBeInTheDocument();
  await screen.getByRole('button', { name: 'From the oldest' }).click();
  await expect.element(screen.getByText('exec.0.one.fill')).toBeVisible();
});
