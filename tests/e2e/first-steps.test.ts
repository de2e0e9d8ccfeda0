import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enlist } from '@andvari/demo/people';
import { eventually } from '@andvari/kit/testing/eventually';
import { checkoutRoot } from '@andvari/servers/data-home';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type System, startSystem, tradingServices } from './system.ts';

/** What a newcomer pastes, as it stands on the page, against a real system: README.md and docs/first-steps.md. */
let system: System;
let folder: string;

beforeAll(async () => {
  system = await startSystem(tradingServices);
  folder = mkdtempSync(join(tmpdir(), 'andvari-first-steps-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await system.close();
});

const page = (name: string): string => readFileSync(join(checkoutRoot, name), 'utf8');
const blocksOf = (text: string): string[] =>
  [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);

/** Somebody else’s terminal: the pages’ address is the only thing that is not as it stands. */
function paste(script: string): string {
  const port = new URL(system.url).port;
  const run = spawnSync('bash', ['-c', script.replaceAll(':8080', `:${port}`)], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  keepFrom(script);
  system.witness.answered(new Headers(), run.stdout);
  for (const [, value = ''] of run.stdout.matchAll(/"secret":"([^"]+)"/g)) system.witness.keep(value);
  return run.stdout;
}

/** What was typed, and what a jar holds, is in no log. */
function keepFrom(script: string): void {
  for (const [, password = ''] of script.matchAll(/"password":"([^"]+)"/g)) system.witness.keep(password);
  for (const jar of globSync('{jar,other}', { cwd: folder })) {
    const cookies = readFileSync(join(folder, jar), 'utf8').matchAll(/__Host-\w+\t(\S+)$/gm);
    for (const [, value = ''] of cookies) system.witness.keep(value);
  }
}

test('docs/first-steps.md says what comes', { timeout: 120_000 }, () => {
  const promises: string[] = [];
  const script = blocksOf(page('docs/first-steps.md'))
    .join('\n')
    .replaceAll(/^#> (.*)$/gm, (_, promise: string) => `echo '<<${promises.push(promise)}>>'`);
  const answers = paste(script).split(/<<\d+>>\n/);
  expect(promises.length).toBeGreaterThan(15);
  expect(answers).toHaveLength(promises.length + 1);
  expect(promises.filter((promise, at) => !answers[at]?.includes(promise))).toEqual([]);
});

test('README.md buys ten shares', { timeout: 120_000 }, async () => {
  await enlist(system.url, 'demo', '100000');
  const block = blocksOf(page('README.md')).find((text) => text.includes('curl')) ?? '';
  const said = paste(block);
  expect(said).toMatch(/"quote":\{"last":"\d/);
  expect(said).toMatch(/"orderId":"[0-9a-f-]{36}"/);
  // The last line of the block, once more: the page does not say how long a fill may take.
  const script = block.replace(/^ask "mutation[\s\S]*?"$/m, '');
  await eventually(() => expect(paste(script)).toMatch(/"symbol":"AAPL","quantity":"10"/));
});
