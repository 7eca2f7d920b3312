// A VM's screen as the user sees it: what a text mode shows, what is painted, typing.
import { expect, type Locator, type Page } from '@playwright/test';
import type { Datacenter } from './datacenter.ts';

/** Between two keys, ms: a PC's keyboard holds sixteen bytes until the guest reads them. */
const TYPING_MS = 40;

export class GuestScreen {
  readonly page: Page;

  /** Of the page, or of the window, in which it is shown. */
  constructor(page: Page) {
    this.page = page;
  }

  /** Opens it from the VM's card. */
  static async open(datacenter: Datacenter, vm: string): Promise<GuestScreen> {
    await datacenter.show('Datacenter');
    await datacenter.act(vm, 'Open console');
    return new GuestScreen(datacenter.page);
  }

  get surface(): Locator {
    return this.page.getByRole('application', { name: /^Screen of / });
  }

  tool(name: string | RegExp): Locator {
    return this.page.getByRole('toolbar', { name: 'Screen' }).getByRole('button', { name });
  }

  /** Waits until the text mode shows that. */
  async shows(text: string | RegExp, timeout = 60_000): Promise<void> {
    await expect(this.surface).toContainText(text, { timeout });
  }

  async type(text: string): Promise<void> {
    await this.surface.focus();
    await this.page.keyboard.type(text, { delay: TYPING_MS });
  }

  /** Waits until something else is painted, so often. */
  async isAnimated(times = 3): Promise<void> {
    for (let n = 0; n < times; n++) {
      const before = await this.#painted();
      await expect.poll(() => this.#painted(), { intervals: [50] }).not.toBe(before);
    }
  }

  /** The file that "Save a screenshot" makes. */
  async screenshot(): Promise<Buffer> {
    const download = this.page.waitForEvent('download');
    await this.tool('Save a screenshot').click();
    const chunks: Buffer[] = [];
    for await (const chunk of await (await download).createReadStream()) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  #painted(): Promise<string> {
    return this.surface.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  }
}
