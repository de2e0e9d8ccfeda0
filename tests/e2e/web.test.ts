import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { checkoutRoot } from '@andvari/servers/data-home';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peopleOf } from './people.ts';
import { type System, startSystem } from './system.ts';

/**
 * The app as a person meets it: Chromium, the built pages, the whole system behind them. By request (ANDVARI_LONG=1), for it
 * takes a browser and a built page, and is counted as skipped elsewhere.
 */
const executablePath = process.env['ANDVARI_CHROMIUM'] ?? '/usr/bin/chromium';
const isReady =
  process.env['ANDVARI_LONG'] !== undefined &&
  existsSync(executablePath) &&
  existsSync(join(checkoutRoot, 'web/dist/index.html'));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const everybody = ['security', 'user', 'auth', 'stock', 'portfolio', 'engine', 'order', 'gateway'];
const password = 'a few words that nobody guesses';

describe.runIf(isReady)('the web app', () => {
  let system: System;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    system = await startSystem(everybody);
    // Somebody whose secrets the logs are searched for.
    await peopleOf(system).registered();
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    context = await browser.newContext({ locale: 'en-US', viewport: { width: 1440, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted/i.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await system.close();
  });

  test('from nothing to a share: sign up, verify, open an account, deposit, buy, see it filled', async () => {
    await page.goto(`${system.url}/sign-up`);
    await page.getByLabel('Given name').fill('Ada');
    await page.getByLabel('Family name').fill('Lovelace');
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Make an account' }).click();
    await page.getByRole('heading', { name: /Welcome|Look into your mail/ }).waitFor();

    await page.goto(`${system.url}/verify?token=${await tokenFor('ada@example.com')}`);
    await page.getByRole('heading', { name: 'Address verified' }).waitFor();
    await page.getByRole('link', { name: 'Go on' }).click();
    await page.getByRole('heading', { name: /Welcome|Sign in/ }).waitFor();
    if (page.url().includes('/sign-in')) {
      await page.getByLabel('Email').fill('ada@example.com');
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
    }
    await page.getByLabel('Country').fill('GB');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Open it' }).click();
    await page.getByRole('link', { name: 'Deposit money' }).click();
    await page.getByRole('button', { name: 'Deposit', exact: true }).click();
    await page.getByLabel('Amount, USD').fill('25,000');
    await page.getByRole('dialog').getByRole('button', { name: 'Deposit' }).click();
    await expectText('dd', '$25,000.00');

    await page.goto(`${system.url}/trade/AAPL`);
    await page.getByLabel('Type').selectOption('MARKET');
    await page.getByLabel('Quantity').fill('3');
    await page.getByRole('button', { name: 'Buy 3 AAPL' }).click();
    await confirmIfAsked('Buy 3 AAPL');
    await page.getByRole('row', { name: /Buy 3 AAPL, Filled/ }).waitFor();
  }, 120_000);

  test('a limit order rests, says why it is not filled, and is cancelled after a question', async () => {
    await page.goto(`${system.url}/trade/AAPL`);
    await page.getByLabel('Type').selectOption('LIMIT');
    await page.getByLabel('Quantity').fill('2');
    await page.getByLabel('Limit price').fill('150.005');
    await page.getByLabel('Good').focus();
    await page.getByText(/Between two ticks/).waitFor();
    await page.getByLabel('Limit price').fill('150');
    await page.getByRole('button', { name: 'Buy 2 AAPL' }).click();
    await confirmIfAsked('Buy 2 AAPL');
    const row = page.getByRole('row', { name: /Buy 2 AAPL, Working/ });
    await row.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Why is it not filled?' }).waitFor();
    await page.keyboard.press('Escape');
    await row.focus();
    await page.keyboard.press('c');
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    await page.getByRole('row', { name: /Buy 2 AAPL, Cancelled/ }).waitFor();
  }, 60_000);

  test('an order whose answer is cut on the wire is sent again under the same id, and is one order', async () => {
    let cuts = 2;
    const ids: unknown[] = [];
    await page.route('**/graphql', async (route) => {
      const body = route.request().postDataJSON() as {
        query: string;
        variables: { input?: { clientOrderId?: string } };
      };
      if (!/mutation PlaceOrder/.test(body.query)) return route.fallback();
      ids.push(body.variables.input?.clientOrderId);
      if (cuts === 0) return route.fallback();
      cuts -= 1;
      // Heard and done, but nobody is told.
      await route.fetch();
      return route.abort();
    });
    await page.goto(`${system.url}/trade/AAPL`);
    await page.getByLabel('Type').selectOption('LIMIT');
    await page.getByLabel('Quantity').fill('1.5');
    await page.getByLabel('Limit price').fill('151');
    await page.getByRole('button', { name: 'Buy 1.5 AAPL' }).click();
    await confirmIfAsked('Buy 1.5 AAPL');
    await page.getByText('Sent. Its state is in the list of orders.').waitFor();
    await page.unroute('**/graphql');
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    await page.goto(`${system.url}/orders?symbol=AAPL`);
    await page.getByRole('row', { name: /Buy 1.5 AAPL/ }).waitFor();
    expect(await page.getByRole('row', { name: /Buy 1.5 AAPL/ }).count()).toBe(1);
  }, 60_000);

  test.each(['dark', 'light'] as const)(
    'nobody is shut out of any page: axe finds nothing, %s',
    async (theme) => {
      await page.evaluate(
        (picked) => localStorage.setItem('andvari.taste', JSON.stringify({ theme: picked.toUpperCase() })),
        theme,
      );
      const found: string[] = [];
      for (const path of [
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
        '/status',
        '/about',
      ]) {
        await page.goto(system.url + path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForFunction("document.querySelector('[aria-busy]') === null");
        expect(new URL(page.url()).pathname).toBe(path);
        found.push(...(await violations()).map((what) => `${path}: ${what}`));
      }
      expect(found).toEqual([]);
    },
    120_000,
  );

  test('a session that ends elsewhere ends here, over the page and not instead of it', async () => {
    await page.goto(`${system.url}/trade/AAPL`);
    await page.getByRole('heading', { level: 1, name: 'AAPL' }).waitFor();
    const other = await context.newPage();
    await other.goto(`${system.url}/portfolio`);
    await other.getByRole('button', { name: 'Account and settings' }).click();
    await other.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('dialog', { name: 'Signed out' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/trade/AAPL');
    await other.close();
  }, 60_000);

  test('the page never broke its own policy', () => {
    expect(complaints).toEqual([]);
  });

  async function tokenFor(address: string): Promise<string> {
    const answer = await fetch(`${system.url}/auth/mailbox?to=${encodeURIComponent(address)}`, {
      headers: { accept: 'application/json' },
    });
    const mails = (await answer.json()) as { subject: string; body: string }[];
    return (
      mails
        .map(({ body }) => /token=([\w.~-]+)/.exec(body)?.[1] ?? /^\s*([\w-]{20,})\s*$/m.exec(body)?.[1])
        .find(Boolean) ?? ''
    );
  }

  async function expectText(selector: string, text: string): Promise<void> {
    await page.locator(selector, { hasText: text }).first().waitFor();
  }

  async function confirmIfAsked(name: string): Promise<void> {
    const dialog = page.getByRole('dialog', { name: 'Send this order?' });
    await dialog.waitFor();
    await dialog.getByRole('button', { name }).click();
  }

  /** In an isolated world: the page's own policy lets no foreign script in. */
  async function violations(): Promise<string[]> {
    const session = await context.newCDPSession(page);
    const { frameTree } = await session.send('Page.getFrameTree');
    const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', {
      frameId: frameTree.frame.id,
    });
    const { result } = await session.send('Runtime.evaluate', {
      contextId,
      awaitPromise: true,
      returnByValue: true,
      expression: `${axe}; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) =>
        violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ target, failureSummary }) => id + ' ' + target.join(' ') + ' ' + failureSummary.slice(0, 160))))`,
    });
    await session.detach();
    return (result.value as string[] | undefined) ?? ['axe did not run'];
  }
});
