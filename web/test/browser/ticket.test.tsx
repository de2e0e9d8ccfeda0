import { createClient, type OperationResult } from '@urql/core';
import { Provider } from 'urql';
import { beforeEach, describe, expect, test } from 'vitest';
import { render } from 'vitest-browser-react';
import { map, pipe } from 'wonka';
import { Ticket } from '../../src/features/instrument/ticket.tsx';
import { type Quote, seedQuotes } from '../../src/live/market-feed.ts';
import { setLocale } from '../../src/ui/number.ts';
import { setTaste } from '../../src/ui/taste.ts';

/** The ticket alone, with a gateway that is a function: what is sent is what was seen. */
const instrument = {
  symbol: 'ACME',
  currency: 'USD',
  tick: '0.01',
  tickBelowOne: '0.0001',
  lot: '0.000001',
  fractionable: true,
  tradable: true,
  halted: false,
  minNotional: '1',
  maxQuantity: '1000000',
  maxPrice: '1000000',
};
const account = {
  __typename: 'Account' as const,
  id: 'a',
  accountId: 'a',
  currency: 'USD',
  status: 'ACTIVE' as const,
  buyingPower: { __typename: 'BuyingPower' as const, amount: '10000', currency: 'USD' },
  holdings: { nodes: [] },
  feeSchedule: null,
};

type Sent = { accountId: string; clientOrderId: string; order: Record<string, unknown> };
let sent: Sent[] = [];
let answer: unknown;
let preview: unknown;

function ticket(of: Partial<typeof instrument> = {}) {
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
      <Ticket instrument={{ ...instrument, ...of }} account={account} />
    </Provider>
  );
}

beforeEach(() => {
  sessionStorage.clear();
  setLocale('en-US');
  setTaste({ confirmsOrders: false });
  sent = [];
  answer = { __typename: 'Order', id: 'o' };
  preview = null;
  const asOf = new Date().toISOString();
  const quote = {
    symbol: 'ACME',
    last: '187.20',
    bid: '187.19',
    ask: '187.21',
    asOf,
    validUntil: new Date(Date.now() + 60_000).toISOString(),
    isStale: false,
  };
  seedQuotes([quote as Quote]);
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
    expect(screen.container.textContent).not.toContain('Costs at the most');
  });

  test('what the server would refuse has no outcome either', async () => {
    preview = { __typename: 'InvalidOrder', code: 'price_too_far', message: 'too far away', field: 'order.limitPrice' };
    const screen = await render(ticket());
    await screen.getByLabelText('Quantity').fill('1');
    await screen.getByLabelText('Limit price').fill('1');
    screen.getByLabelText('Good').element().focus();
    await expect.element(screen.getByText('too far away')).toBeVisible();
    expect(screen.container.textContent).not.toContain('Costs at the most');
  });
});
