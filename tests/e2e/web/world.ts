/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { checkoutRoot } from '@andvari/servers/data-home';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Market, useMarket } from '../market.ts';
import { PASSWORD, type Person } from '../people.ts';
import { type Trader, withMoney } from '../traders.ts';

/** People in Chromium before the built page and the whole system, whose prices stand still until a story moves them. */
export interface WebWorld {
  readonly market: Market;
  readonly url: string;
  /** What pages broke of their own policy, or threw, in all stories together. */
  readonly complaints: string[];
  /** Somebody nobody knows, in a browser of their own. */
  visitor(options?: BrowserContextOptions): Promise<Page>;
  /** Somebody who is signed in. */
  seated(person: Person, options?: BrowserContextOptions): Promise<Page>;
  /** Somebody signed in with money, as whom the story can act through the API as well. */
  trader(symbol: string, options?: BrowserContextOptions): Promise<{ page: Page; trader: Trader }>;
  /** A picture of the page, for whoever wants to look: making one costs as much as many a step of a story. */
  keep(page: Page, name: string): Promise<void>;
}

export const DESKTOP = { width: 1440, height: 900 };
export const TABLET = { width: 834, height: 1112 };
export const PHONE = { width: 390, height: 844 };
/** What is left of a screen of 1280 by 1024 at a zoom of 400 %: WCAG 1.4.10. */
export const SHORT = { width: 320, height: 256 };
const pictures = join(checkoutRoot, 'tests/artefacts/web');
const PATIENCE_MS = 25_000;

export function useWebWorld(executablePath: string, quoted: Record<string, number>): WebWorld {
  const market = useMarket(quoted);
  const complaints: string[] = [];
  let browser: Browser;
  let visitors = 0;
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(() => browser.close());
  // What a failed story saw last, and nothing of it is left for the next one.
  afterEach(async ({ task }) => {
    const contexts = browser.contexts();
    const pages = contexts.flatMap((context) => context.pages());
    if (task.result?.state === 'fail')
      await Promise.all(pages.map((page, at) => picture(page, `failed-${task.name.slice(0, 40)}-${at}`)));
    await Promise.all(contexts.map((context) => context.close()));
  });

  const visitor: WebWorld['visitor'] = async (options = {}) => {
    visitors += 1;
    const context = await browser.newContext({
      locale: 'en-US',
      viewport: DESKTOP,
      // Each person comes from an address of their own, as elsewhere in these tests.
      extraHTTPHeaders: { 'x-forwarded-for': `203.0.113.${visitors}` },
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    listen(page, complaints);
    context.on('page', (other) => listen(other, complaints));
    return page;
  };

  const seated: WebWorld['seated'] = async ({ email }, options) => {
    const page = await visitor(options);
    // Before any page is open, which would ask who is here at the same moment.
    const answer = await page.context().request.post(`${market.system.url}/auth/login`, {
      headers: { 'x-andvari-csrf': '1' },
      data: { email, password: PASSWORD },
    });
    const status = answer.status();
    if (status !== 200) throw new Error(`${email} could not sign in: ${status}`);
    return page;
  };

  return {
    market,
    complaints,
    visitor,
    seated,
    get url() {
      return market.system.url;
    },
    async trader(symbol, options) {
      const person = await market.people.registered();
      const trader = await withMoney(person, symbol);
      return { page: await seated(person, options), trader };
    },
    keep: process.env['ANDVARI_PICTURES'] === undefined ? async () => undefined : picture,
  };
}

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(pictures, `${name.replaceAll(/[^\w-]+/g, '-')}.png`) });
}

function listen(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on the page as it stands then, by all its rules or by some. */
export type Violations = (rules?: readonly string[]) => Promise<string[]>;

/** Until the page is left. In an isolated world: the page's own policy lets no foreign script in. */
export async function withAxe<Result>(page: Page, look: (violations: Violations) => Promise<Result>): Promise<Result> {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
  });
  await session.send('Runtime.evaluate', { contextId, expression: axe });
  try {
    return await look(async (rules) => {
      const runOnly =
        rules === undefined
          ? { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }
          : { type: 'rule', values: rules };
      const { result } = await session.send('Runtime.evaluate', {
        contextId,
        awaitPromise: true,
        returnByValue: true,
        expression: `axe.run(document, ${JSON.stringify({ runOnly })}).then(({ violations, passes }) =>
          passes.length === 0 ? ['axe looked at nothing'] : violations.flatMap(({ id, nodes }) =>
            nodes.slice(0, 3).map(({ target, failureSummary }) => id + ' ' + target.join(' ') + ' ' + failureSummary.slice(0, 160))))`,
      });
      return (result.value as string[] | undefined) ?? ['axe did not run'];
    });
  } finally {
    await session.detach();
  }
}

/** Fills the ticket that is on the page and sends it, past the question whether one is sure. */
export async function order(page: Page, fields: Record<string, string>, button: string): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
  const dialog = page.getByRole('dialog', { name: 'Send this order?' });
  await page.getByRole('button', { name: button, exact: false }).click();
  await dialog.getByRole('button', { name: button }).click();
}
