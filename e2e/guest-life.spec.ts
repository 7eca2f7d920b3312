// What a guest does by itself is noticed: where its card stands, and among the events. The tests share the console; each has a VM
// of its own.
import { expect, test } from '@playwright/test';
import { contextOf, type Datacenter, openDatacenter } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { HALTING_KERNEL, PANIC, PANIC_KERNEL, POWER_KERNEL } from './support/kernels.ts';
import { quickLinux } from './support/linux.ts';
import { SOAK } from './support/soak.ts';

let datacenter: Datacenter;

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
});

test.beforeEach(() => datacenter.show('Datacenter'));

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

/** The row of an event, whatever list was open in the drawer. */
async function expectEvent(text: string): Promise<void> {
  await datacenter.tasks.getByRole('tab', { name: 'Events' }).click();
  await expect(datacenter.tasks.getByRole('cell', { name: text }).first()).toBeVisible();
}

test('a kernel that halts with interrupts off is shown as halted, moves so, and can be powered off', async () => {
  await datacenter.createVm({ name: 'done', host: 'host-a', memoryMiB: 16, kernel: HALTING_KERNEL });
  const card = datacenter.card('done');
  await expect(card.getByText('Halted', { exact: true })).toBeVisible();
  await expect(card.getByRole('heading', { name: 'done has stopped' })).toBeVisible();
  await expectEvent('done has stopped: it halted with interrupts off');

  await datacenter.migrateByDialog('done', 'host-b');
  await expect(datacenter.cardOn('host-b', 'done').getByText('Halted', { exact: true })).toBeVisible();
  await datacenter.actAndConfirm('done', 'Power off');
  await expect(card.getByText('Off', { exact: true })).toBeVisible();
});

test('a guest resets itself, and powers itself off', async () => {
  await datacenter.createVm({ name: 'own', host: 'host-a', memoryMiB: 16, kernel: POWER_KERNEL });
  const guest = await GuestConsole.open(datacenter, 'own');
  await guest.echoes('one');
  await guest.type('r');
  await expectEvent('own has reset itself');
  await guest.echoes('two');
  await guest.type('p');
  await datacenter.show('Datacenter');
  await expect(datacenter.card('own').getByText('Off', { exact: true })).toBeVisible();
  await expectEvent('own has powered itself off');
});

test('a guest panics before everybody’s eyes', async () => {
  await datacenter.createVm({ name: 'nervous', host: 'host-a', memoryMiB: 16, kernel: PANIC_KERNEL });
  const guest = await GuestConsole.open(datacenter, 'nervous');
  await guest.type('x');
  await expectPanic('nervous', PANIC);
});

test('Linux panics', async () => {
  test.skip(!SOAK, 'part of the soak');
  const guest = await bootLinux('web');
  await guest.type('echo c >/proc/sysrq-trigger\n');
  await expectPanic('web', 'Kernel panic - not syncing: sysrq triggered crash');
});

test('Linux boots again when it is reset, reboots, and powers itself off', async () => {
  test.skip(!SOAK, 'part of the soak');
  test.setTimeout(240_000);
  const guest = await bootLinux('again');
  await guest.run('touch /tmp/before-reset');
  await datacenter.show('Datacenter');
  await datacenter.actAndConfirm('again', 'Reset');
  await guest.booted();
  expect(await guest.run('ls /tmp')).not.toContain('before-reset');
  await guest.type('reboot\n');
  await expectEvent('again has reset itself');
  await guest.booted();
  await guest.type('poweroff\n');
  await datacenter.show('Datacenter');
  await expect(datacenter.card('again').getByText('Off', { exact: true })).toBeVisible();
});

test('three Linux guests boot on one host at once, each its own', async () => {
  test.skip(!SOAK, 'part of the soak');
  test.setTimeout(240_000);
  const names = ['alpha', 'beta', 'gamma'];
  for (const name of names) {
    await datacenter.show('Datacenter');
    await datacenter.createVm({ name, host: 'host-b', memoryMiB: 64 });
    await datacenter.runs(name, 'host-b');
  }
  for (const name of names) {
    const guest = await GuestConsole.open(datacenter, name);
    await guest.booted();
    expect(await guest.run('hostname; uname -m')).toBe(`${name}\ni686`);
  }
});

async function bootLinux(name: string): Promise<GuestConsole> {
  await datacenter.createVm({ name, host: 'host-a', memoryMiB: 64, commandLine: quickLinux(name) });
  const guest = await GuestConsole.open(datacenter, name);
  await guest.booted();
  return guest;
}

/** The VM's card and an event say so; then it is reset and powered off. */
async function expectPanic(vm: string, message: string): Promise<void> {
  await datacenter.show('Datacenter');
  const card = datacenter.card(vm);
  await expect(card.getByText('Panicked', { exact: true })).toBeVisible();
  await expect(card.getByText(message)).toBeVisible();
  await expectEvent(`${vm} has panicked: ${message}`);

  await datacenter.actAndConfirm(vm, 'Reset');
  await expect(card.getByText('Running', { exact: true })).toBeVisible();
  await datacenter.actAndConfirm(vm, 'Power off');
  await expect(card.getByText('Off', { exact: true })).toBeVisible();
}
