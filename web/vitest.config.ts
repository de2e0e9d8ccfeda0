import { existsSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

const chromium = process.env['ANDVARI_CHROMIUM'] ?? '/usr/bin/chromium';
const hasChromium = existsSync(chromium);
if (!hasChromium) {
  process.stdout.write(`Component tests are left out: no Chromium at ${chromium}. Debian: apt-get install chromium.\n`);
}

/** Rules run in Node; whatever touches a page runs in a real browser. */
export default defineConfig({
  test: {
    testTimeout: 30_000,
    reporters: ['default', ['json', { outputFile: 'test-results.json' }]],
    projects: [
      { extends: true, test: { name: 'rules', include: ['test/rules/**/*.test.ts'], environment: 'node' } },
      ...(hasChromium
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
