import { beforeEach, expect, test } from 'vitest';
import { render } from 'vitest-browser-react';
import { watchWhatIsUnderWay } from '../../src/app/what-is-under-way.ts';
import { emptyDraft, storeDraft } from '../../src/features/instrument/draft.ts';

const isAnythingUnderWay = watchWhatIsUnderWay();
beforeEach(() => {
  sessionStorage.clear();
  window.history.replaceState(null, '', '/elsewhere');
});

test('a ticket with something in it, and none in which only a side was chosen', () => {
  expect(isAnythingUnderWay()).toBe(false);
  storeDraft('ACME', { ...emptyDraft, side: 'SELL', type: 'STOP' });
  expect(isAnythingUnderWay()).toBe(false);
  storeDraft('ACME', { ...emptyDraft, stopPrice: '150' });
  expect(isAnythingUnderWay()).toBe(true);
});

test('an order that nobody has answered', () => {
  sessionStorage.setItem('andvari.underway', JSON.stringify([{ clientOrderId: 'c', accountId: 'a', legs: [] }]));
  expect(isAnythingUnderWay()).toBe(true);
});

test('an open dialog', async () => {
  await render(<dialog open>Send this order?</dialog>);
  expect(isAnythingUnderWay()).toBe(true);
});

test('text that was typed on this page, until one goes elsewhere; a ticket speaks for itself', async () => {
  const screen = await render(
    <>
      <form data-ticket>
        <input aria-label="Quantity" />
      </form>
      <input aria-label="Given name" />
    </>,
  );
  window.history.replaceState(null, '', '/settings/profile');
  await screen.getByLabelText('Quantity').fill('5');
  expect(isAnythingUnderWay()).toBe(false);
  await screen.getByLabelText('Given name').fill('Grace');
  expect(isAnythingUnderWay()).toBe(true);
  window.history.replaceState(null, '', '/orders');
  expect(isAnythingUnderWay()).toBe(false);
});
