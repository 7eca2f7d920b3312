// The console at work with three Linux guests on one host: figures, power, palette, theme, hosts, and a second console in
// another browser tab. The guests live through the whole file.
import { expect, type Locator, test } from '@playwright/test';
import { contextOf, Datacenter, openDatacenter } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';

test.describe.configure({ mode: 'serial' });

const NAMES = ['alpha', 'beta', 'gamma'];

let datacenter: Datacenter;
const guests = new Map<string, GuestConsole>();

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
});

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

test('three Linux guests boot on one host at once, each its own', async () => {
  for (const name of NAMES) {
    const commandLine = `console=ttyS0 hostname=${name}`;
    await datacenter.createVm({ name, host: 'host-a', memoryMiB: 64, commandLine });
    await expect(datacenter.cardOn('host-a', name).getByText('Running', { exact: true })).toBeVisible();
  }
  for (const name of NAMES) {
    const guest = await GuestConsole.open(datacenter, name);
    await guest.booted();
    guests.set(name, guest);
  }
  for (const [name, guest] of guests) expect(await guest.run('hostname; uname -m')).toBe(`${name}\ni686`);
});

test('the consolidation strip counts them', async () => {
  await datacenter.show('Datacenter');
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
  await expect(datacenter.card('alpha').getByText('Running', { exact: true })).toBeVisible();

  await datacenter.actAndConfirm('alpha', 'Power off');
  await expect(datacenter.card('alpha').getByText('Off', { exact: true })).toBeVisible();
  await expect(figure('VMs')).toHaveText('2 on of 3');
  await expect(figure('Boxes replaced')).toHaveText('1 computer');

  const beta = guests.get('beta')!;
  await beta.run('touch /tmp/before-reset');
  await datacenter.show('Datacenter');
  await datacenter.actAndConfirm('beta', 'Reset');
  await datacenter.show('Datacenter');
  await datacenter.act('alpha', 'Power on');
  for (const name of ['beta', 'alpha']) await guests.get(name)!.booted();
  expect(await beta.run('ls /tmp')).not.toContain('before-reset');
});

test('a guest that shuts itself down is off', async () => {
  await guests.get('gamma')!.type('poweroff\n');
  await datacenter.show('Datacenter');
  await expect(datacenter.card('gamma').getByText('Off', { exact: true })).toBeVisible({ timeout: 30_000 });
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
  await datacenter.show('Datacenter');
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
  await expect(second.cardOn('host-a', 'beta').getByText('Running', { exact: true })).toBeVisible();
  const beta = await GuestConsole.open(second, 'beta');
  await beta.prompt();
  expect(await beta.run('echo from the second tab')).toBe('from the second tab');
  await second.show('Datacenter');
  await second.actAndConfirm('beta', 'Power off');
  await second.page.close();
  await datacenter.page.bringToFront();
  await expect(datacenter.card('beta').getByText('Off', { exact: true })).toBeVisible();
});

test('closing the tab asks first while a guest runs in it', async () => {
  const { page } = datacenter;
  const asked = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.dismiss();
  expect(await guests.get('alpha')!.run('echo still here')).toBe('still here');
});

function figure(label: string): Locator {
  const strip = datacenter.page.getByRole('region', { name: 'Consolidation' });
  return strip.locator(`dt:text-is("${label}") + dd`);
}
