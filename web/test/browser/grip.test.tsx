import '../../src/ui/tokens.css';
import { useState } from 'react';
import { beforeEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { Grid } from '../../src/ui/grid.tsx';
import { Grip } from '../../src/ui/grip.tsx';
import { Tabs } from '../../src/ui/segmented.tsx';

beforeEach(() => page.viewport(1200, 800));

/** Rows that can be put in order, as a watchlist is. */
function Rows() {
  const [rows, setRows] = useState(['A', 'B', 'C', 'D']);
  const put = (row: string, at: number): void => setRows(rows.filter((each) => each !== row).toSpliced(at, 0, row));
  return (
    <Grid
      label="Rows"
      rows={rows}
      keyOf={(row) => row}
      columns={[
        { key: 'name', title: 'Name', cell: (row) => row, order: (left, right) => left.localeCompare(right) },
        {
          key: 'grip',
          title: '',
          cell: (row) => (
            <Grip
              label={`Move ${row}`}
              onStep={(by) => put(row, rows.indexOf(row) + by)}
              onDrop={(target) => put(row, rows.indexOf(target))}
            />
          ),
        },
      ]}
    />
  );
}
const order = (): string =>
  [...document.querySelectorAll('tbody tr')].map((row) => row.getAttribute('data-key')).join('');

test('arrow keys move a row, and the grip keeps the focus', async () => {
  const screen = await render(<Rows />);
  const grip = screen.getByRole('button', { name: 'Move B' });
  (grip.element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowDown}');
  expect(order()).toBe('ACBD');
  await userEvent.keyboard('{ArrowUp}{ArrowUp}');
  expect(order()).toBe('BACD');
  await expect.element(grip).toHaveFocus();
});

test.each([
  ['D', 'A', 'DABC'],
  ['A', 'C', 'BCAD'],
  ['B', 'B', 'ABCD'],
])('%s drawn over %s makes %s, and nothing of the way there is left', async (moved, over, made) => {
  const screen = await render(<Rows />);
  await userEvent.dragAndDrop(
    screen.getByRole('button', { name: `Move ${moved}` }),
    screen.getByRole('button', { name: `Move ${over}` }),
  );
  await expect.poll(order).toBe(made);
  expect(document.querySelectorAll('[data-drop]')).toHaveLength(0);
});

test('rows that are sorted by a column cannot be put elsewhere', async () => {
  const screen = await render(<Rows />);
  await screen.getByRole('button', { name: 'Name' }).click();
  await expect.element(screen.getByRole('button', { name: 'Move A', includeHidden: true })).not.toBeVisible();
});

/** Tabs that can be put in order, as one's watchlists are. */
function Ordered() {
  const [tabs, setTabs] = useState(['A', 'B', 'C']);
  const [value, pick] = useState('A');
  return (
    <Tabs
      label="Lists"
      tabs={tabs.map((tab) => [tab, `List ${tab}`] as const)}
      value={value}
      onPick={pick}
      onMove={(tab, to) => setTabs(tabs.filter((each) => each !== tab).toSpliced(to, 0, tab))}
    />
  );
}
const tabsNow = (): string =>
  [...document.querySelectorAll('[role=tab]')].map(({ textContent }) => textContent.slice(-1)).join('');

test('tabs are picked with arrow keys, and moved with Shift; the one that moves keeps the focus', async () => {
  const screen = await render(<Ordered />);
  (screen.getByRole('tab', { name: 'List A' }).element() as HTMLElement).focus();
  await userEvent.keyboard('{Shift>}{ArrowRight}{ArrowRight}{ArrowRight}{/Shift}');
  await expect.poll(tabsNow).toBe('BCA');
  await expect.element(screen.getByRole('tab', { name: 'List A' })).toHaveFocus();
  await userEvent.keyboard('{ArrowLeft}');
  await expect.element(screen.getByRole('tab', { name: 'List C' })).toHaveAttribute('aria-selected', 'true');
  expect(tabsNow()).toBe('BCA');
});

test('a tab that is drawn over another takes its place', async () => {
  const screen = await render(<Ordered />);
  await userEvent.dragAndDrop(screen.getByRole('tab', { name: 'List C' }), screen.getByRole('tab', { name: 'List A' }));
  await expect.poll(tabsNow).toBe('CAB');
});
