// The built site on a host that serves plain files, sends no COOP/COEP headers and has it in a sub-path: the service worker
// must make the page cross-origin isolated, workers included; where there is none, or a policy forbids what the hosts are made
// of, the page must say what is wrong.
import { expect, test } from '@playwright/test';
import { type StaticHost, startStaticHost } from './support/static-host.ts';

let host: StaticHost;

test.beforeAll(async () => {
  host = await startStaticHost();
});

test.afterAll(() => host.close());

test('becomes cross-origin isolated by its service worker, and loads all it needs', async ({ page }) => {
  const missing: string[] = [];
  page.on('response', (response) => {
    if (response.status() === 404 && !response.url().endsWith('favicon.ico')) missing.push(response.url());
  });
  await page.goto(host.address);
  await expect
    .poll(() => page.evaluate(() => window.crossOriginIsolated).catch(() => false), { timeout: 20_000 })
    .toBe(true);
  const inWorker = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const source = 'postMessage(self.crossOriginIsolated && new SharedArrayBuffer(8).byteLength)';
        const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
        worker.onmessage = ({ data }) => resolve(data);
      }),
  );
  expect(inWorker).toBe(8);
  await expect(page.locator('#root > *').first()).toBeVisible();
  expect(missing).toEqual([]);
});

test('says which header is needed where a content security policy forbids WebAssembly', async ({ page }) => {
  const strict = await startStaticHost({
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Content-Security-Policy': "script-src 'self'",
  });
  await page.goto(strict.address);
  await expect(page.getByRole('heading', { name: 'tabvisor cannot run here' })).toBeVisible();
  await expect(page.getByText(/Content-Security-Policy.*'wasm-unsafe-eval'/)).toBeVisible();
  await expect(page.getByText(/CompileError|embedder/)).toHaveCount(0);
  strict.close();
});

test.describe('without a service worker', () => {
  test.use({ serviceWorkers: 'block' });

  test('says what is missing and what to do about it', async ({ page }) => {
    await page.goto(host.address);
    await expect(page.getByRole('heading', { name: 'tabvisor cannot run here' })).toBeVisible();
    await expect(page.getByText(/not cross-origin isolated.*"Cross-Origin-Opener-Policy: same-origin"/)).toBeVisible();
  });
});
