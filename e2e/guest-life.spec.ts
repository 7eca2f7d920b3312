// What a guest does by itself is noticed: where its card stands, and among the events.
import { expect, test } from '@playwright/test';
import { contextOf, type Datacenter, openDatacenter } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { HALTING_KERNEL } from './support/kernels.ts';

let datacenter: Datacenter;

test.beforeEach(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
});

test.afterEach(async () => {
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

test('Linux panics, reboots and powers off before everybody’s eyes', async () => {
  test.setTimeout(240_000);
  await datacenter.createVm({ name: 'web', host: 'host-a', memoryMiB: 64 });
  const guest = await GuestConsole.open(datacenter, 'web');
  await guest.booted();
  await guest.type('echo c >/proc/sysrq-trigger\n');
  await datacenter.show('Datacenter');
  const card = datacenter.card('web');
  await expect(card.getByText('Panicked', { exact: true })).toBeVisible();
  await expect(card.getByText('Kernel panic - not syncing: sysrq triggered crash')).toBeVisible();
  await expectEvent('web has panicked: Kernel panic - not syncing: sysrq triggered crash');

  await datacenter.actAndConfirm('web', 'Reset');
  await expect(card.getByText('Running', { exact: true })).toBeVisible();
  await guest.booted();
  await guest.type('reboot\n');
  await expectEvent('web has reset itself');
  await guest.booted();
  await guest.type('poweroff\n');
  await datacenter.show('Datacenter');
  await expect(card.getByText('Off', { exact: true })).toBeVisible();
  await expectEvent('web has powered itself off');
});
