import { eventually } from '@andvari/kit/testing/eventually';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { expect, test } from 'vitest';
import { PASSWORD } from '../people.ts';
import { orderOf, placed, withMoney } from '../traders.ts';
import {
  LEAST_SHARE,
  MOST_MOVED,
  noteShifts,
  opened,
  shareOfContent,
  shiftsNoted,
  tooWide,
  violationsOfBoth,
} from './page-checks.ts';
import { DESKTOP, order, PHONE, SHORT, TABLET, type WebWorld } from './world.ts';

const signedIn = [
  '/',
  '/trade/AAPL',
  '/orders',
  '/portfolio',
  '/activity',
  '/funding',
  '/inbox',
  '/settings/profile',
  '/settings/security',
  '/settings/keys',
  '/settings/preferences',
  '/settings/delete',
  '/welcome',
  '/status',
  '/about',
  '/nowhere',
];
const staff = ['users', 'roles', 'halts', 'actions', 'fees', 'letters', 'audit'].map((tab) => `/admin/${tab}`);
const signedOut = ['/sign-in', '/sign-up', '/verify', '/reset', '/reset?token=x', '/status'];

/** Whoever they are, whatever they hold in their hands. */
export function reach(world: WebWorld): void {
  test('in German 1.234,5 is one thousand two hundred and thirty-four and a half, and so is the order', {}, async () => {
    const { page, trader } = await world.trader('GOOGL', { locale: 'de-DE' });
    await page.goto(`${world.url}/trade/GOOGL`);
    await page.getByLabel('Quantity').fill('1.234,5');
    await page.getByText('Understood as 1.234,5').waitFor();
    await order(page, { 'Limit price': '9,5' }, 'Buy 1.234,5 GOOGL');
    await page.getByRole('row', { name: /Buy 1\.234,5 GOOGL, Working/ }).waitFor();
    await world.keep(page, 'reach-1-german');
    const { data } = await trader.browser.ask(
      'query ($id: ID!) { account(id: $id) { orders(first: 5) { nodes { id quantity limitPrice } } } }',
      { id: trader.account },
    );
    const [{ id, ...rest }] = (data['account'] as { orders: { nodes: [{ id: string }] } }).orders.nodes;
    expect(rest).toEqual({ quantity: '1234.5', limitPrice: '9.5' });
    expect(await orderOf(trader, id)).toMatchObject({ status: 'NEW' });
  });

  test('the keyboard alone: from signing in to an order and its cancel', { timeout: 90_000 }, async () => {
    const person = await world.market.people.registered();
    const { email } = person;
    const page = await world.visitor();
    await withMoney(person, 'AAPL');
    await page.goto(`${world.url}/sign-in`);
    const { keyboard } = page;
    await page.getByLabel('Email').and(page.locator(':focus')).waitFor();
    await keyboard.type(email);
    await keyboard.press('Tab');
    await keyboard.type(PASSWORD);
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Markets' }).waitFor();
    await keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Symbol, page or command' }).waitFor();
    await keyboard.type('aapl');
    await page.getByRole('option', { name: /^AAPL/ }).waitFor();
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'AAPL' }).waitFor();
    await keyboard.press('b');
    await page.getByLabel('Quantity').and(page.locator(':focus')).waitFor();
    await keyboard.type('4');
    await keyboard.press('Tab');
    await keyboard.type('150');
    // Whoever types faster than the first quote comes sees that the ticket cannot be sent yet, and waits.
    await page.getByRole('button', { name: 'Buy 4 AAPL' }).and(page.locator(':enabled')).waitFor();
    await keyboard.press('Enter');
    const asked = page.getByRole('dialog', { name: 'Send this order?' });
    await asked.getByRole('button', { name: 'Cancel' }).and(page.locator(':focus')).waitFor();
    await world.keep(page, 'reach-2-keyboard');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await page.getByText('Sent. Its state is in the list of orders.').waitFor();
    await keyboard.press('Escape');
    await keyboard.press('g');
    await keyboard.press('o');
    await page.getByRole('heading', { level: 1, name: 'Orders' }).waitFor();
    await page.getByRole('row', { name: /Buy 4 AAPL, Working/ }).waitFor();
    await keyboard.press('j');
    await page
      .getByRole('row', { name: /Buy 4 AAPL/ })
      .and(page.locator(':focus'))
      .waitFor();
    await keyboard.press('c');
    await page.getByRole('dialog', { name: 'Cancel this order?' }).waitFor();
    await keyboard.press('Enter');
    await page.getByRole('row', { name: /Buy 4 AAPL, Cancelled/ }).waitFor();
  });

  test('what one likes goes with the account: another browser has it, and is asked where both have changed it', {}, async () => {
    const person = await world.market.people.registered();
    const here = await world.seated(person);
    await here.goto(`${world.url}/settings/preferences`);
    await here.getByLabel('Up and down').selectOption('sky');
    await here.getByLabel('Rows').selectOption('dense');
    await here.getByLabel('Numbers and times').selectOption('de-CH');
    await here.getByLabel('Keys of one letter').uncheck();
    const there = await world.seated(person);
    // A moment after the last change all of them are sent at once.
    await eventually(async () => {
      await there.goto(`${world.url}/settings/preferences`);
      await there.locator('html[data-direction=sky][data-density=dense][lang=de-CH]').waitFor({ timeout: 2000 });
      expect(await there.getByLabel('Keys of one letter').isChecked()).toBe(false);
    });
    await world.keep(there, 'reach-5-preferences');

    await there.getByLabel('Theme').selectOption('LIGHT');
    await eventually(async () => {
      expect((await person.browser.ask('{ preferences { theme } }')).data).toEqual({ preferences: { theme: 'LIGHT' } });
    });
    await here.getByLabel('Theme').selectOption('DARK');
    const theirs = here.getByRole('radio', { name: 'Saved elsewhere Light' });
    await theirs.waitFor();
    expect(await theirs.isChecked()).toBe(false);
    await here.locator('html[data-theme=dark]').waitFor();
    await world.keep(here, 'reach-8-preferences-changed-in-two-browsers');
    await theirs.click();
    await here.locator('html[data-theme=light]').waitFor();
    await here.getByLabel('Theme').waitFor();
  });

  test('a watchlist is put in order by hand and by keys, and stays so', async () => {
    const person = await world.market.people.registered();
    const { browser } = await withMoney(person, 'AAPL');
    const symbols = ['AAPL', 'MSFT', 'NVDA', 'AMZN'];
    await browser.ask('mutation ($input: CreateWatchlistInput!) { createWatchlist(input: $input) { __typename } }', {
      input: { name: 'Mine', symbols },
    });
    const page = await world.seated(person);
    await page.goto(world.url);
    const list = page.getByRole('table', { name: 'Mine' });
    const symbolsThere = (): Promise<string[]> =>
      list.locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key') ?? ''));
    const grip = (symbol: string) => list.getByRole('button', { name: `Move ${symbol}` });
    await grip('AMZN').dragTo(grip('AAPL'));
    await eventually(async () => expect(await symbolsThere()).toEqual(['AMZN', 'AAPL', 'MSFT', 'NVDA']));
    await grip('AAPL').focus();
    // Faster than anybody answers.
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await eventually(async () => expect(await symbolsThere()).toEqual(['AMZN', 'MSFT', 'NVDA', 'AAPL']));
    await grip('AAPL').and(page.locator(':focus')).waitFor();
    await world.keep(page, 'reach-6-watchlist');
    await browser.ask('mutation ($input: CreateWatchlistInput!) { createWatchlist(input: $input) { __typename } }', {
      input: { name: 'Other', symbols: [] },
    });
    const savedSymbols = async () => {
      const { data } = await browser.ask('{ watchlists(first: 2) { nodes { name symbols } } }');
      const { nodes } = data['watchlists'] as { nodes: { name: string; symbols: string[] }[] };
      return nodes.find(({ name }) => name === 'Mine')?.symbols;
    };
    // The list shows what it is about to save: a page that is left before has not saved it.
    await eventually(async () => expect(await savedSymbols()).toEqual(['AMZN', 'MSFT', 'NVDA', 'AAPL']));
    await page.reload();
    const tab = page.getByRole('tab', { name: 'Mine' });
    await tab.focus();
    await page.keyboard.press('Shift+ArrowRight');
    await tab.and(page.locator(':focus')).and(page.locator(':last-child')).waitFor();
    await eventually(async () => {
      const { data } = await browser.ask('{ watchlists(first: 2) { nodes { name } } }');
      expect(data).toEqual({ watchlists: { nodes: [{ name: 'Other' }, { name: 'Mine' }] } });
    });
    expect(await savedSymbols()).toEqual(['AMZN', 'MSFT', 'NVDA', 'AAPL']);
  });

  test('an address that somebody made up leads to a page that says so, and never to a broken one', {}, async () => {
    const { page } = await world.trader('AAPL');
    for (const symbol of ['NOSUCH', 'NO%3Cb%3E', 'A'.repeat(3000)]) {
      await page.goto(`${world.url}/trade/${symbol}`);
      await page.getByRole('heading', { level: 1, name: /^There is no / }).waitFor();
      expect(await tooWide(page)).toEqual([]);
    }
    await page.goto(`${world.url}/orders?from=yesterday&state=NONSENSE&symbol=%3Cscript%3E`);
    await page.getByText('Not a symbol.').waitFor();
    await page.getByText('No orders here.').waitFor();
    await page.goto(`${world.url}/activity?from=0000-99-99&type=NONSENSE`);
    await page.getByRole('row', { name: /Deposit/ }).waitFor();
    await page.goto(`${world.url}/trade`);
    await page.getByRole('heading', { level: 1, name: 'AAPL' }).waitFor();
  });

  test('where only known operations are let in, as in production, the app does all it does, and nothing else is let in', {
    timeout: 120_000,
  }, async () => {
    const strict = await world.market.system.anotherGateway({ PERSISTED_ONLY: 'true' });
    const { page, trader } = await world.trader('AAPL');
    const refused: string[] = [];
    page.on('response', (response) => {
      if (response.status() === 403) refused.push(response.request().postData()?.slice(0, 80) ?? response.url());
    });
    for (const path of signedIn) await opened(page, strict + path);
    await page.goto(`${strict}/trade/AAPL`);
    await page.getByText('Live', { exact: true }).waitFor();
    await order(page, { Quantity: '1', 'Limit price': '150' }, 'Buy 1 AAPL');
    await page.getByRole('row', { name: /Buy 1 AAPL, Working/ }).waitFor();
    expect(refused).toEqual([]);
    const elsewhere = trader.browser.at(strict);
    const { status, errors } = await elsewhere.ask('{ me { email } }');
    expect({ status, reason: errors[0]?.extensions?.['reason'] }).toEqual({ status: 403, reason: 'operation_unknown' });
  });

  test('320 pixels wide, as at a zoom of 200 %: nothing is cut off to the side, bars give way, and one can trade', {
    timeout: 150_000,
  }, async () => {
    const { page } = await world.trader('AAPL', { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2 });
    for (const path of signedIn) {
      await opened(page, world.url + path);
      expect(await tooWide(page), path).toEqual([]);
    }
    const tall = page.viewportSize() ?? PHONE;
    await page.setViewportSize(SHORT);
    for (const path of ['/', '/trade/AAPL', '/orders', '/settings/security']) {
      await opened(page, world.url + path);
      expect(await tooWide(page), path).toEqual([]);
      expect(await shareOfContent(page), path).toBeGreaterThanOrEqual(LEAST_SHARE);
      await world.keep(page, `reach-9-short${path}`);
      await page.mouse.wheel(0, 100);
      await eventually(async () => expect(await shareOfContent(page), path).toBe(1));
      await world.keep(page, `reach-9-short${path}-below`);
    }
    await page.keyboard.press('End');
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).scrollIntoViewIfNeeded();
    await world.keep(page, 'reach-9-short-menu');
    await page.setViewportSize(tall);
    await page.goto(`${world.url}/trade/AAPL`);
    await page.getByRole('button', { name: 'Buy', exact: true }).click();
    await world.keep(page, 'reach-3-narrow-ticket');
    await order(page, { Quantity: '1', 'Limit price': '150' }, 'Buy 1 AAPL');
    await page.getByRole('row', { name: /Buy 1 AAPL, Working/ }).waitFor();
    expect(await tooWide(page)).toEqual([]);
    await world.keep(page, 'reach-4-narrow');
  });

  test('nothing that one looks at moves when the answers of a first load arrive, on a desktop, a tablet or a phone', {
    timeout: 120_000,
  }, async () => {
    const { page, trader } = await world.trader('AAPL');
    await placed(trader, { side: 'BUY', type: 'MARKET', quantity: '2' });
    await placed(trader, { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1', limitPrice: '150' });
    await page.addInitScript(noteShifts);
    const moved: string[] = [];
    for (const size of [DESKTOP, TABLET, PHONE]) {
      await page.setViewportSize(size);
      for (const path of ['/', '/portfolio', '/trade/AAPL']) {
        await opened(page, world.url + path);
        const { sum, most } = await page.evaluate(shiftsNoted);
        if (sum > MOST_MOVED) moved.push(`${path} at ${size.width}: ${sum.toFixed(3)}, most of it ${most}`);
      }
    }
    expect(moved).toEqual([]);
  });

  test('in the reader’s own colours what is chosen and what has the focus is still seen', {
    timeout: 120_000,
  }, async () => {
    const { page } = await world.trader('AAPL', { forcedColors: 'active' });
    await page.goto(`${world.url}/trade/AAPL`);
    await page.getByRole('tab', { name: /^Orders/ }).waitFor();
    const groundOf = (selector: string): Promise<string> =>
      page.locator(selector).evaluate((node) => getComputedStyle(node).backgroundColor);
    const sides = '[aria-label^="Ticket for"] fieldset';
    for (const [chosen, other] of [
      [`${sides} input:checked + span`, `${sides} input:not(:checked) + span`],
      ['[role=tab][aria-selected=true]', '[role=tab][aria-selected=false] >> nth=0'],
    ] as const) {
      expect(await groundOf(chosen), chosen).not.toBe(await groundOf(other));
    }
    const quantity = page.getByLabel('Quantity', { exact: true });
    await quantity.press('Shift');
    expect(await quantity.evaluate((node) => getComputedStyle(node).outline)).toMatch(/solid 2px$/);
    await world.keep(page, 'reach-7-forced-colours');
  });

  test('nobody is shut out: axe finds nothing on any page, dark or light, on a desktop or a phone', {
    timeout: 300_000,
  }, async () => {
    const person = await world.market.people.registered();
    const trader = await withMoney(person, 'AAPL');
    await placed(trader, { side: 'BUY', type: 'MARKET', quantity: '2' });
    await placed(trader, { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1', limitPrice: '150' });
    const security = world.market.system.client('security', SecurityServiceService);
    await security.grantRole({ userId: person.userId, role: 'admin', reason: 'looks at all', expiresAtUs: 0n });
    const seated = await world.seated(person, { colorScheme: 'dark' });
    const visitor = await world.visitor({ colorScheme: 'dark' });
    const found: string[] = [];
    // A stranger is no error.
    visitor.on('console', (said) => said.type() === 'error' && found.push(`${visitor.url()} ${said.text()}`));
    for (const [page, paths] of [
      [seated, [...signedIn, ...staff]],
      [visitor, signedOut],
    ] as const) {
      for (const path of paths) {
        await opened(page, world.url + path);
        expect(new URL(page.url()).pathname).toBe(path.replace(/\?.*/, ''));
        found.push(...(await violationsOfBoth(page)).map((what) => `${path} ${what}`));
      }
    }
    expect(found).toEqual([]);
  });
}
