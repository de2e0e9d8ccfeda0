import { useSyncExternalStore } from 'react';
import { beforeEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { BlotterGrid } from '../../src/features/orders/blotter-grid.tsx';
import type { Order } from '../../src/features/orders/rows.ts';
import { setLocale } from '../../src/ui/number.ts';
import { newestFirst } from '../rules/orders.ts';
import { inputOf, renderBefore } from './before-gateway.tsx';

/** The list of orders alone, before a gateway that is a function: what replacing asks, sends and leaves behind. */
let orders: readonly Order[] = [];
let sent: Record<string, unknown>[] = [];
/** What the gateway says of a change before it is sent. */
let foreseen: ((input: Record<string, unknown>) => object) | undefined;
const listeners = new Set<() => void>();

/** A change that holds nothing, and trades nothing. */
const foreseenNothing = {
  __typename: 'ReplacementPreview',
  fillsQuantity: '0',
  averagePrice: null,
  maximumFee: '0',
  held: '0',
  reserved: '0',
  availableAfter: '0',
  refusals: [],
  warnings: [],
};

function become(next: readonly Order[]): void {
  orders = next;
  for (const listener of listeners) listener();
}

function Blotter() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => orders,
  );
  return <BlotterGrid orders={shown} currency="USD" />;
}

function blotter() {
  return renderBefore((operation) => {
    if (operation.kind !== 'mutation') return { data: { previewReplacement: foreseen?.(inputOf(operation)) ?? null } };
    sent.push(inputOf(operation));
    return { data: { replaceOrder: { __typename: 'Order', id: 'next' } } };
  }, Blotter);
}

beforeEach(async () => {
  await page.viewport(1200, 700);
  setLocale('en-US');
  sent = [];
  foreseen = undefined;
});

test.each([
  ['where all orders are', true, /Buy 10 ACME, Replaced/],
  ['where only open ones are, its successor', false, /Buy 12 ACME, Working/],
])('replaced by keys alone, the row it came from has the focus again: %s', async (_, showsEnded, focused) => {
  const [before, old, after] = newestFirst(['before', 'old', 'after']);
  if (before === undefined || old === undefined || after === undefined) throw new Error('no orders');
  become([{ ...before, quantity: '5' }, old, { ...after, quantity: '7' }]);
  const screen = await blotter();
  const row = screen.getByRole('row', { name: /Buy 10 ACME, Working/ });
  await expect.element(row).toBeVisible();
  (row.element() as HTMLElement).focus();
  await userEvent.keyboard('r');
  await expect.element(screen.getByRole('dialog', { name: 'Replace ACME' })).toBeVisible();
  await expect.element(screen.getByLabelText('Quantity in all')).toHaveFocus();
  await screen.getByLabelText('Quantity in all').fill('12');
  await userEvent.keyboard('{Enter}');
  await expect.poll(() => sent).toHaveLength(1);
  await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
  await expect.element(row).toHaveFocus();
  become([
    { ...old, id: 'next', orderId: 'next', quantity: '12', replaces: 'old' },
    { ...before, quantity: '5' },
    ...(showsEnded ? [{ ...old, status: 'REPLACED' as const, isOpen: false, replacedBy: 'next' }] : []),
    { ...after, quantity: '7' },
  ]);
  await expect.element(screen.getByRole('row', { name: focused })).toHaveFocus();
});

test('a change says beforehand what it would hold, and instead of that why it would be refused', async () => {
  const [old] = newestFirst(['old']);
  if (old === undefined) throw new Error('no order');
  become([old]);
  foreseen = ({ quantity }) => ({
    __typename: 'ReplacementPreview',
    fillsQuantity: '0',
    averagePrice: null,
    maximumFee: '1.5',
    held: '1870',
    reserved: '374.123456',
    availableAfter: '123456789012345.67',
    refusals:
      quantity === '12'
        ? []
        : [{ __typename: 'InvalidOrder', code: 'quantity_invalid', message: 'Too many.', field: 'quantity' }],
    warnings: [],
  });
  const screen = await blotter();
  (screen.getByRole('row', { name: /Buy 10 ACME/ }).element() as HTMLElement).focus();
  await userEvent.keyboard('r');
  const size = screen.getByLabelText('Quantity in all');
  await size.fill('12');
  await expect.element(screen.getByText('Buying power after')).toBeVisible();
  const said = screen.getByRole('dialog').element().textContent;
  expect(said).toContain('after$123,456,789,012,345.67');
  expect(said).toContain('Held for it now$1,870.00');
  await size.fill('99');
  await expect.element(size).toHaveAccessibleDescription('Too many.');
  await expect.element(screen.getByText('Buying power after')).not.toBeInTheDocument();
  expect(sent).toEqual([]);
});

test('one that the money is too short for says by how much, exactly', async () => {
  const [old] = newestFirst(['old']);
  if (old === undefined) throw new Error('no order');
  become([old]);
  const short = { required: '374.123456', available: '200', shortBy: '174.123456' };
  const message = 'there is not enough buying power';
  foreseen = () => ({
    ...foreseenNothing,
    refusals: [{ __typename: 'InsufficientBuyingPower', code: 'insufficient_buying_power', message, ...short }],
  });
  const screen = await blotter();
  (screen.getByRole('row', { name: /Buy 10 ACME/ }).element() as HTMLElement).focus();
  await userEvent.keyboard('r');
  await screen.getByLabelText('Quantity in all').fill('12');
  await expect.element(screen.getByText(message)).toBeVisible();
  const said = screen.getByRole('dialog').element().textContent;
  expect(said).toContain('Would be held besides$374.12');
  expect(said).toContain('Short by$174.12');
  expect(said).not.toContain('Buying power after');
});

test('an exit of a group is foreseen in shares, and its size is its group’s', async () => {
  const [old] = newestFirst(['exit']);
  if (old === undefined) throw new Error('no order');
  const exit = { side: 'SELL', status: 'HELD', limitPrice: '200', groupId: 'g', groupType: 'BRACKET', groupLeg: 1 };
  become([{ ...old, ...exit } as Order]);
  const message = 'a leg is as large as its group';
  foreseen = ({ quantity }) => ({
    ...foreseenNothing,
    held: '10',
    availableAfter: '3',
    refusals:
      quantity === undefined
        ? []
        : [{ __typename: 'InvalidOrder', code: 'group_quantity_fixed', message, field: 'quantity' }],
  });
  const screen = await blotter();
  (screen.getByRole('row', { name: /Sell 10 ACME, Held/ }).element() as HTMLElement).focus();
  await userEvent.keyboard('r');
  await screen.getByLabelText('Limit price').fill('201');
  await expect.element(screen.getByText('Shares left to sell')).toBeVisible();
  const said = screen.getByRole('dialog').element().textContent;
  expect(said).toContain('Held for it now10');
  expect(said).toContain('until it is replaced0');
  expect(said).not.toContain('$');
  const size = screen.getByLabelText('Quantity in all');
  await size.fill('4');
  await expect.element(size).toHaveAccessibleDescription(message);
  await expect.element(screen.getByText('Shares left to sell')).not.toBeInTheDocument();
});

test('a row that goes while a question about it is asked leaves the focus in its list', async () => {
  const [first, second] = newestFirst(['first', 'second']);
  if (first === undefined || second === undefined) throw new Error('no orders');
  become([{ ...first, quantity: '5' }, second]);
  const screen = await blotter();
  const row = screen.getByRole('row', { name: /Buy 10 ACME, Working/ });
  await expect.element(row).toBeVisible();
  (row.element() as HTMLElement).focus();
  await userEvent.keyboard('r');
  await expect.element(screen.getByRole('dialog', { name: 'Replace ACME' })).toBeVisible();
  become([{ ...first, quantity: '5' }]);
  await userEvent.keyboard('{Escape}');
  await expect.element(screen.getByRole('row', { name: /Buy 5 ACME, Working/ })).toHaveFocus();
});
