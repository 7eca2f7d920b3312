// The translation inspector with a guest that goes round through a few loops: the hottest regions, the code of one, and what becomes
// of it when the VM moves or goes off. One guest lives through the whole file.
import { expect, type Page, test } from '@playwright/test';
import { contextOf, Datacenter, openDatacenter } from './support/datacenter.ts';
import { BUSY_KERNEL } from './support/kernels.ts';

test.describe.configure({ mode: 'serial' });

let datacenter: Datacenter;
let page: Page;

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
  page = datacenter.page;
});

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

const regions = () => page.getByRole('button', { name: /^Code of the region at [0-9a-f]{8}$/ });
const x86 = () => page.getByRole('listbox', { name: 'x86 instructions' });
const wasm = () => page.getByRole('listbox', { name: 'WebAssembly text' });
const total = (label: string) => page.getByRole('region', { name: 'Totals' }).locator(`dt:text-is("${label}") + dd`);

async function openTranslation(vm: string): Promise<void> {
  await datacenter.show(vm);
  await datacenter.show('Translation');
}

test('a busy guest’s regions are listed, with x86 beside WebAssembly', async () => {
  await datacenter.createVm({ name: 'busy', host: 'host-a', memoryMiB: 16, kernel: BUSY_KERNEL });
  await datacenter.act('busy', 'Open console');
  await openTranslation('busy');

  await expect(regions().first()).toBeVisible();
  await expect.poll(() => regions().count()).toBeGreaterThan(5);
  await expect(total('Translated')).toHaveText(/^\d+ %$|^\d+\.\d %$/);
  await expect(total('Regions')).toHaveText(/^[\d,]+ of [\d,]+ made$/);
  await expect(total('Memory beyond RAM')).toHaveText(/^\d+(\.\d+)? MiB$/);
  await expect(page.getByRole('button', { name: /^Code of/, pressed: true })).toHaveCount(1);
  await expect(x86().getByRole('option').first()).toHaveText(/[0-9a-f]{8}\s*([0-9a-f]{2} )+/);
  await expect(wasm().getByRole('option', { name: /^\s*\(func \$region/ })).toBeVisible();
});

test('an instruction and what was made from it are shown together', async () => {
  await x86().focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await expect(x86().getByRole('option', { selected: true })).toHaveCount(1);
  await expect(wasm().getByRole('option', { selected: true }).first()).toBeVisible();
});

test('pausing keeps the figures, refreshing moves them', async () => {
  const runs = () => page.getByRole('row').nth(1).textContent();
  await page.getByRole('button', { name: 'Pause' }).click();
  const before = await runs();
  await figuresMoveElsewhere();
  expect(await runs()).toBe(before);
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect.poll(runs).not.toBe(before);
  await page.getByRole('button', { name: 'Resume' }).click();
});

/** Waits until another console, where nothing is paused, has shown newer figures twice. */
async function figuresMoveElsewhere(): Promise<void> {
  const other = new Datacenter(await contextOf(datacenter).newPage());
  await other.page.goto('./');
  await other.act('busy', 'Open console');
  await other.show('Translation');
  const row = other.page.getByRole('row').nth(1);
  for (let n = 0; n < 2; n++) {
    const shown = await row.textContent();
    await expect.poll(() => row.textContent()).not.toBe(shown);
  }
  await other.page.close();
}

test('it follows the VM to another host', async () => {
  await datacenter.show('Datacenter');
  await datacenter.migrateByDialog('busy', 'host-b');
  await datacenter.arrived('busy', 'host-a', 'host-b');
  await openTranslation('busy');
  await expect(page.getByRole('region', { name: 'Hottest regions' }).getByText(/ on host-b;/)).toBeVisible();
  // A region may be replaced by a better one just then: one takes the next.
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await regions().first().click();
    await expect(wasm().getByRole('option', { name: /^\s*\(func \$region/ })).toBeVisible({ timeout: 5000 });
  }).toPass({ timeout: 30_000 });
});

test('it says so when the VM is off', async () => {
  await datacenter.show('Datacenter');
  await datacenter.dismissReport();
  await datacenter.actAndConfirm('busy', 'Power off');
  await openTranslation('busy');
  await expect(page.getByRole('heading', { name: 'busy is off' })).toBeVisible();
});
