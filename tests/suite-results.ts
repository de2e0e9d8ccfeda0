import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { checkoutRoot } from '@andvari/servers/data-home';

/** A workspace, and what its suite left behind when it ran last. */
export interface Workspace {
  readonly name: string;
  readonly path: string;
}

export interface Failure {
  readonly workspace: Workspace;
  /** The file, as seen from there. */
  readonly suite: string;
  readonly test: string;
  readonly message: string;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function forgetResultsOf(workspace: Workspace): void {
  for (const file of [resultsFile(workspace), strayErrorsFile(workspace)]) rmSync(file, { force: true });
}

export function hasResults(workspace: Workspace): boolean {
  return existsSync(resultsFile(workspace));
}

/** Whether something went wrong that no test is to blame for: vitest.shared.ts notes it. */
export function hasStrayErrors(workspace: Workspace): boolean {
  return existsSync(strayErrorsFile(workspace));
}

export function countsOf(workspace: Workspace): Counts {
  const results = readResults(workspace);
  if (results === undefined) return { passed: 0, failed: 0, skipped: 0 };
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.testResults.filter(isUnloadable).length,
    skipped: results.numPendingTests,
  };
}

export function failuresOf(workspace: Workspace): Failure[] {
  const files = readResults(workspace)?.testResults ?? [];
  return files.flatMap((file) => {
    const failures = file.assertionResults.filter(({ status }) => status === 'failed');
    const named = failures.map(({ fullName, failureMessages }) => ({
      test: fullName,
      message: failureMessages.join('\n'),
    }));
    if (isUnloadable(file)) named.push({ test: 'could not be loaded or made ready', message: file.message });
    const suite = relative(join(checkoutRoot, workspace.path), file.name);
    return named.map(({ test, message }) => ({
      workspace,
      suite,
      test,
      message: message.split('\n').slice(0, 12).join('\n'),
    }));
  });
}

/** A file that cannot be loaded or made ready has no failed test to count, but it has failed. */
function isUnloadable({ status, assertionResults }: FileResults): boolean {
  return status === 'failed' && assertionResults.every((test) => test.status !== 'failed');
}

function readResults(workspace: Workspace): Results | undefined {
  if (!hasResults(workspace)) return undefined;
  return JSON.parse(readFileSync(resultsFile(workspace), 'utf8')) as Results;
}

function resultsFile({ path }: Workspace): string {
  return join(checkoutRoot, path, 'test-results.json');
}

function strayErrorsFile({ path }: Workspace): string {
  return join(checkoutRoot, path, 'test-stray-errors.txt');
}

/** As vitest writes them. */
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
