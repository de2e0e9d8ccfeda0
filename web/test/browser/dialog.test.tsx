import '../../src/ui/tokens.css';
import type { ReactNode } from 'react';
import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { Section } from '../../src/ui/block.tsx';
import { Dialog } from '../../src/ui/dialog.tsx';

test.each([
  ['by itself', (dialog: ReactNode) => dialog],
  ['of a section', (dialog: ReactNode) => <Section title="Lists">{dialog}</Section>],
])('a dialog %s is in the middle', async (_, within) => {
  await page.viewport(1200, 800);
  const screen = await render(
    within(
      <Dialog title="A new list" isOpen onClose={() => undefined}>
        <p>What it is called.</p>
      </Dialog>,
    ),
  );
  const { left, right, top, bottom } = screen.getByRole('dialog').element().getBoundingClientRect();
  expect(left + right).toBeCloseTo(1200, 0);
  expect(top + bottom).toBeCloseTo(800, 0);
});
