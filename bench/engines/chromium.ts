// A fresh Chromium with one page of a site in it, and what its processes cost.
import { type Browser, type BrowserServer, chromium, type Page } from '@playwright/test';
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium.ts';
import { measureProcessTree, type ProcessUsage } from '../measure/process-tree.ts';

const LOAD_LIMIT_MS = 60_000;

export interface ChromiumPage {
  page: Page;
  /** Of the whole browser. */
  usage(): ProcessUsage;
  close(): Promise<void>;
}

export function missingChromium(): string | undefined {
  return findChromium() === undefined ? 'There is no Chromium (apt-get install chromium)' : undefined;
}

/** Resolves when the page has loaded. */
export async function openPage(url: string): Promise<ChromiumPage> {
  const server: BrowserServer = await chromium.launchServer({
    executablePath: findChromium(),
    args: CHROMIUM_ARGUMENTS,
  });
  try {
    const browser: Browser = await chromium.connect(server.wsEndpoint());
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(url, { timeout: LOAD_LIMIT_MS });
    const { pid } = server.process();
    return { page, usage: () => measureProcessTree(pid!), close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}
