import { eventually } from '@andvari/kit/testing/eventually';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { DESKTOP, PHONE, TABLET, type WebWorld, withAxe } from './world.ts';

/** With all that its first answers bring. */
export async function opened(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
}

/** In units of the Layout Instability API; 0.1 is what browsers call good. */
export const MOST_MOVED = 0.02;

interface Shift extends PerformanceEntry {
  value: number;
  sources: { node: Node | null }[];
}
type Noting = typeof globalThis & { shifts: { observer: PerformanceObserver; seen: Shift[] } };

/** In the page, before it begins. */
export function noteShifts(): void {
  const seen: Shift[] = [];
  const observer = new PerformanceObserver((list) => void seen.push(...(list.getEntries() as Shift[])));
  observer.observe({ type: 'layout-shift', buffered: true });
  (globalThis as Noting).shifts = { observer, seen };
}

export function shiftsNoted(): { sum: number; most: string } {
  const { observer, seen } = (globalThis as Noting).shifts;
  const all = [...seen, ...(observer.takeRecords() as Shift[])];
  const worst = all.toSorted((a, b) => b.value - a.value)[0];
  const words = worst?.sources.map(({ node }) => `${node?.nodeName}: ${node?.textContent?.slice(0, 40)}`).join('; ');
  return { sum: all.reduce((sum, { value }) => sum + value, 0), most: words ?? 'nothing' };
}

/** All rules in each size; the other theme differs in its colours alone. */
export async function violationsOfBoth(page: Page): Promise<string[]> {
  const found = await withAxe(page, async (violations) => {
    const all: string[] = [];
    for (const [device, size] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      await page.setViewportSize(size);
      await settled(page);
      await theme(page, 'dark');
      all.push(...(await violations()).map((what) => `${device} dark: ${what}`));
      await theme(page, 'light');
      all.push(...(await violations(['color-contrast'])).map((what) => `${device} light: ${what}`));
    }
    return all;
  });
  await page.setViewportSize(DESKTOP);
  return found;
}

/** In both themes, at a desk, on a tablet and in the hand; nothing that axe finds, nothing beyond the edge. */
export async function looksGood(world: WebWorld, page: Page, name: string): Promise<void> {
  expect(await violationsOfBoth(page)).toEqual([]);
  const size = page.viewportSize() ?? DESKTOP;
  for (const [device, viewport] of Object.entries({ desktop: size, tablet: TABLET, phone: PHONE })) {
    await page.setViewportSize(viewport);
    // A table finds its form in the frame after.
    await eventually(async () => expect(await tooWide(page), device).toEqual([]));
    for (const each of ['dark', 'light']) {
      await theme(page, each);
      await world.keep(page, `${name}-${device}-${each}`);
    }
  }
  await page.setViewportSize(size);
}

/** A table finds its form in the frame after its size is known, and until then can be scrolled by nobody who has but a keyboard. */
const settled = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(() => resolve())));
      }),
  );

const theme = (page: Page, name: string): Promise<void> =>
  page.evaluate((picked) => void (document.documentElement.dataset['theme'] = picked), name);

/** What reaches beyond the right edge without a way to scroll to it, or makes the page itself scroll sideways. */
export const tooWide = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const scrolls = (node: Element | null): boolean =>
      node !== null &&
      (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
    const main = document.querySelector('main');
    const sideways = [document.documentElement, ...(main === null ? [] : [main])]
      .filter((node) => node.scrollWidth > node.clientWidth)
      .map((node) => `${node.tagName} scrolls sideways: ${node.scrollWidth} of ${node.clientWidth}`);
    const beyond = [...document.querySelectorAll('button, a, input, select, h1, h2')]
      .filter(
        (node) =>
          node.getBoundingClientRect().right > width + 1 && node.checkVisibility() && !scrolls(node.parentElement),
      )
      .map((node) => `${node.tagName} ${node.textContent.slice(0, 30)}`);
    return [...sideways, ...beyond];
  });

/** Of the height of the window, at the least. */
export const LEAST_SHARE = 0.84;

/** How much of the height of the window shows the page's content, and no bar over or beside it. */
export const shareOfContent = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { innerHeight: height, innerWidth: width } = globalThis;
    const main = document.querySelector('main');
    const isContent = (y: number): boolean => main?.contains(document.elementFromPoint(width / 2, y)) ?? false;
    return [...Array(height).keys()].filter(isContent).length / height;
  });
