import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkoutRoot } from '@andvari/servers/data-home';
import { type Area, areas } from './areas.ts';
import { copyCheckout } from './copy-checkout.ts';
import { equivalents } from './equivalents.ts';
import { printShares } from './print-shares.ts';
import { brokenRuns, type Report, type Shares, sharesOf, total } from './shares.ts';

/**
 * `npm run --silent mutate -- <area> [file …]`: changes the code of an area one place at a time, in a copy of the checkout, runs the tests
 * of the area against each change, and lists what they do not notice. Takes minutes to an hour; no part of `make test`.
 */
function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { concurrency: { type: 'string', default: '2' } },
  });
  const [name = '', ...files] = positionals;
  const area = areas[name];
  if (area === undefined) {
    process.stderr.write(
      `Usage: make mutate AREA=<area> [FILE=<part of a path>]\nAreas: ${Object.keys(areas).join(', ')}\n`,
    );
    return 64;
  }
  // Whoever works at this machine goes first.
  setPriority(19);
  const copy = mkdtempSync(join(tmpdir(), 'andvari-mutate-'));
  // For PostgreSQL, which does not run as root: what it could not enter it would keep elsewhere, and that would stay.
  chmodSync(copy, 0o755);
  try {
    copyCheckout(checkoutRoot, copy);
    const report = runStryker(copy, area, files, Number(values.concurrency));
    if (report === undefined) return 70;
    keepReport(name, report);
    const [broken] = brokenRuns(report);
    if (broken !== undefined) {
      process.stderr.write(`The tests themselves could not be run: ${broken}\n`);
      return 70;
    }
    const shares = sharesOf(area.workspace, report, equivalents);
    printShares(name, area.goal, shares);
    return isGoodEnough(area, shares) ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
  }
}

function runStryker(copy: string, area: Area, files: readonly string[], concurrency: number): Report | undefined {
  const cwd = join(copy, area.workspace);
  const output = 'mutation.json';
  const configFile = 'vitest.mutate.config.ts';
  writeFileSync(join(cwd, configFile), vitestConfig(area));
  const options = {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    inPlace: true,
    mutate: files.length === 0 ? area.mutate : files.map((file) => `src/**/*${file}*`),
    // Streams and databases of a test are named by its process.
    vitest: { pool: 'forks', related: false, configFile },
    concurrency,
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: output },
    dryRunTimeoutMinutes: 15,
    timeoutMS: area.servers ? 30_000 : 15_000,
    allowEmpty: false,
  };
  writeFileSync(join(cwd, 'stryker.config.json'), JSON.stringify(options));
  const stryker = join(checkoutRoot, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  const { status } = spawnSync(process.execPath, [stryker, 'run'], { cwd, stdio: 'inherit' });
  return status === 0 ? (JSON.parse(readFileSync(join(cwd, output), 'utf8')) as Report) : undefined;
}

/** Which tests run is said here: with Stryker's own `testFiles` what a module makes when it is loaded is never changed. */
function vitestConfig({ servers, tests }: Area): string {
  // How long a test may take is Stryker's to say: it knows how long it took unchanged.
  const more = { include: tests, testTimeout: 600_000, ...(servers ? {} : { globalSetup: [] }) };
  return [
    "import base from './vitest.config.ts';",
    `export default { ...base, test: { ...base.test, ...${JSON.stringify(more)} } };\n`,
  ].join('\n\n');
}

/** Where `mutation-testing-elements` and other viewers find it. */
function keepReport(name: string, report: Report): void {
  const folder = join(checkoutRoot, '.data/mutate');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(report));
}

function isGoodEnough({ goal }: Area, { files, outdated }: Shares): boolean {
  const { noticed, counted } = total(files);
  return noticed >= counted * goal && outdated.length === 0;
}

process.exitCode = main();
