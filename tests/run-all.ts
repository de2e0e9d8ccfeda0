import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findChromium } from '@andvari/servers/chromium';
import { serverVersions } from '@andvari/servers/versions';

/**
 * Everything that must hold before a change lands: contracts, types, lint and format, then every suite. Ends with one
 * line that counts the tests. What did not change since it last passed is taken from turbo's cache, its counts included.
 */
const root = join(import.meta.dirname, '..');
const turbo = join(root, 'node_modules/.bin/turbo');
const everySuite = ['run', 'test', '--continue', '--output-logs=new-only'];
// A suite that passed on other servers has not passed on these: turbo keeps what it knows by this as well.
const ANDVARI_SERVERS = await serverVersions();
const ANDVARI_CHROMIUM = findChromium() ?? '';
const workspaces = listWorkspaces();
for (const workspace of workspaces) rmSync(resultsOf(workspace), { force: true });

// In one piece: every package alone reads what it shares with the others anew, which takes three times as long.
const checks = [
  await run(['run', 'gen', '--output-logs=errors-only']),
  await run(['run', 'whole:types', 'whole:style', '--output-logs=errors-only', '--concurrency=1', '--continue']),
  await run(['run', 'lint', '--filter=@andvari/proto', '--output-logs=errors-only']),
];
// A suite waits for its servers half of the time, so three share the cores. Whole systems come two at a time, when few suites are left.
const units = run([...everySuite, '--filter=!@andvari/tests', '--concurrency=3']);
await Promise.race([units, fewSuitesAreLeft()]);
const suites = [await run([...everySuite, '--filter=@andvari/tests', '--concurrency=1']), await units];

const counts = workspaces.map(countsOf);
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failedTests = counts.reduce((sum, count) => sum + count.failed, 0);
// A check or a suite that broke without a failing test to show for it must not look like a success.
const broken = [...checks, ...suites].every((status) => status === 0) ? 0 : 1;
const failed = Math.max(failedTests, broken);
// Said once more at the end, where whoever reads only the last lines finds them.
for (const { suite, test, message } of workspaces.flatMap(failuresOf)) {
  process.stdout.write(`\nFAILED ${suite}: ${test}\n${message}\n`);
}
if (checks.some((status) => status !== 0)) process.stdout.write('\nTypes, lint or format are wrong; see above.\n');
// What could not be had (a browser, helm, promtool) is skipped and counted, never passed.
const skipped = counts.reduce((sum, count) => sum + count.skipped, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 ? 0 : 1;

interface Workspace {
  name: string;
  path: string;
}

function listWorkspaces(): Workspace[] {
  const { stdout } = spawnSync(turbo, ['ls', '--output=json'], { cwd: root, encoding: 'utf8' });
  return (JSON.parse(stdout) as { packages: { items: Workspace[] } }).packages.items;
}

/** Its exit code. */
async function run(args: string[]): Promise<unknown> {
  const env = { ...process.env, ANDVARI_SERVERS, ANDVARI_CHROMIUM };
  const [code] = await once(spawn(turbo, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] }), 'exit');
  return code;
}

/** Whoever has ended has written its results. */
async function fewSuitesAreLeft(): Promise<void> {
  const awaited = workspaces.filter(({ name, path }) => name !== '@andvari/tests' && hasSuite(path));
  while (awaited.filter((workspace) => !existsSync(resultsOf(workspace))).length > 2) {
    await pause(500, undefined, { ref: false });
  }
}

function hasSuite(path: string): boolean {
  const { scripts } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as { scripts?: object };
  return scripts !== undefined && 'test' in scripts;
}

function resultsOf(workspace: Workspace): string {
  return join(root, workspace.path, 'test-results.json');
}

function countsOf(workspace: Workspace): { passed: number; failed: number; skipped: number } {
  const results = readResults(workspace);
  if (results === undefined) return { passed: 0, failed: 0, skipped: 0 };
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.testResults.filter(isUnloadable).length,
    skipped: results.numPendingTests,
  };
}

function failuresOf(workspace: Workspace): { suite: string; test: string; message: string }[] {
  const files = readResults(workspace)?.testResults ?? [];
  return files.flatMap((file) => {
    const failures = file.assertionResults.filter(({ status }) => status === 'failed');
    const named = failures.map(({ fullName, failureMessages }) => ({
      test: fullName,
      message: failureMessages.join('\n'),
    }));
    if (isUnloadable(file)) named.push({ test: 'could not be loaded or made ready', message: file.message });
    const suite = relative(root, file.name);
    return named.map(({ test, message }) => ({ suite, test, message: message.split('\n').slice(0, 12).join('\n') }));
  });
}

/** A file that cannot be loaded or made ready has no failed test to count, but it has failed. */
function isUnloadable({ status, assertionResults }: FileResults): boolean {
  return status === 'failed' && assertionResults.every((test) => test.status !== 'failed');
}

function readResults(workspace: Workspace): Results | undefined {
  const file = resultsOf(workspace);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : undefined;
}

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: FileResults[];
}

interface FileResults {
  name: string;
  status: string;
  message: string;
  assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
}
