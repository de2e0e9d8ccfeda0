import '../../src/ui/tokens.css';
import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { EquityCurve } from '../../src/features/portfolio/equity-curve.tsx';

/** Whatever the height: some of them have a label right at the edge. */
const HEIGHTS = Array.from({ length: 24 }, (_, at) => 180 + 3 * at);
const points = ['0', '60700.5', '158692.28'].map((equity, at) => ({
  at: `2026-11-${20 + at}T12:00:00Z`,
  equity,
  cashFlow: '0',
}));

test('a label of the axis is there whole, or not at all', async () => {
  await page.viewport(800, 600);
  const cut: number[] = [];
  for (const height of HEIGHTS) {
    const screen = await render(
      <div style={{ position: 'relative', inlineSize: 700, blockSize: height }}>
        <EquityCurve points={points} currency="USD" />
      </div>,
    );
    const axis = () => [...screen.container.querySelectorAll('tr:first-child td:last-child canvas')];
    await expect.poll(() => axis().some((canvas) => inkIn(canvas as HTMLCanvasElement, 'anywhere'))).toBe(true);
    if (axis().some((canvas) => inkIn(canvas as HTMLCanvasElement, 'at the edges'))) cut.push(height);
    await screen.unmount();
  }
  expect(cut).toEqual([]);
});

/** Whether anything is drawn; the ground is left to the page. */
function inkIn(canvas: HTMLCanvasElement, where: 'anywhere' | 'at the edges'): boolean {
  const { width, height } = canvas;
  const context = canvas.getContext('2d');
  if (context === null || width === 0 || height === 0) return false;
  const rows =
    where === 'anywhere'
      ? [[0, height]]
      : [
          [0, 1],
          [height - 1, 1],
        ];
  return rows.some(([top = 0, count = 0]) =>
    context.getImageData(0, top, width, count).data.some((value, at) => at % 4 === 3 && value > 0),
  );
}
