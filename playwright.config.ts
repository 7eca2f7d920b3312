// End-to-end tests: the production site as `npm start` serves it, in Chromium. One worker: the tests run virtual machines and
// measure times, so they must not compete with each other.
import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGUMENTS, findChromium } from './scripts/chromium.ts';

/** Another one, in $E2E_PORT, lets two checkouts be tested at the same time. */
const PORT = Number(process.env.E2E_PORT ?? 8186);

export default defineConfig({
  testDir: 'e2e',
  testIgnore: 'firefox/**',
  outputDir: 'test-results/e2e',
  workers: 1,
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: {
    baseURL: `http://localhost:${PORT}/`,
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: findChromium(), args: CHROMIUM_ARGUMENTS },
  },
  webServer: {
    command: `npm run -s start -- --port ${PORT}`,
    url: `http://localhost:${PORT}/`,
    reuseExistingServer: false,
    timeout: 180_000,
    stdout: 'ignore',
    stderr: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 2000 },
  },
});
