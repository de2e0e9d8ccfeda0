import { defineConfig } from 'vitest/config';

/**
 * One configuration for every workspace. `infra`: the tests need PostgreSQL, NATS and Redis. `serial`: one file at a time,
 * for whole systems whose databases have fixed names.
 */
export function workspaceTests(options: { infra?: boolean; include?: string[]; serial?: boolean } = {}) {
  return defineConfig({
    test: {
      include: options.include ?? ['test/**/*.test.ts'],
      testTimeout: 30_000,
      hookTimeout: 60_000,
      pool: 'forks',
      maxWorkers: options.serial ? 1 : 2,
      // The counts that tests/run-all.ts adds up, kept with turbo's cache.
      reporters: ['default', ['json', { outputFile: 'test-results.json' }]],
      ...(options.infra ? { globalSetup: ['@andvari/kit/testing/global-setup'] } : {}),
    },
  });
}
