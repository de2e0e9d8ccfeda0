import { defineConfig } from 'vitest/config';

/** One configuration for every workspace; `infra` says that the tests need PostgreSQL, NATS and Redis. */
export function workspaceTests(options: { infra?: boolean } = {}) {
  return defineConfig({
    test: {
      include: ['test/**/*.test.ts'],
      testTimeout: 30_000,
      hookTimeout: 60_000,
      pool: 'forks',
      maxWorkers: 2,
      ...(options.infra ? { globalSetup: ['@andvari/kit/testing/global-setup'] } : {}),
    },
  });
}
