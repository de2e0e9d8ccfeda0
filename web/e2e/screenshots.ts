import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { findChromium, HOW_TO_GET_CHROMIUM } from '../../packages/servers/src/chromium.ts';

/** Pictures of the running system for the README. Look at them before they are committed. */
const url = process.env['ANDVARI_URL'] ?? 'http://127.0.0.1:8080';
const folder = join(import.meta.dirname, '../../docs/pictures');
const person = { email: 'demo@demo.example', password: 'demo-password-for-my-own-machine' };
const [desktop, phone] = [
  { viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 },
  { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
];

const pictures = [
  { name: 'trade-dark', path: '/trade/AAPL', theme: 'dark', device: desktop },
  { name: 'trade-light', path: '/trade/AAPL', theme: 'light', device: desktop },
  { name: 'portfolio', path: '/portfolio', theme: 'light', device: desktop },
  { name: 'markets', path: '/', theme: 'dark', device: desktop },
  { name: 'phone', path: '/trade/AAPL', theme: 'dark', device: phone },
  { name: 'phone-light', path: '/portfolio', theme: 'light', device: phone },
] as const;

await fetch(`${url}/healthz`).catch(() => {
  console.error(`Nothing answers at ${url}. Start it in another terminal: make up (ANDVARI_URL names one elsewhere).`);
  process.exit(1);
});
const executablePath = findChromium();
if (executablePath === undefined) throw new Error(HOW_TO_GET_CHROMIUM);
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const signedIn = await browser.newContext();
const first = await signedIn.newPage();
await first.goto(`${url}/sign-in`);
await first.fill('input[name=email]', person.email);
await first.fill('input[name=password]', person.password);
await first.click('button[type=submit]');
await first.waitForURL(`${url}/`);
const storageState = await signedIn.storageState();
await signedIn.close();

for (const { name, path, theme, device } of pictures) {
  const context = await browser.newContext({ ...device, storageState, locale: 'en-US', colorScheme: theme });
  await context.addInitScript(
    (picked) => localStorage.setItem('andvari.taste', JSON.stringify({ theme: picked.toUpperCase() })),
    theme,
  );
  const page = await context.newPage();
  await page.goto(url + path);
  await settled(page);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
  process.stdout.write(`${name}.png\n`);
}
await browser.close();

/** Until numbers have taken the place of dashes, and trades have come where somebody trades. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => document.querySelector('h1') !== null && document.querySelector('[aria-busy]') === null,
  );
  await page.waitForTimeout(8000);
}
