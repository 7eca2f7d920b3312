// The subnet as a person sees it: two Linux guests on two hosts get addresses, know each other by name and exchange files,
// in one browser tab and across two; what passes can be captured.
import { readFile } from 'node:fs/promises';
import { expect, type Locator, test } from '@playwright/test';
import { contextOf, type Datacenter, openDatacenter, openHostTab } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { amount, SOAK } from './support/soak.ts';

test.describe.configure({ mode: 'serial' });

const FILE_MIB = amount(2, 10);
const MEMORY_MIB = 80;
/** One a second. */
const PINGS = amount(2, 5);

let datacenter: Datacenter;
let alice: GuestConsole;
let bob: GuestConsole;

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
});

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

test('guests on two hosts, one with a card of each model, get addresses by DHCP', async () => {
  await datacenter.createVm({ name: 'alice', host: 'host-a', memoryMiB: MEMORY_MIB });
  await datacenter.createVm({ name: 'bob', host: 'host-b', memoryMiB: MEMORY_MIB, nicModel: 'NE2000 (ne2k-pci)' });
  alice = await GuestConsole.open(datacenter, 'alice');
  bob = await GuestConsole.open(datacenter, 'bob');
  await alice.booted();
  await bob.booted();
  const addresses = [await addressOf(alice), await addressOf(bob)];
  expect(addresses[0]).not.toBe(addresses[1]);

  // What the console shows of the card is what the guest says of itself.
  await datacenter.show('alice');
  await datacenter.show('Network');
  const card = datacenter.page.getByRole('region', { name: 'Network card 1' });
  await expect(card.getByText(addresses[0], { exact: true })).toBeVisible();
  await datacenter.show('Console');
});

test('each pings the other by name, by IPv4 and by IPv6', async () => {
  const whole = `${PINGS} packets received, 0% packet loss`;
  for (const family of ['-4', '-6']) {
    expect(await alice.run(`ping ${family} -c ${PINGS} bob | grep received`)).toContain(whole);
    expect(await bob.run(`ping ${family} -c ${PINGS} alice.lab | grep received`)).toContain(whole);
  }
});

test('a guest changes its address again and again, and what it listens to, and traffic goes on', async () => {
  await editPortGroup((dialog) => dialog.getByRole('checkbox', { name: 'MAC address changes' }).check());
  // A guest with a new address asks for its neighbours again, by which they learn it.
  const reached = 'ping -4 -c 1 bob | grep received; ping -6 -c 1 bob | grep received';
  const own = (await alice.run('cat /sys/class/net/eth0/address')).trim();
  const changes = `for n in 1 2 3 4 5; do ip link set eth0 address 52:54:00:aa:00:0$n; ${reached}; done`;
  expect((await alice.run(changes)).match(/1 packets received/g)).toHaveLength(10);
  expect(await alice.run('cat /sys/class/net/eth0/address')).toContain('52:54:00:aa:00:05');
  const listening = 'promisc allmulti -multicast multicast -promisc -allmulti';
  const reachedSo = await alice.run(`for what in ${listening}; do ifconfig eth0 $what; ${reached}; done`);
  expect(reachedSo.match(/1 packets received/g), listening).toHaveLength(12);
  const answers = await alice.run(`ip link set eth0 address ${own}; ${reached}`);
  expect(answers.match(/1 packets received/g)).toHaveLength(2);
});

test('frames are as long as the network takes, a trunk carries VLANs, and two guests with one address are named', async () => {
  // The driver knows how long they may be, so it refuses where they are made.
  for (const guest of [alice, bob]) expect(await guest.run('ip link set eth0 mtu 9000')).toContain('Invalid argument');
  expect(await alice.run('ping -4 -s 1472 -c 1 bob | grep received')).toContain('1 packets received');

  await editPortGroup((dialog) => dialog.getByLabel('VLAN', { exact: true }).selectOption('trunk'));
  const tagged = (address: string) =>
    `ip link add link eth0 name eth0.5 type vlan id 5; ip addr add ${address}/24 dev eth0.5; ip link set eth0.5 up`;
  await bob.run(tagged('10.5.0.2'));
  await alice.run(tagged('10.5.0.1'));
  expect(await alice.run('ping -s 1472 -c 2 10.5.0.2 | grep received')).toContain('2 packets received');
  await editPortGroup((dialog) => dialog.getByLabel('VLAN', { exact: true }).selectOption('none'));
  expect(await alice.run('ping -c 1 -W 1 10.5.0.2 | grep received')).toContain('0 packets received');
  for (const guest of [alice, bob]) await guest.run('ip link del eth0.5');

  for (const guest of [alice, bob]) {
    await guest.run('ip addr add 10.0.0.66/24 dev eth0; ip neigh flush all; ping -I 10.0.0.66 -c 1 -W 1 10.0.0.1');
  }
  await datacenter.openNetworking();
  await expect(datacenter.page.getByText('10.0.0.66 is used by alice and bob').first()).toBeVisible();
  for (const guest of [alice, bob]) await guest.run('ip addr del 10.0.0.66/24 dev eth0');
});

test('files go both ways whole', async () => {
  await serve(alice);
  await serve(bob);
  await fetchWhole(bob, 'alice');
  await fetchWhole(alice, 'bob');
});

test('the same across two browser tabs', async () => {
  test.skip(!SOAK, 'part of the soak');
  const tab = await openHostTab(datacenter, 'host-c');
  await datacenter.migrateByDialog('bob', 'host-c');
  await datacenter.arrived('bob', 'host-b', 'host-c');
  await expect(tab.getByRole('row', { name: 'bob' }).getByText('Running', { exact: true })).toBeVisible();
  expect(await bob.run('ping -4 -c 3 alice | grep received')).toContain('3 packets received, 0% packet loss');
  await fetchWhole(bob, 'alice');
  await fetchWhole(alice, 'bob');
  await datacenter.show('Datacenter');
  await datacenter.migrateByDialog('bob', 'host-b');
  await datacenter.arrived('bob', 'host-c', 'host-b');
  await tab.close();
});

test('what passes a card is listed decoded, and saved for Wireshark', async () => {
  const { page } = datacenter;
  await datacenter.show('alice');
  await datacenter.show('Network');
  await page.getByRole('button', { name: 'Capture network card 1' }).click();
  const capture = page.getByRole('region', { name: 'Packet capture' });
  await expect(capture.getByRole('status')).toHaveText('Running');
  await datacenter.show('Console');
  await alice.run('ip neigh flush all; ping -4 -c 2 bob >/dev/null; wget -q -O /dev/null http://bob/');
  await datacenter.show('Network');
  for (const protocol of ['ARP', 'DNS', 'ICMP', 'TCP']) {
    await expect(capture.getByRole('cell', { name: protocol, exact: true }).first()).toBeVisible();
  }
  await capture.getByRole('textbox', { name: 'Filter frames' }).fill('ICMP');
  await expect(capture.getByRole('cell', { name: 'TCP', exact: true })).toHaveCount(0);
  await expect(capture.getByRole('cell', { name: 'ICMP', exact: true })).toHaveCount(4);

  const download = page.waitForEvent('download');
  await capture.getByRole('button', { name: 'Download pcapng' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^tabvisor-alice-.*\.pcapng$/);
  const bytes = await readFile(await file.path());
  // The section header block and the magic that says its byte order.
  expect([...bytes.subarray(0, 12)].map((byte) => byte.toString(16)).join(' ')).toMatch(
    /^a d d a .. 0 0 0 4d 3c 2b 1a$/,
  );
  await capture.getByRole('button', { name: 'Close the capture' }).click();
  await datacenter.show('Console');
});

test('a line that loses frames slows a download down and does not break it', async () => {
  test.skip(!SOAK, 'part of the soak');
  await datacenter.setLink('100 Mbit/s', 2, { lossPercent: 1, jitterMs: 2 });
  await fetchWhole(bob, 'alice');
  // What was lost is counted where it was lost.
  await datacenter.openNetworking();
  await expect(
    datacenter.page.getByRole('region', { name: 'Switch of host-a' }).locator('dt:text-is("lost on the line") + dd'),
  ).toHaveText(/[1-9]/);
  await datacenter.setLink('1 Gbit/s', 0.2, { lossPercent: 0, jitterMs: 0 });
});

test('leases outlive a reload of the page', async () => {
  const { page } = datacenter;
  await datacenter.show('alice');
  const address = await addressOf(alice);
  page.once('dialog', (dialog) => dialog.accept());
  await page.reload();
  await datacenter.openNetworking();
  const leases = page.getByRole('region', { name: 'DHCP leases' });
  await expect(leases.getByRole('cell', { name: address, exact: true })).toBeVisible();
});

/** Of the port group in which both guests are. */
async function editPortGroup(edit: (dialog: Locator) => Promise<unknown>): Promise<void> {
  const { dialog, page } = datacenter;
  await datacenter.openNetworking();
  await page.getByRole('button', { name: 'Edit port group VM Network' }).click();
  await edit(dialog);
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await expect(dialog).toBeHidden();
}

async function addressOf(guest: GuestConsole): Promise<string> {
  // The client goes on in the background after the prompt.
  let address = '';
  await expect(async () => {
    const output = await guest.run('ip -o -4 addr show dev eth0');
    [, address] = /inet (10\.0\.0\.\d+)\/24/.exec(output) ?? [];
    expect(address, output).toBeTruthy();
  }).toPass({ timeout: 30_000 });
  return address;
}

async function serve(guest: GuestConsole): Promise<void> {
  expect(await guest.run(`web ${FILE_MIB}`)).toContain('are served');
}

/** Fetches the other's file and compares its checksum with the one that the other made. */
async function fetchWhole(guest: GuestConsole, from: string): Promise<void> {
  const expected = /[0-9a-f]{64}/.exec(await guest.run(`wget -q -O - http://${from}/random.sha256`))?.[0];
  expect(expected).toBeDefined();
  expect(await guest.run(`wget -q -O - http://${from}/random | sha256sum`)).toContain(expected);
}
