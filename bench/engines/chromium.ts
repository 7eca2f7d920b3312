// A fresh Chromium with a page of a site in it, or several of its tabs, and what its processes cost.
import { type BrowserServer, chromium, type Page } from '@playwright/test';
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium.ts';
import { measureProcessTree, type ProcessUsage } from '../measure/process-tree.ts';

const LOAD_LIMIT_MS = 60_000;

export interface ChromiumPage {
  page: Page;
  /** Resolves with another tab of the same profile when the page in it has loaded. */
  openTab(url: string): Promise<Page>;
  /** Of the browser. */
  pid: number;
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
    const browser = await chromium.connect(server.wsEndpoint());
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const openTab = async (address: string) => {
      const tab = await context.newPage();
      await tab.goto(address, { timeout: LOAD_LIMIT_MS });
      return tab;
    };
    const page = await openTab(url);
    const { pid } = server.process();
    if (pid === undefined) throw new Error('Chromium has ended.');
    return { page, openTab, pid, usage: () => measureProcessTree(pid), close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}
