// A tab of Firefox with the console or a host in it: what the smoke test looks at and does there. Elements are found by CSS and
// XPath: Firefox takes more than a second for each search by role and name.
import { expect } from '@playwright/test';
import puppeteer, { type Browser, type ElementHandle, type Page } from 'puppeteer-core';
import { AMPLE_DOWNTIME_MS, setDowntimeLimit } from '../support/downtime-limit.ts';

const VIEWPORT = { width: 1440, height: 900 };
/** The pointer travels in steps, as a hand moves it. */
const STEPS = 12;
/** For what the page shows next, ms. Far beyond what it takes: it ends what hangs. */
const LIMIT_MS = 30_000;

const DIALOG = 'dialog[open]';
const REPORT = 'section[aria-label="Migration report"]';
const SCREEN = '.xterm-screen';

/** Without a window, with a profile of its own. The caller closes it. */
export function launchFirefox(path: string): Promise<Browser> {
  return puppeteer.launch({ browser: 'firefox', executablePath: path, headless: true, timeout: 60_000 });
}

export class FirefoxTab {
  readonly page: Page;
  /** What the page reported as errors. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(LIMIT_MS);
    page.on('console', (message) => message.type() === 'error' && this.errors.push(message.text()));
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }

  static async open(browser: Browser, address: string): Promise<FirefoxTab> {
    const tab = new FirefoxTab(await browser.newPage());
    await tab.page.setViewport(VIEWPORT);
    await tab.page.evaluateOnNewDocument(setDowntimeLimit, AMPLE_DOWNTIME_MS);
    await tab.page.goto(address);
    return tab;
  }

  /** Of the first such element; undefined if there is none. */
  text(selector: string): Promise<string | undefined> {
    return this.page.evaluate((css) => document.querySelector(css)?.textContent ?? undefined, selector);
  }

  async shows(selector: string, text: string, timeout = LIMIT_MS): Promise<void> {
    await expect.poll(() => this.text(selector), { timeout, message: `${selector} shows "${text}"` }).toContain(text);
  }

  async click(selector: string): Promise<void> {
    const element = await this.page.waitForSelector(selector, { visible: true });
    await element!.click();
  }

  /** Brings a tab of the work area to the front. */
  async show(title: string): Promise<void> {
    await this.click(withText('*[@role="tab"]', title));
  }

  /** @param kernel path of a file; without it the catalogue's guest */
  async createVm(name: string, host: string, memoryMiB: number, kernel?: string): Promise<void> {
    const { page } = this;
    await this.click(`button[aria-label="New VM on ${host}"]`);
    await page.waitForSelector('select[aria-label="Guest image"]');
    if (kernel !== undefined) {
      await this.click('#vm-source-files');
      const file = (await page.waitForSelector('#vm-kernel')) as ElementHandle<HTMLInputElement>;
      await file.uploadFile(kernel);
    }
    await this.#fill('#vm-name', name);
    await this.#fill('#vm-memory', String(memoryMiB));
    await this.click(`${DIALOG} button[type="submit"]`);
    await this.shows(cardOn(host, name), 'Running');
  }

  /** Presses one of the card's buttons. */
  async act(vm: string, action: string): Promise<void> {
    await this.click(`article[aria-label="${vm}"] button[aria-label="${action}"]`);
  }

  /** Drags the card onto the host once the host says that it fits. */
  async drag(vm: string, host: string): Promise<void> {
    const { mouse } = this.page;
    const from = await this.#centre(`article[aria-label="${vm}"]`);
    await mouse.move(from.x, from.y);
    await mouse.down();
    const to = await this.#centre(blade(host));
    await mouse.move(to.x, to.y, { steps: STEPS });
    await this.shows(blade(host), 'It fits: drop to migrate');
    await mouse.up();
  }

  async migrateByDialog(vm: string, host: string): Promise<void> {
    await this.act(vm, 'Migrate…');
    await this.click(withText('dialog//label', host));
    await this.click(`${DIALOG} button[type="submit"]`);
  }

  /** Waits for the report of that move. @returns the downtime as it stands there */
  async arrived(vm: string, from: string, to: string): Promise<string> {
    const move = `${vm}: ${from} → ${to}`;
    // Of a move that failed, the report says why.
    await expect
      .poll(() => this.text(`${REPORT} h2`), { timeout: 60_000 })
      .toMatch(new RegExp(`^(Completed|Failed) ${move}`));
    expect(await this.text(REPORT)).toContain(`Completed ${move}`);
    await this.shows(cardOn(to, vm), 'Running');
    return this.page.$eval(REPORT, (report) => {
      const label = [...report.querySelectorAll('dt')].find(({ textContent }) => textContent === 'Downtime');
      return label?.nextElementSibling?.textContent ?? '';
    });
  }

  /** The lines of the VM's serial console that are on the screen. */
  screen(): Promise<string> {
    return this.page.evaluate(() => {
      const rows = [...document.querySelectorAll('.xterm-rows > div')];
      return rows
        .map(({ textContent }) => textContent.replaceAll('\u00a0', ' ').trimEnd())
        .join('\n')
        .trimEnd();
    });
  }

  async screenShows(text: RegExp, timeout = LIMIT_MS): Promise<void> {
    await expect.poll(() => this.screen(), { timeout, intervals: [200] }).toMatch(text);
  }

  /** Into the serial console that is in front. */
  async type(text: string): Promise<void> {
    await this.click(SCREEN);
    await this.page.keyboard.type(text);
  }

  async #fill(selector: string, text: string): Promise<void> {
    const field = await this.page.waitForSelector(selector);
    await field!.click({ count: 3 });
    await this.page.keyboard.type(text);
  }

  async #centre(selector: string): Promise<{ x: number; y: number }> {
    const element = await this.page.waitForSelector(selector, { visible: true });
    const box = await element!.boundingBox();
    if (!box) throw new Error(`${selector} is not on the screen.`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }
}

export function blade(host: string): string {
  return `section[aria-label="${host}"]`;
}

export function cardOn(host: string, vm: string): string {
  return `${blade(host)} article[aria-label="${vm}"]`;
}

/** @param element a step of XPath */
export function withText(element: string, text: string): string {
  return `::-p-xpath(//${element}[normalize-space()="${text}"])`;
}
