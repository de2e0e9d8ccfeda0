import '../../src/ui/tokens.css';
import { beforeEach, expect, test } from 'vitest';
import { render } from 'vitest-browser-react';
import { EquityTable } from '../../src/features/portfolio/equity-table.tsx';
import { setLocale } from '../../src/ui/number.ts';

beforeEach(() => setLocale('en-US'));

test('points of one day are told apart by their times, the newest first, in columns with names', async () => {
  const points = [
    { at: '2026-11-28T09:30:00', equity: '100', cashFlow: '0' },
    { at: '2026-11-28T09:35:00', equity: '350.5', cashFlow: '250' },
  ];
  const screen = await render(<EquityTable points={points} currency="USD" />);
  const rows = [...screen.container.querySelectorAll('tr')].map((row) =>
    [...row.cells].map((cell) => cell.textContent),
  );
  expect(rows).toEqual([
    ['Time', 'Equity', 'Paid in or out'],
    ['Nov 28, 2026, 09:35', '$350.50', '+$250.00'],
    ['Nov 28, 2026, 09:30', '$100.00', ''],
  ]);
});
