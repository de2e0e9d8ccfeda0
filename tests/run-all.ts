import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { findChromium } from '@andvari/servers/chromium';
import { serverVersions } from '@andvari/servers/versions';

/**
 * Everything that must hold before a change lands: contracts, types, lint and format, then every suite. Ends with one
 * line that counts the tests. What did not change since it last passed is taken from turbo's cache, its counts included.
 */
const root = join(import.meta.dirname, '..');
const everySuite = ['run', 'test', '--continue', '--output-logs=new-only'];
// A suite that passed on other servers has not passed on these: turbo keeps what it knows by this as well.
const ANDVARI_SERVERS = await serverVersions();
const ANDVARI_CHROMIUM = findChromium() ?? '';
const workspaces = (JSON.parse(turbo(['ls', '--output=json'], 'pipe').stdout) as { packages: { items: Workspace[] } })
  .packages.items;
for (const workspace of workspaces) rmSync(resultsOf(workspace), { force: true });

const checks = turbo(['run', 'gen', 'typecheck', 'lint', '--output-logs=errors-only', '--concurrency=2'], 'inherit');
// A suite waits for its servers half of the time, so three share the cores. Whole systems come last, two at a time.
const suites = [
  turbo([...everySuite, '--filter=!@andvari/tests', '--concurrency=3'], 'inherit'),
  turbo([...everySuite, '--filter=@andvari/tests', '--concurrency=1'], 'inherit'),
];

const counts = workspaces.map(countsOf);
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failedTests = counts.reduce((sum, count) => sum + count.failed, 0);
// A check or a suite that broke without a failing test to show for it must not look like a success.
const broken = [checks, ...suites].every(({ status }) => status === 0) ? 0 : 1;
const failed = Math.max(failedTests, broken);
// Said once more at the end, where whoever reads only the last lines finds them.
for (const { suite, test, message } of workspaces.flatMap(failuresOf)) {
  process.stdout.write(`\nFAILED ${suite}: ${test}\n${message}\n`);
}
if (checks.status !== 0) process.stdout.write('\nTypes, lint or format are wrong; see above.\n');
// What could not be had (a browser, helm, promtool) is skipped and counted, never passed.
const skipped = counts.reduce((sum, count) => sum + count.skipped, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 ? 0 : 1;

interface Workspace {
  name: string;
  path: string;
}

function turbo(args: string[], stdout: 'pipe' | 'inherit') {
  const binary = join(root, 'node_modules/.bin/turbo');
  const env = { ...process.env, ANDVARI_SERVERS, ANDVARI_CHROMIUM };
  return spawnSync(binary, args, { cwd: root, encoding: 'utf8', env, stdio: ['ignore', stdout, 'inherit'] });
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
