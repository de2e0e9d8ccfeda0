import { defineConfig } from 'vitest/config';

/** One configuration for every workspace; `infra` says that the tests need PostgreSQL, NATS and Redis. */
export function workspaceTests(options: { infra?: boolean; include?: string[] } = {}) {
  return defineConfig({
    test: {
      include: options.include ?? ['test/**/*.test.ts'],
      testTimeout: 30_000,
      hookTimeout: 60_000,
      pool: 'forks',
      maxWorkers: 2,
      // The counts that tests/run-all.ts adds up, kept with turbo's cache.
      reporters: ['default', ['json', { outputFile: 'test-results.json' }]],
      ...(options.infra ? { globalSetup: ['@andvari/kit/testing/global-setup'] } : {}),
    },
  });
}
