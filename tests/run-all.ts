import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findChromium } from '@andvari/servers/chromium';
import { checkoutRoot as root } from '@andvari/servers/data-home';
import { serverVersions } from '@andvari/servers/versions';
import {
  countsOf,
  type Failure,
  failuresOf,
  forgetResultsOf,
  hasResults,
  hasStrayErrors,
  type Workspace,
} from './suite-results.ts';

/**
 * Everything that must hold before a change lands: contracts, types, lint and format, then every suite. Ends with one
 * line that counts the tests. What did not change since it last passed is taken from turbo's cache, its counts included.
 */
const bin = join(root, 'node_modules/.bin');
const everySuite = ['run', 'test', '--continue', '--output-logs=new-only'];
/** More files than this do not fail by chance. */
const MAX_SECOND_LOOKS = 2;
// A suite that passed on other servers has not passed on these: turbo keeps what it knows by this as well.
const env = { ...process.env, ANDVARI_SERVERS: await serverVersions(), ANDVARI_CHROMIUM: findChromium() ?? '' };
const workspaces = listWorkspaces();
for (const workspace of workspaces) forgetResultsOf(workspace);

// In one piece: every package alone reads what it shares with the others anew, which takes three times as long.
const checks = [
  await turbo(['run', 'gen', '--output-logs=errors-only']),
  await turbo(['run', 'whole:types', 'whole:style', '--output-logs=errors-only', '--concurrency=1', '--continue']),
  await turbo(['run', 'lint', '--filter=@andvari/proto', '--output-logs=errors-only']),
];
// A suite waits for its servers half of the time, so three share the cores. Whole systems come two at a time, when few suites are left.
const units = turbo([...everySuite, '--filter=!@andvari/tests', '--concurrency=3']);
await Promise.race([units, fewSuitesAreLeft()]);
const suites = [await turbo([...everySuite, '--filter=@andvari/tests', '--concurrency=1']), await units];

const counts = workspaces.map(countsOf);
const sum = (count: keyof (typeof counts)[number]) => counts.reduce((all, each) => all + each[count], 0);
const failures = workspaces.flatMap(failuresOf);
const repeated = await failuresThatRepeat();
// A check or a suite that broke without a failing test to show for it must not look like a success.
const isBroken =
  checks.some((code) => code !== 0) ||
  workspaces.some((workspace) => hasSuite(workspace) && !hasResults(workspace)) ||
  (suites.some((code) => code !== 0) && failures.length === 0);
const failed = Math.max(sum('failed') - (failures.length - repeated.length), isBroken ? 1 : 0);
// Said once more at the end, where whoever reads only the last lines finds them.
for (const failure of failures) {
  const verdict = repeated.includes(failure) ? 'FAILED' : 'FAILED AT FIRST, and passed when its file ran again, alone:';
  process.stdout.write(`\n${verdict} ${fileOf(failure)}: ${failure.test}\n${failure.message}\n`);
}
if (checks.some((code) => code !== 0)) process.stdout.write('\nTypes, lint or format are wrong; see above.\n');
// What could not be had (a browser, helm, promtool) is skipped and counted, never passed.
const skipped = sum('skipped');
const passed = sum('passed') + failures.length - repeated.length;
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 ? 0 : 1;

function listWorkspaces(): Workspace[] {
  const { stdout } = spawnSync(join(bin, 'turbo'), ['ls', '--output=json'], { cwd: root, encoding: 'utf8' });
  return (JSON.parse(stdout) as { packages: { items: Workspace[] } }).packages.items;
}

/** Its exit code. */
function turbo(args: string[]): Promise<unknown> {
  return run('turbo', args, root);
}

async function run(command: string, args: string[], cwd: string): Promise<unknown> {
  const [code] = await once(
    spawn(join(bin, command), args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] }),
    'exit',
  );
  return code;
}

/** Whoever has ended has written its results. */
async function fewSuitesAreLeft(): Promise<void> {
  const awaited = workspaces.filter((workspace) => workspace.name !== '@andvari/tests' && hasSuite(workspace));
  while (awaited.filter((workspace) => !hasResults(workspace)).length > 2) {
    await pause(500, undefined, { ref: false });
  }
}

function hasSuite({ path }: Workspace): boolean {
  const { scripts } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as { scripts?: object };
  return scripts !== undefined && 'test' in scripts;
}

/** A file that failed beside others runs once more by itself: docs/decisions/0066. What passes then is told all the same. */
async function failuresThatRepeat(): Promise<Failure[]> {
  const files = new Map(failures.map((failure) => [fileOf(failure), failure]));
  if (files.size > MAX_SECOND_LOOKS || workspaces.some(hasStrayErrors)) return failures;
  const passedAlone = new Set<string>();
  for (const [file, { workspace, suite }] of files) {
    // With this reporter the results of the whole suite stay as they are.
    const code = await run('vitest', ['run', suite, '--reporter=default'], join(root, workspace.path));
    if (code === 0) passedAlone.add(file);
  }
  return failures.filter((failure) => !passedAlone.has(fileOf(failure)));
}

function fileOf({ workspace, suite }: Failure): string {
  return join(workspace.path, suite);
}
