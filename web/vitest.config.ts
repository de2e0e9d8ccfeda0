import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumForTests, HOW_TO_GET_CHROMIUM } from '../packages/servers/src/chromium.ts';
import { reporters } from '../vitest.shared.ts';

const chromium = chromiumForTests();
if (chromium === undefined) process.stdout.write(`Component tests are left out. ${HOW_TO_GET_CHROMIUM}\n`);

/** Rules run in Node; whatever touches a page runs in a real browser. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    reporters,
    projects: [
      { extends: true, test: { name: 'rules', include: ['test/rules/**/*.test.ts'], environment: 'node' } },
      ...(chromium !== undefined
        ? [
            {
              extends: true as const,
              plugins: [react()],
              test: {
                name: 'browser',
                include: ['test/browser/**/*.test.tsx'],
                browser: {
                  enabled: true,
                  headless: true,
                  screenshotFailures: false,
                  provider: playwright({ launchOptions: { executablePath: chromium, args: ['--no-sandbox'] } }),
                  instances: [{ browser: 'chromium' as const }],
                },
              },
            },
          ]
        : []),
    ],
  },
});
