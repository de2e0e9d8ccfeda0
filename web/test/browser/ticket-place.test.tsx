import '../../src/ui/tokens.css';
import type { ReactNode } from 'react';
import { Provider } from 'urql';
import { beforeEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { Ticket } from '../../src/features/instrument/ticket.tsx';
import { Dialog } from '../../src/ui/dialog.tsx';
import { setLocale } from '../../src/ui/number.ts';
import { account, instrument, quoted } from './acme.ts';
import { clientBefore } from './before-gateway.tsx';

/** Where the button of a ticket and its fields are: whoever touches one in the moment in which an answer comes has to find it there. */
const outcome = {
  __typename: 'OrderPreview',
  notional: '1872',
  maximumFee: '1',
  reserved: '1873',
  availableAfter: '8127',
  fillsQuantity: '10',
  averagePrice: '187.8',
  slippageRatio: '0.0123',
  refusals: [],
  warnings: [
    { code: 'would_not_trade_now', message: 'Nothing would trade at once: the order would rest.' },
    { code: 'slippage_high', message: 'The order would move the price against itself.' },
    { code: 'large_against_volume', message: 'The order is large against what is traded in a day.' },
    {
      code: 'queued_until_open',
      message: 'The market is closed: the order waits for it to open, and may trade at another price then.',
    },
  ],
};
const refused = (field: string) => ({
  ...outcome,
  warnings: [],
  refusals: [{ __typename: 'InvalidOrder', code: 'refused', message: 'So it cannot be sent.', field }],
});

const column = (ticket: ReactNode) => <aside style={{ inlineSize: '292px' }}>{ticket}</aside>;
const sheet = (ticket: ReactNode) => (
  <Dialog title="ACME" shape="full" isOpen onClose={() => undefined}>
    {ticket}
  </Dialog>
);
const places = [
  ['beside the chart', 1300, 900, column],
  ['in the sheet of a phone', 390, 844, sheet],
  ['in a sheet that is higher than the phone', 390, 500, sheet],
] as const;
const previews = [
  ['that warns', outcome, 'The order would move the price against itself.'],
  ['that refuses the order', refused('order'), 'So it cannot be sent.'],
  ['that refuses its price', refused('order.limitPrice'), 'So it cannot be sent.'],
] as const;

beforeEach(() => {
  sessionStorage.clear();
  setLocale('en-US');
  quoted({});
});

test.each(
  places.flatMap(([where, width, height, within]) =>
    previews.map(([what, preview, said]) => ({ where, width, height, within, what, preview, said })),
  ),
)(
  'a preview $what, $where, leaves the button and the fields in their places',
  async ({ width, height, within, preview, said }) => {
    await page.viewport(width, height);
    const client = clientBefore(() => ({ data: { previewOrder: preview } }));
    const screen = await render(
      <Provider value={client}>{within(<Ticket instrument={instrument} account={account} />)}</Provider>,
    );
    await expect.element(screen.getByLabelText('Limit price')).toHaveValue('187.21');
    const send = screen.getByRole('button', { name: /^Buy .*ACME/ });
    const touched = [send, ...['Type', 'Quantity', 'Limit price', 'Good'].map((label) => screen.getByLabelText(label))];
    const tops = (): number[] => touched.map((each) => each.element().getBoundingClientRect().top);
    const before = tops();
    await screen.getByLabelText('Limit price').fill('187.2');
    await screen.getByLabelText('Quantity').fill('10');
    await expect.element(screen.getByText(said)).toBeVisible();
    expect(tops()).toEqual(before);
  },
);
