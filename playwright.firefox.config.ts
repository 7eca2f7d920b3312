// The smoke test in Firefox. Playwright runs it, serves the site and counts; Firefox itself is driven by puppeteer-core over
// WebDriver BiDi, since Playwright drives only a Firefox of its own make. Its way over BiDi (channel moz-firefox, version 1.65)
// ends with a command that Firefox 153 does not know, emulation.setMediaFeaturesOverride.
import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

export default defineConfig({
  ...base,
  testDir: 'e2e/firefox',
  testIgnore: [],
  outputDir: 'test-results/firefox',
  reporter: [['list'], ['json', { outputFile: 'test-results/firefox.json' }]],
  use: { baseURL: base.use?.baseURL },
});
