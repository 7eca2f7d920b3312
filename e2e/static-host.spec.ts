// The built site on a host that serves plain files, sends no COOP/COEP headers and has it in a sub-path: the service worker
// must make the page cross-origin isolated, workers included.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';

const SITE = fileURLToPath(new URL('../dist/', import.meta.url));
const SUB_PATH = '/some/where/';
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

let server: Server;
let address: string;

test.beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const file = join(SITE, name.slice(SUB_PATH.length));
    if (!name.startsWith(SUB_PATH) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
  address = `http://localhost:${(server.address() as AddressInfo).port}${SUB_PATH}`;
});

test.afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('becomes cross-origin isolated by its service worker, and loads all it needs', async ({ page }) => {
  const missing: string[] = [];
  page.on('response', (response) => {
    if (response.status() === 404 && !response.url().endsWith('favicon.ico')) missing.push(response.url());
  });
  await page.goto(address);
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
