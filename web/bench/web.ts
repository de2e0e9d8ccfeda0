import { join } from 'node:path';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { findChromium, HOW_TO_GET_CHROMIUM } from '../../packages/servers/src/chromium.ts';
import { initialSizesOf, laterSizesOf, sumOf } from '../build/sizes.ts';
import { startGateway } from './made-up-gateway.ts';
import { FIRST_LIVE_PRICE, SYMBOLS, sentAtMs } from './made-up-market.ts';

/**
 * What the page that people trade on costs: one Chromium, the built page, fifty quotes five times a second, a book ten times,
 * the chart. Time of the main thread is that thread's own processor time, so that a busy machine does not lie; long tasks and
 * tick to pixel are on the wall.
 */
export async function run({ long }: { long: boolean }): Promise<Record<string, number>> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(HOW_TO_GET_CHROMIUM);
  const gateway = await startGateway();
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--enable-precise-memory-info'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.addInitScript(observe, FIRST_LIVE_PRICE);
    const cdp = await page.context().newCDPSession(page);
    await page.goto(`${gateway.url}/trade/${SYMBOLS[0]}`);
    const firstLiveMs = await firstLive(page);
    await page.waitForTimeout(WARM_UP_MS);
    const measured = await measure(page, cdp, long ? 600_000 : 25_000);
    const sizes = sizesOf(join(import.meta.dirname, '../dist'));
    const figures = { ...sizes, first_live_quote_ms: firstLiveMs, ...measured };
    judge(figures);
    return figures;
  } finally {
    await browser.close();
    await gateway.close();
  }
}

const WARM_UP_MS = 5000;
const MINUTE_MS = 60_000;

/** From web.md: what is not met is said, and not hidden in a table. */
const budgets: Record<string, number> = {
  initial_js_gzip_kb: 130,
  chart_gzip_kb: 60,
  first_live_quote_ms: 1000,
  main_thread_percent: 20,
  long_tasks: 0,
  tick_to_pixel_p99_ms: 60,
  heap_growth_mb: 2,
};

function judge(figures: Record<string, number>): void {
  for (const [name, budget] of Object.entries(budgets)) {
    const value = figures[name] ?? Number.NaN;
    console.log(`${value <= budget ? 'met    ' : 'NOT MET'}  ${name} ${value} of ${budget}`);
  }
}

async function measure(page: Page, cdp: CDPSession, forMs: number): Promise<Record<string, number>> {
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const heaps = [await heapMb(cdp)];
  const before = await metrics(cdp);
  await drained(page);
  const startedAtMs = performance.now();
  const longTasks: number[] = [];
  const seen: Observed['seen'] = [];
  let [after, passedS] = [before, 0];
  for (let leftMs = forMs; leftMs > 0; leftMs -= MINUTE_MS) {
    await page.waitForTimeout(Math.min(leftMs, MINUTE_MS));
    const observed = await drained(page);
    longTasks.push(...observed.longTasks);
    seen.push(...observed.seen);
    after = await metrics(cdp);
    passedS = (performance.now() - startedAtMs) / 1000;
    heaps.push(await heapMb(cdp));
    // Collecting took the page's thread, which is not the page's fault.
    await drained(page);
  }
  if (heaps.length > 2) console.log(`heap in MB, minute by minute: ${heaps.map(rounded).join(' ')}`);
  const [heapBefore = 0, heapAfter = 0] = [heaps[0], heaps.at(-1)];
  const delays = seen
    .flatMap(({ text, atMs }) => {
      const sentMs = sentAtMs.get(text);
      return sentMs === undefined ? [] : [atMs - sentMs];
    })
    .toSorted((left, right) => left - right);
  if (delays.length < 20) throw new Error(`only ${delays.length} ticks were seen`);
  const share = (name: string): number => rounded((((after.get(name) ?? 0) - (before.get(name) ?? 0)) / passedS) * 100);
  return {
    main_thread_percent: share('TaskDuration'),
    script_percent: share('ScriptDuration'),
    layout_percent: rounded(share('LayoutDuration') + share('RecalcStyleDuration')),
    long_tasks: longTasks.length,
    longest_task_ms: Math.max(0, ...longTasks),
    ticks_seen: delays.length,
    tick_to_pixel_p50_ms: at(delays, 0.5),
    tick_to_pixel_p99_ms: at(delays, 0.99),
    heap_mb: rounded(heapAfter),
    heap_growth_mb: rounded(heapAfter - heapBefore),
  };
}

/** Taken out of the page, or it would be the growth that is looked for. */
function drained(page: Page): Promise<Observed> {
  return page.evaluate(() => {
    const { longTasks, seen } = window as unknown as Observed;
    return { longTasks: longTasks.splice(0), seen: seen.splice(0) };
  });
}

interface Observed {
  longTasks: number[];
  seen: { text: string; atMs: number }[];
  firstLiveMs?: number;
}

/** In the page: long tasks, and when the frame with a new price of the header has been drawn. */
function observe(firstLivePrice: number): void {
  const here: Observed = Object.assign(window, { longTasks: [] as number[], seen: [] as Observed['seen'] });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) here.longTasks.push(duration);
  }).observe({ type: 'longtask' });
  const channel = new MessageChannel();
  let waiting: string[] = [];
  // A message that is sent in a frame is heard after it has been drawn.
  channel.port1.addEventListener('message', () => {
    const atMs = performance.timeOrigin + performance.now();
    for (const text of waiting) here.seen.push({ text, atMs });
    waiting = [];
  });
  channel.port1.start();
  // What is written within a frame is drawn by that frame; the next one to be asked for would be one too late.
  let isInFrame = false;
  const nextFrame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (work) =>
    nextFrame((at) => {
      isInFrame = true;
      work(at);
      // Behind those who hear of what was written.
      queueMicrotask(() => (isInFrame = false));
    });
  const drawn = (): void => channel.port2.postMessage('');
  let shown = '';
  const look = (): void => {
    const text = document.querySelector('main header [data-live]')?.textContent ?? '';
    if (text === shown) return;
    shown = text;
    if (Number(text) >= firstLivePrice) here.firstLiveMs ??= performance.now();
    waiting.push(text);
    if (isInFrame) drawn();
    else nextFrame(drawn);
  };
  document.addEventListener('DOMContentLoaded', () =>
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true }),
  );
}

async function firstLive(page: Page): Promise<number> {
  await page.waitForFunction(() => (window as unknown as Observed).firstLiveMs !== undefined, undefined, {
    timeout: 30_000,
  });
  return Math.round((await page.evaluate(() => (window as unknown as Observed).firstLiveMs)) ?? 0);
}

async function metrics(cdp: CDPSession): Promise<ReadonlyMap<string, number>> {
  const { metrics: all } = await cdp.send('Performance.getMetrics');
  return new Map(all.map(({ name, value }) => [name, value]));
}

async function heapMb(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  return (await cdp.send('Runtime.getHeapUsage')).usedSize / 1024 / 1024;
}

function sizesOf(dist: string): Record<string, number> {
  const chart = laterSizesOf(dist).filter(({ name }) => /chart-library/.test(name));
  return { initial_js_gzip_kb: rounded(sumOf(initialSizesOf(dist).scripts)), chart_gzip_kb: rounded(sumOf(chart)) };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
const at = (sorted: readonly number[], share: number): number =>
  rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
