// Our subnet and v86's: a Linux guest here and one of v86 in another tab of the same site are on one Ethernet, get their
// addresses from one DHCP server, know each other by name and fetch from each other.
import { expect, test } from '@playwright/test';
import { missingBios } from '../guests/packages/seabios.ts';
import { contextOf, type Datacenter, openDatacenter } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { SOAK } from './support/soak.ts';
import { V86Guest } from './support/v86-guest.ts';

test.describe.configure({ mode: 'serial', timeout: 420_000 });
// v86's guest alone takes a minute to boot.
test.skip(!SOAK, 'part of the soak');

const FILE_MIB = 1;
const ALL_ANSWERED = '3 packets transmitted, 3 packets received, 0% packet loss';

let datacenter: Datacenter;
let ours: GuestConsole;
let theirs: V86Guest;

test.beforeAll(async ({ browser }) => {
  // The BIOS may have to be fetched.
  test.setTimeout(300_000);
  const reason = missingBios();
  if (reason !== undefined) console.log(`skipped: ${reason}`);
  test.skip(reason !== undefined, reason);
  datacenter = await openDatacenter(browser);
});

test.afterAll(async () => {
  if (datacenter) await contextOf(datacenter).close();
});

test('the bridge to v86 is switched on in the console', async () => {
  await datacenter.createVm({ name: 'web1', host: 'host-a', memoryMiB: 64 });
  await datacenter.openNetworking();
  const bridge = datacenter.page.getByRole('region', { name: 'v86 bridge' });
  await bridge.getByRole('spinbutton', { name: 'Network number' }).fill('0');
  await bridge.getByRole('button', { name: 'Switch on' }).click();
  await expect(bridge.getByRole('status')).toHaveText(/^host-[ab] bridges v86-inbrowser-0$/);

  ours = await GuestConsole.open(datacenter, 'web1');
  await ours.booted();
  expect(await ours.run(`web ${FILE_MIB}`)).toMatch(/http:\/\/10\.0\.0\.\d+\/ and port 7000 are served/);
});

test('a guest of v86 in another tab is given an address and a name', async () => {
  theirs = await V86Guest.start(contextOf(datacenter), 'visitor');
  await datacenter.page.bringToFront();
  await theirs.booted();
  const address = await addressOf(theirs);

  await datacenter.openNetworking();
  const lease = datacenter.page
    .getByRole('region', { name: 'DHCP leases' })
    .getByRole('row')
    .filter({ hasText: address });
  await expect(lease).toContainText('visitor');
});

test('it pings our guest by name and by address, and fetches from it whole', async () => {
  expect(await theirs.run('ping -4 -c 3 web1')).toContain(ALL_ANSWERED);
  expect(await theirs.run(`ping -c 3 ${await addressOf(ours)}`)).toContain(ALL_ANSWERED);
  await fetchWhole(theirs, 'web1');
});

test('our guest pings it by name and by address, and fetches from it whole', async () => {
  expect(await theirs.run(`web ${FILE_MIB}`)).toContain('are served');
  expect(await ours.run('ping -4 -c 3 visitor')).toContain(ALL_ANSWERED);
  expect(await ours.run(`ping -c 3 ${await addressOf(theirs)}`)).toContain(ALL_ANSWERED);
  await fetchWhole(ours, 'visitor');
});

test('it stays connected while our guest moves, to and from the host that bridges', async () => {
  for (const [from, to] of [
    ['host-a', 'host-b'],
    ['host-b', 'host-a'],
  ]) {
    await datacenter.show('Datacenter');
    await datacenter.migrateByDialog('web1', to);
    await datacenter.arrived('web1', from, to);
    await fetchWhole(theirs, 'web1');
    await fetchWhole(ours, 'visitor');
  }
});

test('once the bridge is switched off they are apart', async () => {
  await datacenter.openNetworking();
  const bridge = datacenter.page.getByRole('region', { name: 'v86 bridge' });
  await bridge.getByRole('button', { name: 'Switch off' }).click();
  await expect(bridge.getByRole('status')).toHaveText('Off');
  expect(await theirs.run(`ping -c 2 ${await addressOf(ours)}`)).toContain('100% packet loss');
});

interface Shell {
  run(command: string): Promise<string>;
}

async function addressOf(guest: Shell): Promise<string> {
  // The DHCP client goes on in the background after the prompt.
  let address = '';
  await expect(async () => {
    const output = await guest.run('ip -o -4 addr show dev eth0');
    [, address] = /inet (10\.0\.0\.\d+)\/24/.exec(output) ?? [];
    expect(address, output).toBeTruthy();
  }).toPass({ timeout: 60_000 });
  return address;
}

/** Fetches the other's file and compares its checksum with the one that the other made. */
async function fetchWhole(guest: Shell, from: string): Promise<void> {
  const expected = /[0-9a-f]{64}/.exec(await guest.run(`wget -q -O - http://${from}/random.sha256`))?.[0];
  expect(expected).toBeDefined();
  expect(await guest.run(`wget -q -O - http://${from}/random | sha256sum`)).toContain(expected);
}
