import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type InlineConfig, type Reporter, type TestSpecification } from 'vitest/node';

/** Services that tests start as processes are compiled once, not at every start. Workers inherit it, and hand it on. */
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '.data/compile-cache');

/** What goes wrong outside of every test has no place in the results, and must not be taken for a test's doing. */
const strayErrors: Reporter = {
  onTestRunEnd(_, errors) {
    if (errors.length > 0) writeFileSync('test-stray-errors.txt', errors.map(({ message }) => message).join('\n'));
  },
};

/** Twice what the longest suite takes on a slow machine; whoever asks for the long tests waits for them. */
const MAX_SUITE_MS = process.env['ANDVARI_LONG'] === '1' ? 24 * 3_600_000 : 30 * 60_000;
/** For whoever was started by a test to end; a process that lives on with a pipe of its worker's would keep the runner for ever. */
const MAX_END_MS = 60_000;

/** A run of tests ends, whatever hangs in it: who waits for it must hear where. */
const underWay = new Map<string, string>();
const ending: Reporter = {
  onInit: () => end(MAX_SUITE_MS, () => `the suite did not end; under way: ${[...underWay.values()].join('; ')}`, 1),
  onTestModuleQueued: ({ id, relativeModuleId }) => void underWay.set(id, relativeModuleId),
  onTestModuleEnd: ({ id }) => void underWay.delete(id),
  onTestCaseReady: ({ id, fullName }) => void underWay.set(id, fullName),
  onTestCaseResult: ({ id }) => void underWay.delete(id),
  onTestRunEnd(_, __, reason) {
    end(MAX_END_MS, () => 'the tests have ended, and something that they started has not', reason === 'passed' ? 0 : 1);
  },
};

function end(afterMs: number, why: () => string, code: number): void {
  setTimeout(() => {
    process.stderr.write(`After ${afterMs / 60_000} minutes ${why()}\n`);
    process.exit(code);
  }, afterMs).unref();
}

/** The counts that tests/run-all.ts adds up are kept with turbo's cache. */
export const reporters: NonNullable<InlineConfig['reporters']> = [
  'default',
  ['json', { outputFile: 'test-results.json' }],
  strayErrors,
  ending,
];

/**
 * One configuration for every workspace. `infra`: the tests need PostgreSQL, NATS and Redis. `first`: files that take so
 * long that the others should run beside them, not before.
 */
export function workspaceTests(options: { infra?: boolean; include?: string[]; first?: string[] } = {}) {
  return defineConfig({
    test: {
      include: options.include ?? ['test/**/*.test.ts'],
      // How long a thing takes is the machine's business: these end only what hangs.
      testTimeout: 120_000,
      hookTimeout: 240_000,
      pool: 'forks',
      maxWorkers: 2,
      // A worker keeps the modules that it has loaded: docs/decisions/0073.
      isolate: false,
      sequence: { sequencer: longestFirst(options.first ?? []) },
      reporters,
      ...(options.infra ? { globalSetup: ['@andvari/kit/testing/global-setup'] } : {}),
    },
  });
}

function longestFirst(names: readonly string[]): typeof BaseSequencer {
  const rank = ({ moduleId }: TestSpecification): number => {
    const at = names.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
    return at < 0 ? names.length : at;
  };
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      // oxlint-disable-next-line unicorn/no-array-sort -- Vitest's own, and no array's.
      return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
    }
  };
}
