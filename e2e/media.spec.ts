// Images of the user's own: dropped on the console they say what they are, become VMs, and reach guests that run by their drives. The
// tests share the console; each has VMs of its own.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { makeCd } from '../engine/pc/images/make-cd/make-cd.ts';
import { cdImage } from '../engine/pc/images/testing/images.ts';
import { contextOf, type Datacenter, openDatacenter, openHostTab } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { HALTING_KERNEL } from './support/kernels.ts';
import { quickLinux } from './support/linux.ts';

interface DroppedFile {
  name: string;
  bytes: Uint8Array;
}

const LAPWING = gunzipSync(readFileSync(new URL('../guests/lapwing/lapwing.img.gz', import.meta.url)));
const CD = cdImage({ volumeId: 'TOOLS', names: ['README.TXT'] });
/** It ends before its boot catalog. */
const TRUNCATED_CD = cdImage({ volumeId: 'TOOLS', declared: 300_000 }).slice(0, 21 * 2048);

let datacenter: Datacenter;

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
});

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

test('a floppy disk that is dropped on a host says what it is, boots, shows its screen and reads the keyboard', async () => {
  const { page, dialog } = datacenter;
  await drop(datacenter.blade('host-b'), [{ name: 'own.img', bytes: LAPWING }]);
  await expect(dialog.getByText(/^Floppy disk, 1.44 MB, FAT12, boots$/)).toBeVisible();
  await expect(dialog.getByLabel('Host')).toHaveValue(/host-b/);
  await page.locator('#vm-name').fill('floppy');
  await page.locator('#vm-memory').fill('32');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await datacenter.runs('floppy', 'host-b');
  await datacenter.act('floppy', 'Open console');
  const screen = page.locator('.tv-screen-text');
  await expect(screen).toContainText('Lapwing', { timeout: 60_000 });
  await page.locator('.tv-screen-text').click();
  await page.keyboard.type('quux\n');
  await expect(screen).toContainText('quux: unknown command');
  await datacenter.show('Datacenter');
});

test('a truncated CD is refused with the reason; taken back, it is in nobody’s way', async () => {
  const { page, dialog } = datacenter;
  await page.getByRole('button', { name: 'New VM', exact: true }).click();
  await drop(dialog.getByRole('region', { name: 'Image files' }), [{ name: 'cut.iso', bytes: TRUNCATED_CD }]);
  await expect(dialog.getByText(/The image is truncated/)).toBeVisible();
  await expect(dialog.getByText(/its boot catalog is damaged or lies beyond the end of the file/)).toBeVisible();
  const create = dialog.getByRole('button', { name: 'Create' });
  await expect(create).toBeDisabled();
  await expect(create).toHaveAccessibleDescription('cut.iso cannot be used: remove it.');
  await dialog.getByRole('button', { name: 'Remove cut.iso' }).click();
  await expect(create).toBeEnabled();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('a CD is inserted and ejected; files that are dropped on a VM become a CD', async () => {
  const { page, dialog } = datacenter;
  await page.getByRole('button', { name: 'New VM on host-a', exact: true }).click();
  await dialog.getByRole('combobox', { name: 'Guest image' }).selectOption('lapwing');
  await page.locator('#vm-name').fill('media');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await datacenter.runs('media', 'host-a');

  await datacenter.card('media').getByRole('button', { name: 'media', exact: true }).click();
  await page.getByRole('tab', { name: 'Hardware', exact: true }).click();
  const drive = page.getByRole('region', { name: 'CD drive, secondary master' });
  const medium = drive.locator('dt:text-is("Medium") + dd');
  await expect(medium).toHaveText('none');
  await page.getByTestId('insert-1').setInputFiles({ name: 'tools.iso', mimeType: '', buffer: Buffer.from(CD) });
  await expect(medium).toHaveText('tools.iso');
  await expect(drive.locator('dt:text-is("Size") + dd')).toHaveText('64.0 KiB');
  await drive.getByRole('button', { name: 'Eject' }).click();
  await expect(medium).toHaveText('none');

  await datacenter.show('Datacenter');
  await drop(datacenter.card('media'), [
    { name: 'one.txt', bytes: Buffer.from('one') },
    { name: 'two.txt', bytes: Buffer.from('two') },
  ]);
  await expect(datacenter.tasks.getByRole('cell', { name: 'Insert CD of one.txt and 1 more' })).toBeVisible();
  await datacenter.show('media');
  await expect(medium).toHaveText('CD of one.txt and 1 more');
  await expect(drive.locator('dt:text-is("Writing") + dd')).toHaveText('read-only');
  await datacenter.show('Datacenter');
});

test('a file that is dropped on Linux is there; it gives the CD back when asked, and ejects one by itself', async () => {
  const { page } = datacenter;
  await datacenter.createVm({ name: 'reader', host: 'host-b', memoryMiB: 64, commandLine: quickLinux('reader') });
  const guest = await GuestConsole.open(datacenter, 'reader');
  await guest.booted();
  await datacenter.show('Datacenter');
  await drop(datacenter.card('reader'), [{ name: 'A note.txt', bytes: Buffer.from('from the desktop\n') }]);
  await guest.awaitText('A CD is in /media/cdrom.');
  await guest.run('');
  expect(await guest.run('cat "/media/cdrom/A note.txt"')).toBe('from the desktop');

  await page.getByRole('tab', { name: 'Hardware', exact: true }).click();
  const drive = page.getByRole('region', { name: 'CD drive, secondary master' });
  const medium = drive.locator('dt:text-is("Medium") + dd');
  await expect(medium).toHaveText('CD of A note.txt');
  await drive.getByRole('button', { name: 'Eject' }).click();
  await expect(medium).toHaveText('none');
  const tools = { name: 'tools.iso', mimeType: '', buffer: Buffer.from(await madeCd('README.TXT')) };
  await page.getByTestId('insert-0').setInputFiles(tools);
  await expect(medium).toHaveText('tools.iso');

  await page.getByRole('tab', { name: 'Console', exact: true }).click();
  const before = (await guest.text()).length;
  await guest.awaitText('A CD is in /media/cdrom.', before);
  await guest.run('');
  expect(await guest.run('ls /media/cdrom; eject')).toBe('README.TXT');
  await page.getByRole('tab', { name: 'Hardware', exact: true }).click();
  await expect(medium).toHaveText('none');
  await datacenter.show('Datacenter');
});

test('files dropped on a VM without a CD drive are refused there, and the page stays', async () => {
  const { page } = datacenter;
  await datacenter.createVm({ name: 'bare', memoryMiB: 16, kernel: HALTING_KERNEL });
  // Switching it on ends what was said of it.
  await expect(datacenter.card('bare').getByText('Halted', { exact: true })).toBeVisible();
  await drop(datacenter.card('bare'), [{ name: 'one.txt', bytes: Buffer.from('one') }]);
  await expect(datacenter.card('bare').getByText(/bare has no CD drive/)).toBeVisible();
  await drop(page.getByRole('banner'), [{ name: 'one.txt', bytes: Buffer.from('one') }]);
  await expect(datacenter.card('bare')).toBeVisible();
});

test('a compressed image is unpacked; a kernel and its initial RAM disk are started directly', async () => {
  const { page, dialog } = datacenter;
  const folder = new URL('../public/guests/linux/', import.meta.url);
  await drop(datacenter.blade('host-a'), [{ name: 'own.img.gz', bytes: gzipSync(LAPWING) }]);
  await expect(dialog.getByText(/^own.img: Floppy disk, 1.44 MB, FAT12, boots$/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Remove own.img.gz' }).click();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'New VM', exact: true }).click();
  await page
    .getByTestId('image-files')
    .setInputFiles(['initrd.gz', 'vmlinuz'].map((name) => fileURLToPath(new URL(name, folder))));
  await expect(dialog.getByText(/^Linux kernel .*, 32 bits$/)).toBeVisible();
  await expect(dialog.getByText(/^Linux initial RAM disk/)).toBeVisible();
  await page.locator('#vm-name').fill('direct');
  await page.locator('#vm-memory').fill('64');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await datacenter.runs('direct', 'host-a');
});

test('a VM whose disk lies in this tab’s memory cannot move to another tab, and says so', async () => {
  const { page, dialog } = datacenter;
  await openHostTab(datacenter, 'elsewhere');
  await page.getByRole('button', { name: 'New VM on host-b', exact: true }).click();
  await dialog.getByRole('combobox', { name: 'Guest image' }).selectOption('lapwing');
  await page.locator('#vm-name').fill('bound');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await datacenter.runs('bound', 'host-b');
  await datacenter.act('bound', 'Migrate…');
  await expect(dialog.getByText(/lapwing.img lies in the memory of another browser tab/)).toBeVisible();
  await page.keyboard.press('Escape');
  await datacenter.dragOver('bound', 'elsewhere');
  await expect(datacenter.blade('elsewhere').getByText(/lies in the memory of another browser tab/)).toBeVisible();
  await page.keyboard.press('Escape');
  await page.mouse.up();
});

/** An image with that file, as the console makes them. */
function madeCd(name: string): Promise<Uint8Array> {
  const read = async (content: Blob, offset: number, length: number) =>
    new Uint8Array(await content.slice(offset, offset + length).arrayBuffer());
  const entry = { path: name, modified: 0, content: new Blob(['a tool']) };
  const cd = makeCd([entry], { volumeId: 'TOOLS', created: 0 }, read);
  return cd.read(0, cd.size);
}

/** As from the desktop. */
async function drop(target: Locator, files: readonly DroppedFile[]): Promise<void> {
  const page: Page = target.page();
  const plain = files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') }));
  const dataTransfer = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of given) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      transfer.items.add(new File([bytes], name));
    }
    return transfer;
  }, plain);
  await target.dispatchEvent('dragover', { dataTransfer });
  await target.dispatchEvent('drop', { dataTransfer });
}
