import { readFileSync } from 'node:fs';
import { eventually } from '@andvari/kit/testing/eventually';
import { add } from '@andvari/money';
import { format, microsOf } from '@andvari/money/decimal';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { order, type WebWorld } from './world.ts';

const password = 'a few words that nobody guesses';
const email = 'ada@example.com';

export function newcomer(world: WebWorld): void {
  test('from nothing to a statement: sign up, letter, verify, onboard, deposit, buy, the fill, sell part', {
    timeout: 150_000,
  }, async () => {
    const page = await world.visitor({ acceptDownloads: true });
    await signUp(page);
    await onboard(page);
    // The first thing that one presses leads somewhere, though nothing was looked at yet.
    await page.getByRole('link', { name: 'Trade', exact: true }).first().click();
    await page.getByRole('heading', { level: 1, name: 'AAPL' }).waitFor();
    // Nothing but how many: the price is the ask until one is typed.
    await order(page, { Quantity: '3' }, 'Buy 3 AAPL');
    await page.getByRole('row', { name: /Buy 3 AAPL, Filled/ }).waitFor();
    await page.getByRole('status').getByText('Filled: 3 of 3 AAPL').waitFor();
    await world.keep(page, 'newcomer-1-filled');

    await page.goto(`${world.url}/portfolio`);
    await page.getByRole('button', { name: 'Sell', exact: true }).click();
    await page.getByRole('button', { name: 'Sell 3 AAPL' }).waitFor();
    await page.getByLabel('Type').selectOption('MARKET');
    await order(page, { Quantity: '1' }, 'Sell 1 AAPL');
    await page.getByRole('row', { name: /Sell 1 AAPL, Filled/ }).waitFor();

    await page.goto(`${world.url}/portfolio`);
    await page.getByRole('row', { name: '2 AAPL' }).waitFor();
    await numbersAreTheSameEverywhere(page);
    await world.keep(page, 'newcomer-2-portfolio');

    await page.goto(`${world.url}/activity`);
    await page.getByRole('link', { name: 'Sold AAPL' }).click();
    await page.getByRole('dialog', { name: 'Order' }).getByText('What happened').waitFor();
    await page.goBack();
    const statement = page.getByRole('region', { name: 'Statements' }).getByRole('link');
    const [download] = await Promise.all([page.waitForEvent('download'), statement.first().click()]);
    expect(download.suggestedFilename()).toMatch(/^statement-[\w-]+-\d{4}-\d{2}\.csv$/);
    await statementIsWhole(page, readFileSync(await download.path(), 'utf8'));
    await world.keep(page, 'newcomer-3-activity');
  });

  async function signUp(page: Page): Promise<void> {
    await page.goto(`${world.url}/sign-up`);
    await page.getByLabel('Given name').fill('Ada');
    await page.getByLabel('Family name').fill('Lovelace');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Make an account' }).click();
    await page.getByRole('heading', { name: /Welcome|Look into your mail/ }).waitFor();
    // Who is new here is told where letters go on a machine that sends none.
    await page.getByRole('link', { name: 'The letter is here' }).click();
    const link = page.getByRole('link', { name: /\/verify\?token=/ });
    // The letter may come after whoever looks for it.
    await eventually(async () => {
      await page.reload();
      expect(await link.count()).toBe(1);
    });
    await link.click();
    // Opened by whatever looks through letters it does nothing.
    const confirm = page.getByRole('button', { name: 'Confirm the address' });
    await confirm.waitFor();
    await page.waitForURL(`${world.url}/verify`);
    await confirm.click();
    await page.getByRole('heading', { name: 'Address verified' }).waitFor();
    await page.getByRole('link', { name: 'Go on' }).click();
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }
}

async function onboard(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1, name: 'Welcome' }).waitFor();
  // Whoever looks around first finds the way back on every page.
  await page.getByRole('link', { name: 'Look around first' }).click();
  await page.getByRole('heading', { level: 1, name: 'Markets' }).waitFor();
  await page.getByRole('link', { name: 'Open an account' }).click();
  await page.getByLabel('Country').selectOption('GB');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Open it' }).click();
  await page.getByRole('link', { name: 'Deposit money' }).click();
  await page.getByRole('button', { name: 'Deposit', exact: true }).click();
  await page.getByLabel('Amount, USD').fill('25,000');
  await page.getByRole('dialog').getByRole('button', { name: 'Deposit' }).click();
  await page.locator('dd', { hasText: '$25,000.00' }).first().waitFor();
}

/** One number has one source: the bar, the page and the API say the same to the cent, at the same moment. */
async function numbersAreTheSameEverywhere(page: Page): Promise<void> {
  // Each block is there in its own time.
  await page
    .locator('dt', { hasText: /^Equity$/ })
    .nth(1)
    .waitFor({ state: 'attached' });
  const shown = await page.evaluate(async () => {
    const [equity, today] = ['Equity', 'Today'].map((label) =>
      [...document.querySelectorAll('div')]
        .filter((div) => div.querySelector(':scope > dt')?.textContent === label)
        .map((div) => div.querySelector('dd')?.textContent ?? ''),
    );
    const texts = { equity, today };
    const query = '{ accounts(first: 1) { nodes { summary { equity dayPnl } } } }';
    const answer = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-andvari-csrf': '1' },
      body: JSON.stringify({ query }),
    });
    const { data } = (await answer.json()) as {
      data: { accounts: { nodes: { summary: { equity: string; dayPnl: string } }[] } };
    };
    return { texts, ...data.accounts.nodes[0]?.summary };
  });
  const equity = dollars(shown.equity);
  expect(shown.texts.equity).toEqual([equity, equity]);
  // Bought and sold at the house's prices: something was lost, so that nothing is not taken for the same.
  const today = dollars(shown.dayPnl, { signDisplay: 'exceptZero' });
  expect(today).toMatch(/[1-9]/);
  expect(shown.texts.today).toEqual([today, today]);
}

const dollars = (value = '', options: Intl.NumberFormatOptions = {}): string =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', ...options }).format(
    value as Intl.StringNumericLiteral,
  );

/** Made by the gateway from the ledger: what was there and all that is listed is what is there, which is what the page says. */
async function statementIsWhole(page: Page, text: string): Promise<void> {
  const [head = '', ...lines] = text.trimEnd().split('\r\n');
  const columns = head.split(',');
  const rows = lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [columns[at] ?? '', cell])));
  const types = rows.map(({ type }) => type);
  expect(types.slice(0, 2)).toEqual(['OPENING_BALANCE', 'DEPOSIT']);
  expect(types).toContain('BUY');
  expect(types).toContain('SELL');
  expect(types.at(-1)).toBe('CLOSING_BALANCE');
  let balance = microsOf(rows[0]?.['balance'] ?? '');
  for (const row of rows.slice(1)) {
    balance = add(balance, microsOf(row['amount'] || '0'));
    expect(row['balance']).toBe(format(balance));
    expect(row['type'] === 'BUY' || row['type'] === 'SELL').toBe(row['orderId'] !== '');
  }
  await page
    .getByText(dollars(format(balance)))
    .first()
    .waitFor();
}
