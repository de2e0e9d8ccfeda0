import '../../src/ui/tokens.css';
import { CombinedError, type Operation } from '@urql/core';
import { beforeEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { connectionIsBack } from '../../src/api/connection.ts';
import { ChartPanel } from '../../src/features/instrument/chart-panel.tsx';
import type { OwnFill } from '../../src/features/instrument/own-fills.ts';
import type { OwnOrder } from '../../src/features/instrument/own-lines.ts';
import { setLocale } from '../../src/ui/number.ts';
import { setTaste } from '../../src/ui/taste.ts';
import { Toasts } from '../../src/ui/toasts.tsx';
import { instrument as acme } from './acme.ts';
import { inputOf, renderBefore } from './before-gateway.tsx';

/** The chart alone, before a gateway that is a function: what it asks for, and what it sends. */
const instrument = { ...acme, tick: '0.05', maxQuantity: null, maxPrice: null };
const order = {
  id: 'o',
  orderId: 'o',
  symbol: 'ACME',
  side: 'BUY',
  type: 'LIMIT',
  status: 'NEW',
  version: 1,
  limitPrice: '187.2',
  stopPrice: null,
  remainingQuantity: '25',
} as OwnOrder;
const COUNT = 200;
const startSeconds = Math.floor(Date.now() / 60_000) * 60 - COUNT * 60;
const column = (value: (at: number) => number): string[] =>
  Array.from({ length: COUNT }, (_, at) => (187 + value(at)).toFixed(2));
const bars = {
  times: Array.from({ length: COUNT }, (_, at) => startSeconds + at * 60),
  open: column((at) => Math.sin(at / 9)),
  high: column((at) => Math.sin(at / 9) + 0.3),
  low: column((at) => Math.sin(at / 9) - 0.3),
  close: column((at) => Math.sin((at + 1) / 9)),
  volume: Array.from({ length: COUNT }, (_, at) => String(100 + at)),
  endCursor: null,
  hasNextPage: false,
};
const fill = {
  id: 'f',
  side: 'BUY',
  quantity: '3',
  price: '187.5',
  executedAt: new Date((startSeconds + 170 * 60 + 5) * 1000).toISOString(),
} as OwnFill;

const trailing = {
  ...order,
  id: 't',
  orderId: 't',
  side: 'SELL',
  type: 'TRAILING_STOP',
  status: 'ACCEPTED',
  limitPrice: null,
  trailAmount: null,
  trailPercent: '2',
} as OwnOrder;
const facts = [{ name: 'stop', decimal: '186.2' }];
const trailNow = { id: 't', version: 1, explanation: { reasons: [{ code: 'waiting_for_trigger', facts }] } };

let isDown = false;
let sent: Record<string, unknown>[] = [];
let answer: Record<string, unknown> = {};
/** What the gateway says of a change before it is sent. */
let foreseen: (input: Record<string, unknown>) => object | null = () => null;

function answered(operation: Operation) {
  if (isDown) return { data: undefined, error: new CombinedError({ networkError: new Error('cut') }) };
  if ('orderId' in (operation.variables as object)) return { data: { order: trailNow } };
  if (inputOf(operation) !== undefined && operation.kind !== 'mutation') {
    return { data: { previewReplacement: foreseen(inputOf(operation)) } };
  }
  if (operation.kind !== 'mutation') return { data: { bars } };
  sent.push(inputOf(operation));
  return { data: { replaceOrder: answer } };
}

function chart(orders: readonly OwnOrder[] = [order]) {
  return renderBefore(answered, () => (
    <div style={{ display: 'grid', height: '460px' }}>
      <ChartPanel instrument={instrument} orders={orders} fills={[fill]} />
      <Toasts />
    </div>
  ));
}

beforeEach(async () => {
  await page.viewport(1000, 600);
  setLocale('en-US');
  setTaste({ confirmsOrders: false, theme: 'DARK' });
  isDown = false;
  sent = [];
  answer = { __typename: 'Order', id: 'o' };
  foreseen = () => null;
});

test('bars that could not be read say so, and come by themselves when the connection is back', async () => {
  isDown = true;
  const screen = await chart();
  const failed = screen.getByText('The bars could not be read.');
  await expect.element(failed).toBeVisible();
  isDown = false;
  connectionIsBack();
  await expect.element(failed).not.toBeInTheDocument();
});

test('bars that could not be read are read on request', async () => {
  isDown = true;
  const screen = await chart();
  const again = screen.getByRole('button', { name: 'Try again' });
  await again.click();
  await expect.element(again).toBeVisible();
  // In one moment: in the next it may have tried by itself, and the button would be gone.
  isDown = false;
  (again.element() as HTMLElement).click();
  await expect.element(screen.getByText('The bars could not be read.')).not.toBeInTheDocument();
});

const line = (screen: Awaited<ReturnType<typeof chart>>) =>
  screen.getByRole('spinbutton', { name: /^Buy 25 ACME, limit/ });

test('a line that is drawn to another price replaces its order, at a price that there is', async () => {
  const screen = await chart();
  await expect.element(line(screen)).toBeVisible();
  await page.screenshot({ path: '../../../tests/artefacts/web/chart-own-lines.png' });
  const handle = line(screen).element();
  const { x, y } = handle.getBoundingClientRect();
  const at = (down: number) => ({
    bubbles: true,
    pointerId: 1,
    clientX: x + 20,
    clientY: y + 11 + down,
    isPrimary: true,
  });
  // Nothing captures a pointer that there is none of.
  let isHeld = false;
  Object.assign(handle, { setPointerCapture: () => (isHeld = true), hasPointerCapture: () => isHeld });
  handle.dispatchEvent(new PointerEvent('pointerdown', at(0)));
  handle.dispatchEvent(new PointerEvent('pointermove', at(30)));
  await expect.poll(() => handle.getAttribute('aria-valuetext')).not.toBe('187.20');
  const shown = handle.getAttribute('aria-valuetext') ?? '';
  expect(Number(shown)).toBeLessThan(187.2);
  expect(Math.round(Number(shown) * 100) % 5).toBe(0);
  handle.dispatchEvent(new PointerEvent('pointerup', at(30)));
  await expect.poll(() => sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ orderId: 'o', limitPrice: shown.replace(/0$/, '') });
  await expect.element(screen.getByText('replacing')).toBeVisible();
});

test('by keys it moves a tick, and ten; Enter replaces, Escape leaves it', async () => {
  const screen = await chart();
  await expect.element(line(screen)).toBeVisible();
  (line(screen).element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowUp}');
  await expect.element(line(screen)).toHaveAttribute('aria-valuetext', '187.25');
  await userEvent.keyboard('{Escape}');
  await expect.element(line(screen)).toHaveAttribute('aria-valuetext', '187.20');
  await userEvent.keyboard('{PageDown}{Enter}');
  await expect.poll(() => sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ orderId: 'o', limitPrice: '186.7' });
});

test('where one wants to be asked nothing is sent before, and leaving it puts the line back', async () => {
  setTaste({ confirmsOrders: true });
  const screen = await chart();
  await expect.element(line(screen)).toBeVisible();
  for (const button of ['Leave it', 'Replace']) {
    (line(screen).element() as HTMLElement).focus();
    await userEvent.keyboard('{ArrowDown}{Enter}');
    const dialog = screen.getByRole('dialog', { name: 'Replace this order?' });
    await expect.element(dialog.getByText(/Buy 25 ACME at 187\.15 instead of 187\.20/)).toBeVisible();
    await expect.element(dialog.getByText('$4,678.75')).toBeVisible();
    expect(sent).toEqual([]);
    await dialog.getByRole('button', { name: button }).click();
    if (button === 'Leave it') await expect.element(line(screen)).toHaveAttribute('aria-valuetext', '187.20');
  }
  await expect.poll(() => sent).toHaveLength(1);
});

test('the question says what the replacement would come to, or why it would be refused', async () => {
  setTaste({ confirmsOrders: true });
  const preview = {
    __typename: 'ReplacementPreview',
    fillsQuantity: '4',
    averagePrice: '187.15',
    maximumFee: '1.5',
    held: '4680',
    reserved: '12.345678',
    availableAfter: '123456789012345.67',
    refusals: [] as object[],
    warnings: [{ code: 'large_against_volume', message: 'Large against the volume.' }],
  };
  const [message, shortBy] = ['there is not enough buying power', '1234.5'];
  const refusal = {
    __typename: 'InsufficientBuyingPower',
    code: 'insufficient_buying_power',
    message,
    required: '2000',
    available: '765.5',
    shortBy,
  };
  foreseen = ({ limitPrice }) => ({ ...preview, refusals: limitPrice === '187.25' ? [refusal] : [] });
  const screen = await chart();
  await expect.element(line(screen)).toBeVisible();
  const dialog = screen.getByRole('dialog', { name: 'Replace this order?' });
  (line(screen).element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowDown}{Enter}');
  await expect.element(dialog.getByText('Buying power after')).toBeVisible();
  const said = dialog.element().textContent;
  expect(said).toContain('after$123,456,789,012,345.67');
  expect(said).toContain('Held besides, until it is replaced$12.35');
  expect(said).toContain('4 would trade at once, at187.15');
  expect(said).toContain('Large against the volume.');
  await dialog.getByRole('button', { name: 'Leave it' }).click();
  (line(screen).element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowUp}{Enter}');
  await expect.element(dialog.getByRole('alert')).toHaveTextContent(message);
  await expect.element(dialog.getByText('$1,234.50')).toBeVisible();
  await expect.element(dialog.getByText('Buying power after')).not.toBeInTheDocument();
  expect(sent).toEqual([]);
});

test('an exit of a group is foreseen in shares', async () => {
  setTaste({ confirmsOrders: true });
  foreseen = () => ({
    __typename: 'ReplacementPreview',
    fillsQuantity: '0',
    averagePrice: null,
    maximumFee: '0',
    held: '25',
    reserved: '0',
    availableAfter: '3',
    refusals: [],
    warnings: [],
  });
  const exit = { side: 'SELL', status: 'HELD', groupId: 'g', groupType: 'BRACKET', groupLeg: 1 };
  const screen = await chart([{ ...order, ...exit } as OwnOrder]);
  const handle = screen.getByRole('spinbutton', { name: /^Sell 25 ACME, limit/ });
  await expect.element(handle).toBeVisible();
  (handle.element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowUp}{Enter}');
  const dialog = screen.getByRole('dialog', { name: 'Replace this order?' });
  await expect.element(dialog.getByText('Shares left to sell')).toBeVisible();
  expect(dialog.element().textContent).toContain('Held for it now25');
});

test('a replacement that is refused says why, and the line is where it was', async () => {
  answer = { __typename: 'TooLate', code: 'too_late', message: 'the order is filled' };
  const screen = await chart();
  await expect.element(line(screen)).toBeVisible();
  (line(screen).element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowUp}{Enter}');
  await expect.element(screen.getByText('ACME was not replaced: the order is filled')).toBeVisible();
  await expect.element(line(screen)).toHaveAttribute('aria-valuetext', '187.20');
});

test('a stop that follows the market is drawn by how far behind it is, and the question tells both', async () => {
  setTaste({ confirmsOrders: true });
  const screen = await chart([trailing]);
  const handle = screen.getByRole('spinbutton', { name: /^Sell 25 ACME, trailing stop/ });
  await expect.element(handle).toHaveAttribute('aria-valuetext', '186.20, 2 % behind');
  (handle.element() as HTMLElement).focus();
  await userEvent.keyboard('{PageDown}');
  await expect.element(handle).toHaveAttribute('aria-valuetext', '186.00, 2.1 % behind');
  await userEvent.keyboard('{Enter}');
  const dialog = screen.getByRole('dialog', { name: 'Replace this order?' });
  await expect.element(dialog.getByText(/2\.1 % behind the market instead of 2 % behind/)).toBeVisible();
  await expect.element(dialog.getByText(/stop would be at 186\.00 instead of 186\.20/)).toBeVisible();
  expect(sent).toEqual([]);
  await dialog.getByRole('button', { name: 'Replace' }).click();
  await expect.poll(() => sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ orderId: 't', trailPercent: '2.1' });
  expect(sent[0]).not.toHaveProperty('stopPrice');
});

test('on a phone, lines beyond the picture stand beneath one another where there is no room beside', async () => {
  await page.viewport(320, 640);
  const far = ['a', 'b', 'c'].map((id, at) => ({ ...order, id, orderId: id, limitPrice: `${100 + at}` }));
  const screen = await chart(far);
  await expect.poll(() => document.querySelectorAll('[role=spinbutton]:not([hidden])').length).toBe(3);
  const inside = (): boolean =>
    screen
      .getByRole('spinbutton')
      .elements()
      .every((handle) => handle.getBoundingClientRect().left >= 0);
  await expect.poll(inside).toBe(true);
});

test('all of it is there as a table, exact, with one’s fills', async () => {
  const screen = await chart();
  await screen.getByRole('button', { name: 'Table' }).click();
  const table = screen.getByRole('table', { name: 'Bars of ACME' });
  await expect.element(table.getByText('Buy 3')).toBeVisible();
  expect(table.element().querySelectorAll('tbody tr')).toHaveLength(120);
  const newest = [...(table.element().querySelectorAll('tbody tr')[0]?.querySelectorAll('td') ?? [])];
  expect(newest.map(({ textContent }) => textContent).slice(0, 4)).toEqual(
    [bars.open, bars.high, bars.low, bars.close].map((prices) => prices.at(-1)),
  );
});
