import { afterEach, beforeEach, expect, test } from 'vitest';
import { render } from 'vitest-browser-react';
import { PreferencesTab } from '../../src/features/settings/preferences-tab.tsx';
import { currentTaste, setTaste } from '../../src/ui/taste.ts';
import { setTasteConflicts } from '../../src/ui/taste-conflicts.ts';

beforeEach(() => setTaste({ theme: 'DARK', hidesAmounts: false }));
afterEach(() => {
  setTasteConflicts({});
  localStorage.clear();
});

test('a preference is chosen in one place, and applies at once', async () => {
  const screen = await render(<PreferencesTab />);
  await screen.getByLabelText('Rows').selectOptions('dense');
  expect(currentTaste().density).toBe('dense');
});

test('what was changed elsewhere too stands there with both values, in words, and neither is chosen', async () => {
  const chosen: string[] = [];
  setTasteConflicts({
    theme: { yours: 'DARK', theirs: 'LIGHT', choose: (which) => void chosen.push(`theme ${which}`) },
    hidesAmounts: { yours: false, theirs: true, choose: (which) => void chosen.push(`amounts ${which}`) },
  });
  const screen = await render(<PreferencesTab />);
  await expect.element(screen.getByRole('alert')).toBeVisible();
  const theme = screen.getByRole('group', { name: 'Theme' });
  await expect.element(theme.getByRole('radio', { name: 'Yours Dark' })).not.toBeChecked();
  await theme.getByRole('radio', { name: 'Saved elsewhere Light' }).click();
  const amounts = screen.getByRole('group', { name: 'Hide amounts' });
  await expect.element(amounts.getByRole('radio', { name: 'Saved elsewhere On' })).not.toBeChecked();
  await amounts.getByRole('radio', { name: 'Yours Off' }).click();
  expect(chosen).toEqual(['theme theirs', 'amounts yours']);
  // The others are as they were.
  await expect.element(screen.getByLabelText('Rows')).toBeVisible();
});
