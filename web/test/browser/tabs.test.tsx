import { expect, test } from 'vitest';
import { render } from 'vitest-browser-react';
import { Tabs } from '../../src/ui/segmented.tsx';

const tabs = ['Users', 'Roles', 'Halts', 'Corporate actions', 'Fees', 'Audit trail'].map(
  (label) => [label, label] as const,
);

test('the tab that is picked is in sight in a row that is too long, and the page stays at its top', async () => {
  const screen = await render(
    <div style={{ paddingBlockStart: '3000px', inlineSize: '200px' }}>
      <Tabs label="Parts" tabs={tabs} value="Audit trail" onPick={() => undefined} />
    </div>,
  );
  const row = screen.getByRole('tablist').element().getBoundingClientRect();
  const picked = screen.getByRole('tab', { name: 'Audit trail' }).element().getBoundingClientRect();
  expect(picked.right).toBeLessThanOrEqual(row.right + 1);
  expect(picked.left).toBeGreaterThanOrEqual(row.left - 1);
  expect(window.scrollY).toBe(0);
});
