import { eventually } from '@andvari/kit/testing/eventually';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { expect, test } from 'vitest';
import { accountBecomes, becomes, cancelled, holderOf, limit, placed } from '../traders.ts';
import { order, type WebWorld } from './world.ts';

export function orders(world: WebWorld): void {
  test('a limit order rests, says why it is not filled, and is cancelled after a question', {}, async () => {
    const { page } = await world.trader('AAPL');
    await page.goto(`${world.url}/trade/AAPL`);
    await page.getByLabel('Quantity').fill('2');
    await page.getByLabel('Limit price').fill('150.005');
    await page.getByLabel('Good').focus();
    await page.getByText(/Between two ticks/).waitFor();
    await order(page, { 'Limit price': '150' }, 'Buy 2 AAPL');
    const row = page.getByRole('row', { name: /Buy 2 AAPL, Working/ });
    await row.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Why is it not filled?' }).waitFor();
    await world.keep(page, 'orders-1-why-not-filled');
    await page.keyboard.press('Escape');
    await row.focus();
    await page.keyboard.press('c');
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    await page.getByRole('row', { name: /Buy 2 AAPL, Cancelled/ }).waitFor();
  });

  test('a bracket whose entry fills in parts: the exits are held until it is whole, then work', {
    timeout: 90_000,
  }, async () => {
    const { people } = world.market;
    const [{ page }, others] = [await world.trader('MSFT'), await holderOf(people, 'MSFT', '20')];
    await page.goto(`${world.url}/trade/MSFT`);
    await page.getByText('More', { exact: true }).and(page.locator('summary')).click();
    await page.getByLabel('Exits').selectOption('BRACKET');
    await page.getByLabel('Good').selectOption('GTC');
    // An order comes to the page by itself, and so do its exits.
    const bothHeld = () =>
      eventually(async () => expect(await page.getByRole('row', { name: /Sell 10 MSFT, Held/ }).count()).toBe(2));
    const fields = { Quantity: '10', 'Limit price': '200.01', 'Take profit': '200.03', 'Stop loss': '190' };
    await order(page, fields, 'Buy 10 MSFT');
    await page.getByRole('row', { name: /Buy 10 MSFT, Working/ }).waitFor();
    await bothHeld();

    await placed(others, limit('SELL', '4', '200.01'));
    await page.getByRole('row', { name: /Buy 10 MSFT, Partly filled/ }).waitFor();
    await page.getByRole('status').getByText('Partly filled: 4 of 10 MSFT').waitFor();
    await bothHeld();
    await world.keep(page, 'orders-2-bracket-partly-filled');

    await placed(others, limit('SELL', '6', '200.01'));
    await page.getByRole('row', { name: /Buy 10 MSFT, Filled/ }).waitFor();
    await page.getByRole('row', { name: /Sell 10 MSFT, Working/ }).waitFor();
    await page.getByRole('row', { name: /Sell 10 MSFT, Waiting/ }).waitFor();
    await world.keep(page, 'orders-3-bracket-filled');
  });

  test('a line of the chart is drawn to another price, and after a question its order is replaced', {}, async () => {
    const { page, trader } = await world.trader('AAPL');
    await placed(trader, limit('BUY', '3', '199.5'));
    await page.goto(`${world.url}/trade/AAPL`);
    await page.getByRole('tab', { name: 'Orders 1 open' }).waitFor();
    const line = page.getByRole('spinbutton', { name: /^Buy 3 AAPL, limit/ });
    await line.hover();
    const { x = 0, y = 0 } = (await line.boundingBox()) ?? {};
    await page.mouse.down();
    await page.mouse.move(x + 20, y + 41, { steps: 4 });
    const price = (await line.getAttribute('aria-valuetext')) ?? '';
    expect(Number(price)).toBeLessThan(199.5);
    await world.keep(page, 'orders-7-line-drawn');
    await page.mouse.up();
    const asked = page.getByRole('dialog', { name: 'Replace this order?' });
    await asked.getByText(`Buy 3 AAPL at ${price} instead of 199.50`).waitFor();
    await asked.getByText('Buying power after').waitFor();
    await asked.getByRole('button', { name: 'Replace' }).click();
    const rows = page.getByRole('table', { name: 'Orders' });
    await rows.getByRole('row', { name: /Buy 3 AAPL, Replaced/ }).waitFor();
    await rows
      .getByRole('row', { name: /Buy 3 AAPL, Working/ })
      .getByText(price)
      .waitFor();
    await page.getByRole('tab', { name: 'Orders 1 open' }).waitFor();
  });

  test('a stop that follows the market is on the chart where it stands, and is moved by how far behind it is', {}, async () => {
    const { page, trader } = await world.trader('AAPL');
    const bought = await placed(trader, { side: 'BUY', type: 'MARKET', quantity: '2' });
    await becomes(trader, bought, { status: 'FILLED' });
    await accountBecomes(trader, { holdings: { nodes: [{ symbol: 'AAPL', quantity: '2' }] } });
    const terms = { side: 'SELL', type: 'TRAILING_STOP', timeInForce: 'GTC', quantity: '2', trailPercent: '2' };
    const id = await placed(trader, terms);
    await page.goto(`${world.url}/trade/AAPL`);
    const line = page.getByRole('spinbutton', { name: /^Sell 2 AAPL, trailing stop/ });
    await line.and(page.locator('[aria-valuetext$=", 2 % behind"]')).waitFor();
    await line.focus();
    // A percent and a half further, by keys: each a hundredth, or ten.
    for (let press = 0; press < 15; press += 1) await page.keyboard.press('PageDown');
    await page.keyboard.press('Enter');
    const asked = page.getByRole('dialog', { name: 'Replace this order?' });
    await asked.getByText(/3\.5 % behind the market instead of 2 % behind/).waitFor();
    await asked.getByText('Shares left to sell').waitFor();
    await world.keep(page, 'orders-8-trail-drawn');
    await asked.getByRole('button', { name: 'Replace' }).click();
    await page.getByRole('row', { name: /Sell 2 AAPL, Replaced/ }).waitFor();
    await line.and(page.locator('[aria-valuetext$=", 3.5 % behind"]')).waitFor();
    await becomes(trader, id, { status: 'REPLACED' });
  });

  test('a replacement that loses the race to a fill is refused, and the order stays filled', {
    timeout: 90_000,
  }, async () => {
    const { people } = world.market;
    const [{ page, trader }, others] = [await world.trader('NVDA'), await holderOf(people, 'NVDA', '5')];
    const id = await placed(trader, limit('BUY', '5', '200.01'));
    await page.goto(`${world.url}/trade/NVDA`);
    const row = page.getByRole('row', { name: /Buy 5 NVDA, Working/ });
    await row.focus();
    await page.keyboard.press('r');
    const dialog = page.getByRole('dialog', { name: 'Replace NVDA' });
    await dialog.getByLabel('Limit price').fill('199.5');
    await placed(others, limit('SELL', '5', '200.01'));
    await becomes(trader, id, { status: 'FILLED' });
    await dialog.getByRole('button', { name: 'Replace' }).click();
    await dialog.getByRole('alert').getByText(/\w{3}/).waitFor();
    await world.keep(page, 'orders-4-replace-too-late');
    await dialog.getByRole('button', { name: 'Leave it' }).click();
    await page.getByRole('row', { name: /Buy 5 NVDA, Filled/ }).waitFor();
    expect(await page.getByRole('row', { name: /Buy 5 NVDA/ }).count()).toBe(1);
  });

  test('a symbol that is halted says so and why, takes no order, and trades again without a reload', {
    timeout: 90_000,
  }, async () => {
    const [{ page }, staff] = [await world.trader('META'), await world.market.people.registered()];
    await world.market.system
      .client('security', SecurityServiceService)
      .grantRole({ userId: staff.userId, role: 'operator', reason: 'runs the market', expiresAtUs: 0n });
    const desk = await world.seated(staff);
    await page.goto(`${world.url}/trade/META`);
    await page.evaluate(() => Object.assign(window, { isSamePage: true }));
    await page.getByRole('button', { name: 'Buy META' }).waitFor();

    // A right that was granted is known everywhere within a second, and a page asks for it once.
    await eventually(async () => {
      await desk.goto(`${world.url}/admin/halts`);
      await desk.getByLabel('Symbol').waitFor({ timeout: 3000 });
    });
    await desk.getByLabel('Symbol').fill('META');
    await desk.getByLabel('Reason, for everybody to see').fill('news pending');
    await desk.getByRole('button', { name: 'Halt' }).click();
    await page.getByRole('alert').getByText('Halted: news pending').waitFor();
    await page.getByText('META is halted; orders wait until it trades again.').waitFor();
    expect(await page.getByRole('button', { name: 'Buy META' }).isDisabled()).toBe(true);
    await world.keep(page, 'orders-5-halted');
    await desk.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('alert').getByText('Halted').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true);
  });

  test('two hundred open orders are all there, and all cancelled after one question', {
    timeout: 120_000,
  }, async () => {
    const { page, trader } = await world.trader('GOOGL');
    const prices = Array.from({ length: 200 }, (_, at) => (5 + at / 100).toFixed(2));
    for (let at = 0; at < prices.length; at += 20)
      await Promise.all(prices.slice(at, at + 20).map((price) => placed(trader, limit('BUY', '1', price))));
    await page.goto(`${world.url}/trade/GOOGL`);
    await page.getByRole('tab', { name: 'Orders 200 open' }).waitFor();
    await page.goto(`${world.url}/orders?state=OPEN`);
    const rows = page.getByRole('row', { name: /Buy 1 GOOGL, Working/ });
    const older = page.getByRole('button', { name: 'Older ones' });
    await rows.first().waitFor();
    while (await older.isVisible()) {
      const before = await rows.count();
      await older.click();
      await rows.nth(before).waitFor();
    }
    await eventually(async () => expect(await rows.count()).toBe(200));
    await rows.last().scrollIntoViewIfNeeded();
    await world.keep(page, 'orders-6-two-hundred');
    await page.getByRole('button', { name: 'Cancel all' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel all' }).click();
    await page.getByText('No orders here.').waitFor();
    const { data } = await trader.browser.ask(
      'query ($id: ID!) { account(id: $id) { orders(filter: { state: OPEN }, first: 5) { nodes { id } } cashReserved } }',
      { id: trader.account },
    );
    expect(data).toMatchObject({ account: { orders: { nodes: [] } } });
  });

  test('what one does elsewhere is here at once: an order placed and cancelled by a program', {}, async () => {
    const { page, trader } = await world.trader('AMZN');
    await page.goto(`${world.url}/orders`);
    await page.getByText('No orders here.').waitFor();
    const id = await placed(trader, limit('BUY', '7', '150'));
    await page.getByRole('row', { name: /Buy 7 AMZN, Working/ }).waitFor();
    await cancelled(trader, id);
    await page.getByRole('row', { name: /Buy 7 AMZN, Cancelled/ }).waitFor();
  });
}
