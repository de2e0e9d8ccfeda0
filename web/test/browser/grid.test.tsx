import { useState } from 'react';
import { beforeEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { Button } from '../../src/ui/button.tsx';
import { Dialog } from '../../src/ui/dialog.tsx';
import { Field } from '../../src/ui/field.tsx';
import { type Column, Grid } from '../../src/ui/grid.tsx';
import { order } from '../../src/ui/number.ts';

// Wide enough for a head that can be pressed: on a phone there is none.
beforeEach(() => page.viewport(1200, 800));

interface Row {
  symbol: string;
  value: string;
}
const rows: Row[] = [
  { symbol: 'B', value: '9007199254740.993' },
  { symbol: 'A', value: '-2' },
  { symbol: 'C', value: '9007199254740.992' },
];
const columns: Column<Row>[] = [
  { key: 'symbol', title: 'Symbol', cell: ({ symbol }) => symbol },
  {
    key: 'value',
    title: 'Value',
    cell: ({ value }) => value,
    order: (left, right) => order(left.value, right.value),
  },
];
const orderIn = (table: Element): string =>
  [...table.querySelectorAll('tbody tr')].map((row) => row.querySelector('td')?.textContent).join('');

test('a column is sorted to the last digit, down, up, and back to how it came', async () => {
  const screen = await render(<Grid label="Rows" columns={columns} rows={rows} keyOf={({ symbol }) => symbol} />);
  const table = screen.getByRole('table', { name: 'Rows' });
  const head = screen.getByRole('button', { name: 'Value' });
  expect(orderIn(table.element())).toBe('BAC');
  await head.click();
  expect(orderIn(table.element())).toBe('BCA');
  await expect.element(screen.getByRole('columnheader', { name: /Value/ })).toHaveAttribute('aria-sort', 'descending');
  await head.click();
  expect(orderIn(table.element())).toBe('ACB');
  await head.click();
  expect(orderIn(table.element())).toBe('BAC');
});

test('rows are walked with J, K and arrows, opened with Enter, and take keys of their own', async () => {
  const opened: string[] = [];
  const pressed: string[] = [];
  const screen = await render(
    <Grid
      label="Rows"
      columns={columns}
      rows={rows}
      keyOf={({ symbol }) => symbol}
      rowLabel={({ symbol }) => symbol}
      onOpen={({ symbol }) => opened.push(symbol)}
      onRowKey={(key, { symbol }) => {
        if (key !== 'c') return false;
        pressed.push(symbol);
        return true;
      }}
    />,
  );
  (screen.getByRole('row', { name: 'B' }).element() as HTMLElement).focus();
  await userEvent.keyboard('j');
  await expect.element(screen.getByRole('row', { name: 'A' })).toHaveFocus();
  await userEvent.keyboard('{ArrowDown}{Enter}k');
  await userEvent.keyboard('c');
  expect({ opened, pressed }).toEqual({ opened: ['C'], pressed: ['A'] });
});

test('two hundred rows are drawn and sorted', async () => {
  const many = Array.from({ length: 200 }, (_, at): Row => ({ symbol: `S${at}`, value: String((at * 37) % 200) }));
  const screen = await render(<Grid label="Many" columns={columns} rows={many} keyOf={({ symbol }) => symbol} />);
  await screen.getByRole('button', { name: 'Value' }).click();
  const table = screen.getByRole('table', { name: 'Many' });
  expect(table.element().querySelectorAll('tbody tr')).toHaveLength(200);
  expect(table.element().querySelector('tbody td:last-child')?.textContent).toBe('199');
});

test('a dialog gives the focus to what asked for it, and gives it back', async () => {
  const inside = (isOpen: boolean) => (
    <>
      <button type="button">Opener</button>
      <Dialog title="Asked" isOpen={isOpen} onClose={() => undefined}>
        <Field label="Name" autoFocus />
        <Button>Go on</Button>
      </Dialog>
    </>
  );
  const screen = await render(inside(false));
  (screen.getByRole('button', { name: 'Opener' }).element() as HTMLElement).focus();
  await screen.rerender(inside(true));
  await expect.element(screen.getByRole('textbox', { name: 'Name' })).toHaveFocus();
  await screen.rerender(inside(false));
  await expect.element(screen.getByRole('button', { name: 'Opener' })).toHaveFocus();
});

test('a question stays: the double click that asks it does not answer it, nor does marking text beyond its edge', async () => {
  function Asked() {
    const [isOpen, setOpen] = useState(false);
    return (
      <>
        <button type="button" style={{ position: 'fixed', left: 5, top: 5 }} onClick={() => setOpen(true)}>
          Ask
        </button>
        <Dialog title="Sure?" isOpen={isOpen} onClose={() => setOpen(false)}>
          <Field label="Words" defaultValue="some words" />
        </Dialog>
      </>
    );
  }
  const screen = await render(<Asked />);
  const dialog = screen.getByRole('dialog', { name: 'Sure?' });
  await userEvent.dblClick(screen.getByRole('button', { name: 'Ask' }));
  await expect.element(dialog).toBeVisible();

  const field = screen.getByRole('textbox', { name: 'Words' }).element();
  const element = dialog.element();
  field.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
  element.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 1 }));
  await expect.element(dialog).toBeVisible();

  element.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
  element.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 1 }));
  await expect.element(dialog).not.toBeInTheDocument();
});

test('what does not fit goes in order: first spare columns, then the rest in two lines, with the acts on the row that has the focus', async () => {
  const wide = (key: string): Column<Row> => ({
    key,
    title: key,
    cell: () => <span style={{ width: '150px', display: 'block' }}>{key}</span>,
  });
  const many: Column<Row>[] = [
    { key: 'symbol', title: 'Symbol', phone: 'start', cell: ({ symbol }) => symbol },
    { ...wide('value'), phone: 'end' },
    { ...wide('spare'), spare: true },
    { ...wide('other'), phone: 'hidden' },
    { key: 'acts', title: '', phone: 'below', cell: ({ symbol }) => <button type="button">Sell {symbol}</button> },
  ];
  const inRoom = (px: number) => (
    <div style={{ width: `${px}px` }}>
      <Grid label="Rows" columns={many} rows={rows} keyOf={({ symbol }) => symbol} onOpen={() => undefined} />
    </div>
  );
  const screen = await render(inRoom(900));
  const table = screen.getByRole('table', { name: 'Rows' }).element();
  const seen = (key: string): boolean =>
    [...table.querySelectorAll<HTMLElement>('tbody tr:first-child td')][many.findIndex((each) => each.key === key)]
      ?.offsetWidth !== 0;
  const which = (): string[] => many.map(({ key }) => key).filter(seen);
  expect(which()).toEqual(['symbol', 'value', 'spare', 'other', 'acts']);
  await screen.rerender(inRoom(560));
  await expect.poll(which).toEqual(['symbol', 'value', 'other', 'acts']);
  await screen.rerender(inRoom(340));
  await expect.poll(which).toEqual(['symbol', 'value']);
  table.querySelector<HTMLElement>('tbody tr')?.focus();
  await expect.element(screen.getByRole('button', { name: 'Sell B' })).toBeVisible();
  expect(which()).toEqual(['symbol', 'value', 'acts']);
  await screen.rerender(inRoom(900));
  await expect.poll(which).toEqual(['symbol', 'value', 'spare', 'other', 'acts']);
});

test('a column that gives way is cut, and makes no table wider than its room', async () => {
  const name = 'SPDR Dow Jones Industrial Average ETF Trust';
  const screen = await render(
    <div style={{ width: '300px' }}>
      <Grid
        label="Rows"
        columns={[...columns.slice(0, 1), { key: 'name', title: 'Name', gives: true, cell: () => name }]}
        rows={rows}
        keyOf={({ symbol }) => symbol}
      />
    </div>,
  );
  const table = screen.getByRole('table', { name: 'Rows' }).element();
  expect(table.getBoundingClientRect().width).toBe(300);
  expect((table as HTMLElement).dataset['fit']).toBe('all');
});
