import { createClient, type OperationResult } from '@urql/core';
import { Provider } from 'urql';
import { beforeEach, describe, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { map, pipe } from 'wonka';
import { emptyDraft } from '../../src/features/instrument/draft.ts';
import { Ticket } from '../../src/features/instrument/ticket.tsx';
import { topics } from '../../src/live/topics.ts';
import { setLocale } from '../../src/ui/number.ts';
import { setTaste } from '../../src/ui/taste.ts';
import { account, instrument, quoted } from './acme.ts';

/** The ticket alone, with a gateway that is a function: what is sent is what was seen. */
type Sent = { accountId: string; clientOrderId: string; order: Record<string, unknown> };
let sent: Sent[] = [];
let answer: unknown;
let preview: unknown;

function ticket(of: Partial<typeof instrument> = {}, isAccountLoading = false) {
  const client = createClient({
    url: '/graphql',
    exchanges: [
      () => (operations) =>
        pipe(
          operations,
          map((operation): OperationResult => {
            const isPlacing = operation.kind === 'mutation';
            if (isPlacing) sent.push((operation.variables as { input: Sent }).input);
            const data = isPlacing ? { placeOrder: answer } : { previewOrder: preview };
            return { operation, data, stale: false, hasNext: false };
          }),
        ),
    ],
  });
  return (
    <Provider value={client}>
      <Ticket
        instrument={{ ...instrument, ...of }}
        account={isAccountLoading ? undefined : account}
        isAccountLoading={isAccountLoading}
      />
    </Provider>
  );
}

const outcomeIn = (place: Element): (string | null)[] =>
  [...place.querySelectorAll('dl dd')].map((value) => value.textContent);
const nothing = ['–', '–', '–', '–', '–'];

beforeEach(() => {
  sessionStorage.clear();
  setLocale('en-US');
  setTaste({ confirmsOrders: false });
  sent = [];
  answer = { __typename: 'Order', id: 'o' };
  preview = null;
  quoted({});
});

describe('the ticket', () => {
  test('says what it will do, and sends just that, once', async () => {
    const screen = await render(ticket());
    await screen.getByLabelText('Quantity').fill('25');
    await screen.getByLabelText('Limit price').fill('187.2');
    await screen.getByRole('button', { name: /^Buy 25 ACME/ }).click();
    await expect.element(screen.getByText('Sent. Its state is in the list of orders.')).toBeVisible();
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      accountId: 'a',
      order: { symbol: 'ACME', side: 'BUY', type: 'LIMIT', quantity: '25', limitPrice: '187.2' },
    });
    expect(sent[0]?.clientOrderId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is red nowhere before a field was touched, and says one sentence beneath the field at fault', async () => {
    const screen = await render(ticket());
    expect(screen.container.querySelectorAll('[aria-invalid=true]')).toHaveLength(0);
    await screen.getByLabelText('Quantity').fill('1');
    await screen.getByLabelText('Limit price').fill('187.205');
    screen.getByLabelText('Good').element().focus();
    await expect
      .element(screen.getByLabelText('Limit price'))
      .toHaveAccessibleDescription('Between two ticks. The next price is 187.21.');
    await screen.getByRole('button', { name: /^Buy 1 ACME/ }).click();
    expect(sent).toEqual([]);
  });

  test('puts the words of a refusal where the server says that the fault is', async () => {
    answer = {
      __typename: 'InvalidOrder',
      code: 'price_too_far',
      message: 'the price is too far away',
      field: 'order.limitPrice',
    };
    const screen = await render(ticket());
    await screen.getByLabelText('Quantity').fill('1');
    await screen.getByLabelText('Limit price').fill('1');
    await screen.getByRole('button', { name: /^Buy 1 ACME/ }).click();
    await expect.element(screen.getByLabelText('Limit price')).toHaveAccessibleDescription('the price is too far away');
  });

  test('a changed ticket is a new intent with an id of its own', async () => {
    const screen = await render(ticket());
    for (const quantity of ['1', '2']) {
      await screen.getByLabelText('Quantity').fill(quantity);
      await screen.getByLabelText('Limit price').fill('187');
      await screen.getByRole('button', { name: new RegExp(`^Buy ${quantity} ACME`) }).click();
      await expect.poll(() => sent.length).toBe(Number(quantity));
    }
    expect(new Set(sent.map(({ clientOrderId }) => clientOrderId)).size).toBe(2);
  });

  test('while the account is looked for nothing can be sent, and nobody says that there is none', async () => {
    const screen = await render(ticket({}, true));
    await expect.element(screen.getByRole('button', { name: /^Buy ACME/ })).toBeDisabled();
    expect(screen.container.textContent).not.toContain('Open an account');
  });

  test('a halted symbol cannot be ordered', async () => {
    const screen = await render(ticket({ halted: true }));
    await expect.element(screen.getByRole('button', { name: /^Buy ACME/ })).toBeDisabled();
    await expect.element(screen.getByText(/ACME is halted/)).toBeVisible();
  });

  test('more than the buying power is refused before anybody is asked, and no outcome is shown', async () => {
    const screen = await render(ticket());
    await screen.getByLabelText('Quantity').fill('100');
    await screen.getByLabelText('Limit price').fill('187.2');
    screen.getByLabelText('Good').element().focus();
    await expect.element(screen.getByText('That is more than the buying power.')).toBeVisible();
    expect(outcomeIn(screen.container)).toEqual(nothing);
  });

  test('what is beneath the ticket stands still while one types: the place of the outcome is kept', async () => {
    const screen = await render(ticket());
    const form = screen.getByRole('form', { name: 'Ticket for ACME' }).element();
    await expect.element(screen.getByLabelText('Limit price')).toHaveValue('187.21');
    const before = form.getBoundingClientRect().height;
    expect(outcomeIn(form)).toEqual(nothing);
    await screen.getByLabelText('Quantity').fill('10');
    await expect.poll(() => outcomeIn(form)[0]).toBe('$1,872.10');
    expect(form.getBoundingClientRect().height).toBe(before);
  });

  test('what the server would refuse has no outcome either', async () => {
    preview = { __typename: 'InvalidOrder', code: 'price_too_far', message: 'too far away', field: 'order.limitPrice' };
    const screen = await render(ticket());
    await screen.getByLabelText('Quantity').fill('1');
    await screen.getByLabelText('Limit price').fill('1');
    screen.getByLabelText('Good').element().focus();
    await expect.element(screen.getByText('too far away')).toBeVisible();
    expect(outcomeIn(screen.container)).toEqual(nothing);
  });

  test('a newcomer needs no price: the limit is at the ask, and what is sent is what is seen', async () => {
    const screen = await render(ticket());
    const price = screen.getByLabelText('Limit price');
    await expect.element(price).toHaveValue('187.21');
    await screen.getByLabelText('Quantity').fill('10');
    await screen.getByRole('button', { name: /^Buy 10 ACME/ }).click();
    await expect.poll(() => sent).toHaveLength(1);
    expect(sent[0]?.order).toMatchObject({ type: 'LIMIT', quantity: '10', limitPrice: '187.21' });
  });

  test('a price that nobody typed follows its side of the market, in the notation of the reader', async () => {
    setLocale('de-DE');
    const screen = await render(ticket());
    const price = screen.getByLabelText('Limit price');
    await expect.element(price).toHaveValue('187,21');
    quoted({ ask: '187.3', bid: '187.28' });
    await expect.element(price).toHaveValue('187,30');
    await screen.getByRole('radio', { name: 'Sell' }).click();
    await expect.element(price).toHaveValue('187,28');
    await expect.element(screen.getByRole('button', { name: 'At the bid' })).toHaveAttribute('aria-pressed', 'true');
  });

  test('what the book offers goes before what a quote says', async () => {
    const level = (price: string) => ({ price, quantity: '100', orders: 1 });
    topics.publish('book:BOOKED', { asks: [level('187.25')], bids: [level('187.15')] }, 'frame');
    quoted({ symbol: 'BOOKED' });
    const screen = await render(ticket({ symbol: 'BOOKED' }));
    await expect.element(screen.getByLabelText('Limit price')).toHaveValue('187.25');
    topics.publish('book:BOOKED', { asks: [level('187.3')], bids: [level('187.15')] }, 'frame');
    await expect.element(screen.getByLabelText('Limit price')).toHaveValue('187.30');
  });

  test('it stands still while it is edited, stays as typed, and follows again when it is asked to', async () => {
    const screen = await render(ticket());
    const price = screen.getByLabelText('Limit price');
    const following = screen.getByRole('button', { name: 'At the ask' });
    await price.click();
    quoted({ ask: '188' });
    await new Promise(requestAnimationFrame);
    await expect.element(price).toHaveValue('187.21');
    // All of it is chosen: the first key writes over it.
    await userEvent.keyboard('187.1');
    await expect.element(price).toHaveValue('187.1');
    await expect.element(following).toHaveAttribute('aria-pressed', 'false');
    await userEvent.keyboard('{Backspace}'.repeat(5));
    await expect.element(price).toHaveValue('');
    await userEvent.keyboard('187.1{Tab}');
    await expect.element(price).toHaveValue('187.1');
    await following.click();
    await expect.element(price).toHaveValue('188.00');
  });

  test('what was not taken keeps its price, so that once more is the same order', async () => {
    answer = { __typename: 'Refusal', code: 'busy', message: 'not just now' };
    const screen = await render(ticket());
    await screen.getByLabelText('Quantity').fill('10');
    await screen.getByRole('button', { name: /^Buy 10 ACME/ }).click();
    await expect.element(screen.getByText('not just now')).toBeVisible();
    quoted({ ask: '190' });
    await expect.element(screen.getByRole('button', { name: 'At the ask' })).toHaveAttribute('aria-pressed', 'false');
    await expect.element(screen.getByLabelText('Limit price')).toHaveValue('187.21');
  });

  test('the question asked holds the price that it names', async () => {
    setTaste({ confirmsOrders: true });
    const screen = await render(ticket());
    await screen.getByLabelText('Quantity').fill('10');
    await screen.getByRole('button', { name: /^Buy 10 ACME/ }).click();
    const asked = screen.getByRole('dialog');
    await expect.element(asked.getByText(/187\.21/)).toBeVisible();
    quoted({ ask: '190' });
    await asked.getByRole('button', { name: /^Buy 10 ACME/ }).click();
    await expect.poll(() => sent).toHaveLength(1);
    expect(sent[0]?.order).toMatchObject({ limitPrice: '187.21' });
    // The next one begins where the market is by then.
    await expect.element(screen.getByLabelText('Limit price')).toHaveValue('190.00');
  });

  test('a price that nobody vouches for is not offered, and whoever types one is told', async () => {
    quoted({ isStale: true, validUntil: null });
    const screen = await render(ticket());
    await expect.element(screen.getByLabelText('Limit price')).toHaveValue('');
    await expect.element(screen.getByText('The price is old: look before you send.')).toBeVisible();
  });

  test('a trailing stop follows in percent, or by an amount: the other one is a press away', async () => {
    setTaste({ confirmsOrders: true });
    const screen = await render(ticket());
    await screen.getByLabelText('Type').selectOptions('TRAILING_STOP');
    await screen.getByLabelText('Quantity').fill('10');
    await screen.getByLabelText('Trail, %').fill('2');
    await screen.getByRole('button', { name: 'in USD' }).click();
    // Two percent are not two dollars.
    await expect.element(screen.getByLabelText('Trail', { exact: true })).toHaveValue('');
    await screen.getByLabelText('Trail', { exact: true }).fill('1.5');
    await screen.getByRole('button', { name: /^Buy 10 ACME/ }).click();
    const asked = screen.getByRole('dialog');
    await expect.element(asked.getByText('Buy 10 ACME with a trailing stop, $1.50 behind.')).toBeVisible();
    await asked.getByRole('button', { name: /^Buy 10 ACME/ }).click();
    await expect.poll(() => sent).toHaveLength(1);
    expect(sent[0]?.order).toMatchObject({ type: 'TRAILING_STOP', trailAmount: '1.5' });
    expect(sent[0]?.order).not.toHaveProperty('trailPercent');
  });

  test('a ticket that an older page has kept goes on, with what that page did not know as usual', async () => {
    const { trailIn: _, ...older } = { ...emptyDraft, size: '7', type: 'STOP' as const, stopPrice: '150' };
    sessionStorage.setItem('andvari.ticket', JSON.stringify({ symbol: 'ACME', draft: older }));
    const screen = await render(ticket());
    await expect.element(screen.getByLabelText('Quantity')).toHaveValue('7');
    await expect.element(screen.getByLabelText('Stop price')).toHaveValue('150');
  });

  test('at market is one press away', async () => {
    const screen = await render(ticket());
    await screen.getByRole('button', { name: 'At market' }).click();
    await expect.element(screen.getByLabelText('Limit price')).not.toBeInTheDocument();
    await screen.getByLabelText('Quantity').fill('10');
    await screen.getByRole('button', { name: /^Buy 10 ACME/ }).click();
    await expect.poll(() => sent).toHaveLength(1);
    expect(sent[0]?.order).toMatchObject({ type: 'MARKET' });
  });
});
