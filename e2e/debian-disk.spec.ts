// Soak (`npm run soak`, after `npm run guests -- debian-disk`): a Debian that is installed on a disk boots through GRUB to its login, copies
// files and checks their sums while it moves between the hosts of the tab, shuts itself down, boots again from the same disk with what
// was written to it, and finds its files as they were.
import { existsSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { contextOf, type Datacenter, openDatacenter } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { SOAK } from './support/soak.ts';

const VM = 'debian';
const LOGIN = 'debian login:';
const HOSTS = ['host-a', 'host-b'] as const;
const MOVES = 10;
/** ms: of a guest that writes as fast as it can, on a busy machine. */
const STANDSTILL = 4900;
/** Of whatever it does: a boot, a move, sums of its files. */
const LIMIT_MS = 900_000;

test.skip(!SOAK, 'part of the soak');
test.skip(!existsSync(new URL('../public/guests/debian-disk/debian.img', import.meta.url)), 'it has not been made');

let datacenter: Datacenter;

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
});

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

test('an installed Debian copies while it moves, and has its files after a restart', async () => {
  test.setTimeout(3_600_000);
  const { page, dialog } = datacenter;
  await page.getByRole('button', { name: 'New VM on host-a', exact: true }).click();
  await dialog.getByRole('combobox', { name: 'Guest image' }).selectOption('debian-disk');
  await page.locator('#vm-name').fill(VM);
  await dialog.getByRole('button', { name: 'Create' }).click();
  await datacenter.runs(VM, 'host-a');
  const guest = await GuestConsole.open(datacenter, VM);
  await page.getByRole('tab', { name: 'Serial port', exact: true }).click();
  await logIn(guest, 0);
  // GRUB says so; its menu is gone in two seconds.
  expect(await guest.run('cat /proc/cmdline')).toContain('BOOT_IMAGE=/boot/vmlinuz');

  await guest.run('dmesg -n 1; head -c 8000000 /dev/urandom >data; sha256sum data >data.sum', LIMIT_MS);
  // What is read comes from the disk, not from memory.
  const copy = 'cp data copy$n; sync; echo 3 >/proc/sys/vm/drop_caches; cmp data copy$n || echo differ"ent"';
  await guest.type(`(for n in 1 2 3 4 5 6 7 8; do ${copy}; done; echo all"copied") &\n`);
  for (let n = 0; n < MOVES; n++) {
    const [from, to] = n % 2 === 0 ? HOSTS : [HOSTS[1], HOSTS[0]];
    await datacenter.show('Datacenter');
    await datacenter.migrateByDialog(VM, to, STANDSTILL);
    await datacenter.arrived(VM, from, to, LIMIT_MS);
    await datacenter.dismissReport();
  }
  await guest.awaitText('allcopied', 0, LIMIT_MS);
  await guest.run('');
  expect(await guest.text()).not.toContain('different');
  await guest.run('sha256sum copy? >copies.sum; sync', LIMIT_MS);

  const before = (await guest.text()).length;
  await page.keyboard.press('Control+k');
  await page.keyboard.type(`Shut down guest ${VM}`);
  await page.keyboard.press('Enter');
  await datacenter.show('Datacenter');
  await expect(datacenter.card(VM).getByText('Off', { exact: true })).toBeVisible({ timeout: LIMIT_MS });
  await datacenter.act(VM, 'Power on');
  await datacenter.runs(VM, 'host-a');
  await logIn(guest, before);
  const check = 'sha256sum -c data.sum copies.sum | grep -c OK; cat data.sum copies.sum | cut -c1-64 | uniq | wc -l';
  expect(await guest.run(check, LIMIT_MS)).toBe('9\n1');
  expect(await guest.run('dmesg | grep -ciE "i/o error|ext4-fs error|ata.*(failed|exception)"')).toBe('0');
});

/** At the login that it shows behind the first `skip` characters. */
async function logIn(guest: GuestConsole, skip: number): Promise<void> {
  await guest.awaitText(LOGIN, skip, LIMIT_MS);
  await guest.type('root\n');
  await guest.prompt(LIMIT_MS);
}
