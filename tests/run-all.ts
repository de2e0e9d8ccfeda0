import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Everything that must hold before a change lands: contracts, types, lint and format, then every suite. Ends with one
 * line that counts the tests. What did not change since it last passed is taken from turbo's cache, its counts included.
 */
const root = join(import.meta.dirname, '..');
const workspaces = (JSON.parse(turbo(['ls', '--output=json'], 'pipe').stdout) as { packages: { items: Workspace[] } })
  .packages.items;
for (const workspace of workspaces) rmSync(resultsOf(workspace), { force: true });

const checks = turbo(['run', 'gen', 'typecheck', 'lint', '--output-logs=errors-only', '--concurrency=2'], 'inherit');
// One suite after the other: each uses both cores itself.
const suites = turbo(['run', 'test', '--continue', '--concurrency=1', '--output-logs=new-only'], 'inherit');

const counts = workspaces.map(countsOf);
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failedTests = counts.reduce((sum, count) => sum + count.failed, 0);
// A check or a suite that broke without a failing test to show for it must not look like a success.
const broken = checks.status === 0 && suites.status === 0 ? 0 : 1;
const failed = Math.max(failedTests, broken);
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
  return spawnSync(binary, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', stdout, 'inherit'] });
}

function resultsOf(workspace: Workspace): string {
  return join(root, workspace.path, 'test-results.json');
}

function countsOf(workspace: Workspace): { passed: number; failed: number; skipped: number } {
  const file = resultsOf(workspace);
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0 };
  const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
  // A file that cannot even be loaded has no tests to count, but it has failed.
  const unloadable = results.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + unloadable.length,
    skipped: results.numPendingTests,
  };
}

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}
