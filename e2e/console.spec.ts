// The console at work with three guests on one host: figures, power, palette, theme, hosts, and a second console in another
// browser tab. The tests share the console and its guests; each leaves all three on, on host-a. Guests of a few instructions.
import { expect, type Locator, test } from '@playwright/test';
import { contextOf, Datacenter, openDatacenter } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { COUNTING_KERNEL, ECHO_KERNEL, POWER_KERNEL } from './support/kernels.ts';

const KERNELS = { alpha: ECHO_KERNEL, beta: COUNTING_KERNEL, gamma: POWER_KERNEL };

let datacenter: Datacenter;

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
  for (const [name, kernel] of Object.entries(KERNELS)) {
    await datacenter.createVm({ name, host: 'host-a', memoryMiB: 64, kernel });
    await expectOn(name);
  }
});

test.beforeEach(() => datacenter.show('Datacenter'));

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

test('the consolidation strip counts them', async () => {
  await expect(figure('VMs')).toHaveText('3 on of 3');
  await expect(figure('Hosts')).toHaveText('2 1 in use');
  await expect(figure('Consolidation')).toHaveText('3.0 : 1 VMs per host');
  await expect(figure('Boxes replaced')).toHaveText('2 computers');
  await expect(figure('CPU')).toHaveText(/^\d\.\d\d of \d+ cores(, \d+\.\d\d ready)?$/);
  await expect(figure('Memory')).toHaveText(/^2\d\d MiB of 1\.0 GiB used$/);
});

test('power off and reset ask first and name what is lost', async () => {
  const { dialog } = datacenter;
  await datacenter.act('alpha', 'Power off');
  await expect(dialog.getByText(/alpha stops at once.*Lost: its memory/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expectOn('alpha');

  await datacenter.actAndConfirm('alpha', 'Power off');
  await expect(datacenter.card('alpha').getByText('Off', { exact: true })).toBeVisible();
  await expect(figure('VMs')).toHaveText('2 on of 3');
  await expect(figure('Boxes replaced')).toHaveText('1 computer');
  await datacenter.act('alpha', 'Power on');
  await expectOn('alpha');

  // It counts in its memory what arrives, and begins at 1 again.
  const beta = await GuestConsole.open(datacenter, 'beta');
  const before = (await beta.text()).length;
  await beta.type('xxx');
  await beta.awaitText('3', before);
  const after = (await beta.text()).length;
  await datacenter.show('Datacenter');
  await datacenter.actAndConfirm('beta', 'Reset');
  await expectOn('beta');
  await beta.type('x');
  await expect.poll(async () => (await beta.text()).slice(after).at(-1)).toBe('1');
});

test('a guest that shuts itself down is off', async () => {
  const gamma = await GuestConsole.open(datacenter, 'gamma');
  await gamma.type('p');
  await datacenter.show('Datacenter');
  await expect(datacenter.card('gamma').getByText('Off', { exact: true })).toBeVisible();
  await datacenter.act('gamma', 'Power on');
  await expectOn('gamma');
});

test('the palette finds every action by name', async () => {
  const { page } = datacenter;
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Search actions and objects' })).toBeFocused();
  await page.keyboard.type('open console beta');
  await expect(page.getByRole('option')).toHaveText(['Open consolebeta']);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'beta', exact: true })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('textbox', { name: 'Serial console of beta' })).toBeFocused();
});

test('the theme changes and is remembered', async () => {
  const { page } = datacenter;
  const background = () => page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
  const light = await background();
  await page.getByRole('button', { name: 'Dark theme' }).click();
  await expect.poll(background).not.toBe(light);
  const other = await contextOf(datacenter).newPage();
  await other.goto('./');
  await expect(other.getByRole('button', { name: 'Light theme' })).toBeVisible();
  await other.close();
  await page.getByRole('button', { name: 'Light theme' }).click();
  await expect.poll(background).toBe(light);
});

test('a host is added and removed', async () => {
  const { dialog, page } = datacenter;
  await datacenter.addHost('spare', '256 MiB');
  await expect(datacenter.blade('spare').getByText('0 MiB of 256 MiB used')).toBeVisible();
  await expect(figure('Hosts')).toHaveText('3 1 in use');
  await datacenter.blade('spare').getByRole('button', { name: 'Actions of spare' }).click();
  await page.getByRole('menuitem', { name: 'Remove host…' }).click();
  await expect(dialog.getByText('No VM is on it, nothing is lost.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Remove host' }).click();
  await expect(datacenter.blade('spare')).toBeHidden();
  await expect(figure('Hosts')).toHaveText('2 1 in use');
});

test('a second console in another tab shows and governs the same guests', async () => {
  const second = new Datacenter(await contextOf(datacenter).newPage());
  await second.page.goto('./');
  await expect(second.blade('host-a').getByText('another tab')).toBeVisible();
  await second.runs('beta', 'host-a');
  const alpha = await GuestConsole.open(second, 'alpha');
  await alpha.echoes('from the second tab');
  await second.show('Datacenter');
  await second.actAndConfirm('alpha', 'Power off');
  await expect(second.card('alpha').getByText('Off', { exact: true })).toBeVisible();
  await datacenter.page.bringToFront();
  await expect(datacenter.card('alpha').getByText('Off', { exact: true })).toBeVisible();
  await second.page.bringToFront();
  await second.act('alpha', 'Power on');
  await second.page.close();
  await datacenter.page.bringToFront();
  await expectOn('alpha');
});

test('closing the tab asks first while a guest runs in it', async () => {
  const { page } = datacenter;
  const asked = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.dismiss();
  const alpha = await GuestConsole.open(datacenter, 'alpha');
  await alpha.echoes('still here');
});

async function expectOn(vm: string): Promise<void> {
  await datacenter.runs(vm, 'host-a');
}

function figure(label: string): Locator {
  const strip = datacenter.page.getByRole('region', { name: 'Consolidation' });
  return strip.locator(`dt:text-is("${label}") + dd`);
}
