import '../../src/ui/tokens.css';
import { beforeEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { EquityTable } from '../../src/features/portfolio/equity-table.tsx';
import { setLocale } from '../../src/ui/number.ts';

beforeEach(() => setLocale('en-US'));

test.each<[step: string, stepSeconds: number, times: string[]]>([
  ['less than a day are told apart by their times', 300, ['Now', 'Nov 28, 2024, 09:35', 'Nov 28, 2024, 09:30']],
  ['a day by their days', 86_400, ['Now', 'Nov 28, 2024', 'Nov 28, 2024']],
])('points that lie %s, the newest first, in columns with names', async (_, stepSeconds, times) => {
  const points = [
    { at: '2024-11-28T09:30:00', equity: '100', cashFlow: '0' },
    { at: '2024-11-28T09:35:00', equity: '350.5', cashFlow: '250' },
    { at: '2024-11-28T09:36:00', equity: '350', cashFlow: '0' },
  ];
  const screen = await render(<EquityTable points={points} stepSeconds={stepSeconds} currency="USD" />);
  const rows = [...screen.container.querySelectorAll('tr')].map((row) =>
    [...row.cells].map((cell) => cell.textContent),
  );
  expect(rows).toEqual([
    ['Time', 'Equity', 'In or out'],
    [times[0], '$350.00', ''],
    [times[1], '$350.50', '+$250.00'],
    [times[2], '$100.00', ''],
  ]);
});

test('all of it is within the width of a phone', async () => {
  await page.viewport(390, 844);
  const points = [
    { at: '2024-12-28T23:30:00', equity: '1158629.48', cashFlow: '1000000' },
    { at: '2024-12-28T23:35:00', equity: '1158629.48', cashFlow: '-1000000' },
    { at: '2024-12-28T23:36:00', equity: '1158629.48', cashFlow: '0' },
  ];
  const screen = await render(
    <div style={{ inlineSize: '358px', fontSize: '15px' }}>
      <EquityTable points={points} stepSeconds={300} currency="USD" />
    </div>,
  );
  const box = screen.getByRole('group', { name: /^Equity/ }).element();
  expect(box.scrollWidth).toBeLessThanOrEqual(box.clientWidth);
});
