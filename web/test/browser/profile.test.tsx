import { beforeEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { ProfileTab } from '../../src/features/settings/profile-tab.tsx';
import { Toasts } from '../../src/ui/toasts.tsx';
import { inputOf, renderBefore } from './before-gateway.tsx';

/** The profile before a gateway that keeps one and its version: what happens when another tab was quicker. */
const first = {
  id: 'me',
  userId: 'me',
  email: 'ada@example.com',
  givenName: 'Ada',
  familyName: 'Lovelace',
  country: 'GB',
  phone: null as string | null,
  locale: 'en',
  timezone: 'Europe/London',
  version: 3,
  onboarding: { state: 'APPROVED', reason: null },
};
let kept = first;
let sent: Record<string, unknown>[] = [];
let refused: Record<string, string> | undefined;

function profile() {
  return renderBefore(
    (operation) => {
      if (operation.kind !== 'mutation') return { data: { me: kept } };
      const { expectedVersion, ...change } = inputOf(operation);
      sent.push({ expectedVersion, ...change });
      if (refused !== undefined) return { data: { updateProfile: refused } };
      if (expectedVersion !== kept.version) {
        const message = 'the profile has changed since';
        return { data: { updateProfile: { __typename: 'NotPossible', code: 'version_conflict', message } } };
      }
      kept = { ...kept, ...change, version: kept.version + 1 };
      return { data: { updateProfile: { __typename: 'User', ...kept } } };
    },
    () => (
      <>
        <ProfileTab />
        <Toasts />
      </>
    ),
  );
}

const elsewhere = (change: Partial<typeof first>): void => {
  kept = { ...kept, ...change, version: kept.version + 1 };
};

beforeEach(async () => {
  await page.viewport(900, 900);
  [kept, sent, refused] = [first, [], undefined];
});

test.each([
  ['theirs', 'Saved elsewhere', 'Mary', 1],
  ['yours', 'Yours', 'Grace', 2],
])('changed here and in another tab, both values are shown and %s can be chosen', async (_, label, name, requests) => {
  const screen = await profile();
  await screen.getByLabelText('Given name').fill('Grace');
  elsewhere({ givenName: 'Mary' });
  await screen.getByRole('button', { name: 'Save' }).click();
  const which = screen.getByRole('group', { name: 'Given name' });
  await expect.element(which.getByRole('radio', { name: 'Yours Grace' })).not.toBeChecked();
  await expect.element(which.getByRole('radio', { name: 'Saved elsewhere Mary' })).not.toBeChecked();
  // Nothing is chosen for anybody, and nothing saved before it is.
  await screen.getByRole('button', { name: 'Save' }).click();
  expect(sent).toHaveLength(1);
  await which.getByRole('radio', { name: `${label} ${name}` }).click();
  await screen.getByRole('button', { name: 'Save' }).click();
  await expect.element(screen.getByLabelText('Given name')).toHaveValue(name);
  expect(kept.givenName).toBe(name);
  expect(sent).toHaveLength(requests);
});

test('changed elsewhere in another field, both changes are kept and nobody is asked', async () => {
  const screen = await profile();
  await screen.getByLabelText('Phone').fill('+44 20 7946 0000');
  elsewhere({ familyName: 'King' });
  await screen.getByRole('button', { name: 'Save' }).click();
  await expect.element(screen.getByText('Saved', { exact: true })).toBeVisible();
  await expect.element(screen.getByLabelText('Family name')).toHaveValue('King');
  expect(kept).toMatchObject({ familyName: 'King', phone: '+44 20 7946 0000' });
  expect(sent.map(({ expectedVersion }) => expectedVersion)).toEqual([3, 4]);
});

test('what is refused for itself is said, and what was typed is still there', async () => {
  const screen = await profile();
  await screen.getByLabelText('Country').fill('xq');
  await screen.getByRole('button', { name: 'Save' }).click();
  await expect.element(screen.getByText('There is no country XQ.')).toBeVisible();
  await expect.element(screen.getByLabelText('Country')).toHaveAccessibleDescription('There is no country XQ.');
  await expect.element(screen.getByLabelText('Country')).toHaveValue('XQ');
  expect(sent).toEqual([]);
});

test.each([
  ['at its field, which has the focus', 'input.phone', true],
  ['above the button where it is of no field', 'input.expectedVersion', false],
])('what the gateway refuses is said %s', async (_, field, isAtField) => {
  refused = { __typename: 'InvalidInput', code: 'invalid', message: 'That is no number.', field };
  const screen = await profile();
  const phone = screen.getByLabelText('Phone');
  await phone.fill('nobody');
  await screen.getByRole('button', { name: 'Save' }).click();
  await expect.element(screen.getByText('That is no number.')).toBeVisible();
  if (!isAtField) return;
  await expect.element(phone).toHaveFocus();
  await expect.element(phone).toHaveAccessibleDescription('That is no number.');
  await phone.fill('+44 20 7946 0000');
  await expect.element(screen.getByText('That is no number.')).not.toBeInTheDocument();
});
