// The console as the user uses it: what is on the screen by role and name, and what mouse and keyboard do to it. Knows
// nothing of the page's code.
import { type Browser, type BrowserContext, expect, type Locator, type Page } from '@playwright/test';
import { AMPLE_DOWNTIME_MS, setDowntimeLimit } from './downtime-limit.ts';

/** A file as the user would choose it: contents, or a path where it lies. */
export type ImageFile = FileContents | string;

export interface FileContents {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

export interface NewVm {
  name?: string;
  /** Without it the dialog's own choice. */
  host?: string;
  memoryMiB: number;
  /** Own files instead of the catalogue's guest. */
  kernel?: ImageFile;
  initrd?: ImageFile;
  commandLine?: string;
  /** As the dialog names it. */
  nicModel?: string;
}

/** What a line does to guests' frames. */
export interface LineQuality {
  lossPercent: number;
  jitterMs: number;
}

/** The pointer travels in steps, as a hand moves it. */
const STEPS = 12;

export class Datacenter {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  blade(host: string): Locator {
    return this.page.getByRole('region', { name: host, exact: true });
  }

  card(vm: string): Locator {
    return this.page.getByRole('article', { name: vm, exact: true });
  }

  /** The card where it should be. */
  cardOn(host: string, vm: string): Locator {
    return this.blade(host).getByRole('article', { name: vm, exact: true });
  }

  get report(): Locator {
    return this.page.getByRole('region', { name: 'Migration report' });
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  get tasks(): Locator {
    return this.page.getByRole('region', { name: 'Recent tasks and events' });
  }

  /** Brings a tab of the work area to the front. */
  async show(title: string): Promise<void> {
    const tab = this.page.getByRole('tab', { name: title, exact: true });
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  }

  async createVm({ name, host, memoryMiB, kernel, initrd, commandLine, nicModel }: NewVm): Promise<void> {
    const { dialog, page } = this;
    await page.getByRole('button', { name: host ? `New VM on ${host}` : 'New VM', exact: true }).click();
    if (kernel) {
      await dialog.getByRole('radio', { name: 'Own kernel' }).check();
      await page.locator('#vm-kernel').setInputFiles(kernel);
      if (initrd) await page.locator('#vm-initrd').setInputFiles(initrd);
    } else await expect(dialog.getByRole('combobox', { name: 'Guest image' })).toBeVisible();
    if (name) await page.locator('#vm-name').fill(name);
    if (commandLine !== undefined) await page.locator('#vm-command-line').fill(commandLine);
    await page.locator('#vm-memory').fill(String(memoryMiB));
    if (nicModel) await dialog.getByRole('combobox', { name: 'Network card' }).selectOption({ label: nicModel });
    await dialog.getByRole('button', { name: 'Create' }).click();
  }

  /** Where the pointer has to be to be over the blade. */
  async dragOver(vm: string, host: string): Promise<void> {
    const { mouse } = this.page;
    const from = await centre(this.card(vm));
    await mouse.move(from.x, from.y);
    await mouse.down();
    const to = await centre(this.blade(host));
    await mouse.move(to.x, to.y, { steps: STEPS });
  }

  /** Drags the card onto the host once the host says that it fits. */
  async drag(vm: string, host: string): Promise<void> {
    await this.dragOver(vm, host);
    await expect(this.blade(host).getByText('It fits: drop to migrate')).toBeVisible();
    await this.page.mouse.up();
  }

  /** `limitMs`: how long the VM may stand still; the dialog's own choice if left out. */
  async migrateByDialog(vm: string, host: string, limitMs?: number): Promise<void> {
    await this.act(vm, 'Migrate…');
    await this.dialog.getByRole('radio', { name: host }).check();
    if (limitMs !== undefined) await this.dialog.getByLabel('Standstill limit (ms)').fill(String(limitMs));
    await this.dialog.getByRole('button', { name: 'Migrate', exact: true }).click();
  }

  /** Picks the card up by its grip, takes it to the host with the arrow keys, drops it. */
  async migrateByKeyboard(vm: string, arrow: 'ArrowRight' | 'ArrowLeft', host: string): Promise<void> {
    const { keyboard } = this.page;
    await this.card(vm)
      .getByRole('button', { name: `Move ${vm} to another host` })
      .focus();
    await keyboard.press('Space');
    await expect(this.blade(host).getByText('It fits: drop to migrate')).toBeVisible();
    await keyboard.press(arrow);
    await expect(this.page.getByText(`${vm} is over ${host}. It fits: drop to migrate.`)).toBeAttached();
    await keyboard.press('Space');
  }

  /** Waits until the report of that move is shown; the figures are those that the user reads. */
  async arrived(vm: string, from: string, to: string): Promise<{ downtimeMs: number; text: string }> {
    await expect(this.report.getByRole('heading')).toHaveText(`Completed ${vm}: ${from} → ${to}`, { timeout: 60_000 });
    await this.runs(vm, to);
    await expect(this.card(vm)).toHaveCount(1);
    const text = (await this.report.locator('dt:text-is("Downtime") + dd').textContent()) ?? '';
    return { downtimeMs: Number.parseFloat(text), text };
  }

  /** Waits until the VM runs on the host. If it does not, the error says what the user reads instead. */
  async runs(vm: string, host: string, timeout = 30_000): Promise<void> {
    try {
      await expect(this.cardOn(host, vm).getByText('Running', { exact: true })).toBeVisible({ timeout });
    } catch {
      throw new Error(`${vm} does not run on ${host}:\n${await this.page.locator('body').ariaSnapshot()}`);
    }
  }

  async dismissReport(): Promise<void> {
    await this.report.getByRole('button', { name: 'Dismiss the migration report' }).click();
    await expect(this.report).toBeHidden();
  }

  /** Presses one of the card's buttons. */
  async act(vm: string, action: string): Promise<void> {
    await this.card(vm).getByRole('button', { name: action, exact: true }).click();
  }

  /** Presses one of the card's buttons and confirms what it asks. */
  async actAndConfirm(vm: string, action: 'Power off' | 'Reset'): Promise<void> {
    await this.act(vm, action);
    await this.dialog.getByRole('button', { name: action, exact: true }).click();
  }

  async setLink(bandwidth: string, latencyMs: number, quality?: LineQuality): Promise<void> {
    const { dialog, page } = this;
    await page.getByRole('banner').getByRole('button', { name: 'Link settings' }).click();
    await page.locator('#link-bandwidth').selectOption({ label: bandwidth });
    await page.locator('#link-latency').fill(String(latencyMs));
    if (quality) {
      await page.locator('#link-loss').fill(String(quality.lossPercent));
      await page.locator('#link-jitter').fill(String(quality.jitterMs));
    }
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await this.show('Datacenter');
    await expect(page.getByRole('button', { name: `Subnet: ${bandwidth}, ${latencyMs} ms` })).toBeVisible();
  }

  async openNetworking(): Promise<void> {
    await this.page.getByRole('banner').getByRole('button', { name: 'Networking' }).click();
    await expect(this.page.getByRole('heading', { name: 'Networking', level: 1 })).toBeVisible();
  }

  async addHost(name: string, memory: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Add host', exact: true }).click();
    await this.page.locator('#host-name').fill(name);
    await this.page.locator('#host-memory').selectOption({ label: memory });
    await this.dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(this.blade(name)).toBeVisible();
  }
}

/** A fresh browser profile with the console open and its two hosts up. The caller closes `page.context()`. */
/** `downtimeLimitMs`: for moves; without it so much that a busy machine fails none. */
export async function openDatacenter(browser: Browser, downtimeLimitMs = AMPLE_DOWNTIME_MS): Promise<Datacenter> {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  await context.addInitScript(setDowntimeLimit, downtimeLimitMs);
  const datacenter = new Datacenter(await context.newPage());
  await datacenter.page.goto('./');
  for (const host of ['host-a', 'host-b']) await expect(datacenter.blade(host)).toBeVisible();
  return datacenter;
}

/** A second browser tab that is nothing but a host; the console tab stays in front. */
export async function openHostTab(datacenter: Datacenter, name: string, memoryMiB = 512): Promise<Page> {
  const tab = await contextOf(datacenter).newPage();
  await tab.goto(`./?host&name=${name}&memory=${memoryMiB}`);
  await expect(tab.getByRole('heading', { name, level: 1 })).toBeVisible();
  await datacenter.page.bringToFront();
  await datacenter.show('Datacenter');
  await expect(datacenter.blade(name).getByText('another tab')).toBeVisible();
  return tab;
}

export function contextOf(datacenter: Datacenter): BrowserContext {
  return datacenter.page.context();
}

async function centre(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox();
  if (!box) throw new Error(`${locator} is not on the screen.`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
