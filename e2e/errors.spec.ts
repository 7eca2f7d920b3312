// What can go wrong stands where one looks, says what failed and what to do, and no running guest is lost over it. The tests share
// the console; each has VMs of its own.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { contextOf, type Datacenter, type ImageFile, openDatacenter } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { CRASH_MARK, CRASHING_KERNEL, ECHO_KERNEL, file } from './support/kernels.ts';

const MIB = 1 << 20;

let datacenter: Datacenter;

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
});

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

test('images that cannot be booted are refused before anything is created', async () => {
  // Where a path does, the browser reads the file itself: that is much sooner done.
  const vmlinuz = guestImage('vmlinuz');
  const kernel = readFileSync(vmlinuz);
  const initrd = readFileSync(guestImage('initrd.gz'));
  const tooBig = test.info().outputPath('too-big.cpio');
  writeFileSync(tooBig, Buffer.concat([Buffer.from('070701'), Buffer.alloc(60 * MIB)]));
  const cases: [ImageFile, ImageFile | undefined, RegExp][] = [
    [file('letter.txt', Buffer.alloc(4096, 'Dear kernel, ')), undefined, /is not a bzImage.*AA55/],
    [file('vmlinuz', kernel.subarray(0, kernel.length >> 1)), undefined, /kernel image is truncated/],
    [vmlinuz, file('initrd.gz', initrd.subarray(0, initrd.length >> 1)), /initrd is truncated or corrupt/],
    // The same kernel once more: the file chooser tells a dialog then that nothing was chosen, which is no reason to close.
    [vmlinuz, tooBig, /initrd \(60 MiB\) is too big for a VM with 64 MiB.*Give the VM more memory/],
  ];
  const { dialog, page } = datacenter;
  const vms = await page.getByRole('article').count();
  await page.getByRole('button', { name: 'New VM', exact: true }).click();
  await dialog.getByRole('radio', { name: 'Own kernel' }).check();
  await page.locator('#vm-memory').fill('64');
  for (const [kernelFile, initrdFile, message] of cases) {
    await page.locator('#vm-kernel').setInputFiles(kernelFile);
    await page.locator('#vm-initrd').setInputFiles(initrdFile ?? []);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText(message)).toBeVisible();
  }
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('article')).toHaveCount(vms);
});

test('a host without room says so while the card hangs over it, after the drop, and in the dialog', async () => {
  const { page } = datacenter;
  await datacenter.addHost('host-c', '128 MiB');
  await datacenter.createVm({ name: 'big', host: 'host-a', memoryMiB: 160, kernel: ECHO_KERNEL });
  const echo = await GuestConsole.open(datacenter, 'big');
  await datacenter.show('Datacenter');

  await datacenter.dragOver('big', 'host-c');
  await expect(datacenter.blade('host-c').getByText(/^Does not fit: .*MiB free/)).toBeVisible();
  await expect(datacenter.blade('host-b').getByText('It fits: drop to migrate')).toBeVisible();
  await page.mouse.up();
  const card = datacenter.cardOn('host-a', 'big');
  await expect(card.getByRole('heading', { name: 'big was not moved to host-c' })).toBeVisible();

  await datacenter.act('big', 'Migrate…');
  await expect(datacenter.dialog.getByRole('radio', { name: 'host-c' })).toBeDisabled();
  await expect(datacenter.dialog.getByText(/^Does not fit: .*MiB free/)).toBeVisible();
  await datacenter.dialog.getByRole('button', { name: 'Cancel' }).click();
  await echo.echoes('still here');

  await datacenter.show('Datacenter');
  await datacenter.createVm({ name: 'second', host: 'host-c', memoryMiB: 160, kernel: ECHO_KERNEL });
  await expect(
    datacenter.dialog.getByText(/^host-c can never hold it: it needs .* the host has 128 MiB/),
  ).toBeVisible();
  await datacenter.dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(datacenter.card('second')).toHaveCount(0);
});

test('a guest that triple-faults is stopped and shows its registers; its neighbour runs on', async () => {
  const { page } = datacenter;
  await datacenter.createVm({ name: 'neighbour', host: 'host-a', memoryMiB: 16, kernel: ECHO_KERNEL });
  await datacenter.createVm({ name: 'doomed', host: 'host-a', memoryMiB: 16, kernel: CRASHING_KERNEL });
  const card = datacenter.card('doomed');
  await expect(card.getByText('Crashed', { exact: true })).toBeVisible();
  await expect(card.getByText('triple fault')).toBeVisible();

  await card.getByRole('button', { name: 'doomed', exact: true }).click();
  const registers = page.getByRole('region', { name: 'Registers at the crash' });
  await expect(registers.getByRole('heading', { name: 'Crashed: triple fault' })).toBeVisible();
  const eax = registers.locator('dt:text-is("EAX") + dd');
  await expect(eax).toHaveText(new RegExp(CRASH_MARK.toString(16), 'i'));

  await datacenter.show('Datacenter');
  await datacenter.actAndConfirm('doomed', 'Power off');
  await expect(card.getByText('Off', { exact: true })).toBeVisible();
  const neighbour = await GuestConsole.open(datacenter, 'neighbour');
  await neighbour.echoes('untouched');
  await datacenter.show('Datacenter');
});

test('foreign and malformed messages on the channel are reported and harm nobody', async () => {
  const { page } = datacenter;
  await datacenter.createVm({ name: 'steady', host: 'host-a', memoryMiB: 16, kernel: ECHO_KERNEL });
  const echo = await GuestConsole.open(datacenter, 'steady');
  await echo.echoes('before');

  await page.evaluate(postNoise);
  await datacenter.tasks.getByRole('tab', { name: 'Events' }).click();
  for (const title of [
    'Foreign message on the subnet',
    'Another version of tabvisor is on the subnet',
    'Malformed "announce" message on the subnet',
    'Malformed "migration-outcome" message on the subnet',
    'Malformed "migration-resolve" message on the subnet',
    'Malformed "endpoint-open" message on the subnet',
  ]) {
    await expect(datacenter.tasks.getByRole('row').filter({ hasText: title })).toHaveCount(1);
  }
  // Only what asks something of a person interrupts one.
  await expect(page.getByRole('listitem').filter({ hasText: 'Another version of tabvisor' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: /Malformed|Foreign/ })).toHaveCount(0);

  await echo.echoes('after');
  await datacenter.show('Datacenter');
  await datacenter.migrateByDialog('steady', 'host-b');
  // Each cause is reported once.
  await page.evaluate(postNoise);
  await datacenter.arrived('steady', 'host-a', 'host-b');
  await echo.echoes('moved');
  await expect(datacenter.tasks.getByRole('row').filter({ hasText: 'Foreign message on the subnet' })).toHaveCount(1);
  await datacenter.show('Datacenter');
});

/** Runs in the page: what a stranger, an older version and a broken node might post. */
function postNoise(): void {
  const channel = new BroadcastChannel('tabvisor');
  const envelope = { magic: 'tabvisor-subnet', version: 1, from: 'stranger', to: '*' };
  const noise: unknown[] = [
    undefined,
    'hello?',
    42,
    [],
    new ArrayBuffer(8),
    { magic: 'tabvisor-subnet' },
    { ...envelope, version: 2, kind: 'announce', body: {} },
    { ...envelope, from: '', kind: 'announce', body: {} },
    { ...envelope, kind: 'announce', body: { id: 7 } },
    { ...envelope, kind: 'migration-outcome', body: { migration: 'm', outcome: 'stolen' } },
    { ...envelope, kind: 'migration-resolve', body: null },
    { ...envelope, kind: 'endpoint-open', body: 'x' },
    { ...envelope, kind: 'endpoint-data', body: { connection: 'nobody#1', payload: 1 } },
    { ...envelope, kind: 'goodbye', body: { reason: 'closed' } },
    { ...envelope, kind: 'unheard-of', body: 1 },
  ];
  for (const message of noise) channel.postMessage(message);
  channel.close();
}

function guestImage(name: string): string {
  return fileURLToPath(new URL(`../public/guests/linux/${name}`, import.meta.url));
}
