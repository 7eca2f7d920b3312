// A tab whose process is stopped and goes on later takes nothing from the others, looks silent, and carries out nothing that
// was given up meanwhile. Each host lives in a tab of its own.
import { expect, type Page, test } from '@playwright/test';
import { contextOf, Datacenter } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { Stoppable } from './support/renderer.ts';

test.describe.configure({ mode: 'serial' });

const VM = 'linux-1';
const FROZEN = 'host-c';
const SILENT = 'Not responding for';

let datacenter: Datacenter;
let tab: Page;
let process: Stoppable;

test.beforeAll(async ({ browser }) => {
  // A host of its own tab comes first: it gets the office of answering DHCP and DNS.
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  tab = await context.newPage();
  await tab.goto(`./?host&name=${FROZEN}&memory=256`);
  await expect(tab.getByRole('heading', { name: FROZEN, level: 1 })).toBeVisible();
  datacenter = new Datacenter(await context.newPage());
  await datacenter.page.goto('./');
  for (const host of ['host-a', 'host-b', FROZEN]) await expect(datacenter.blade(host)).toBeVisible();
  process = await Stoppable.of(tab, [datacenter.page]);
});

test.afterEach(() => process.goOn());

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

test('a frozen host looks silent, is no target, and keeps nobody else from moving', async () => {
  await datacenter.openNetworking();
  await expect(datacenter.page.locator('dt:text-is("DHCP and DNS answered by") + dd')).toHaveText(FROZEN);
  await datacenter.show('Datacenter');
  process.stop();
  await expect(datacenter.blade(FROZEN).getByText(SILENT)).toBeVisible();

  await datacenter.createVm({ host: 'host-a', memoryMiB: 64 });
  const guest = await GuestConsole.open(datacenter, VM);
  await guest.booted();
  // The office has passed on: the guest has an address and is known by its name.
  expect(await guest.run(`ping -4 -c 1 ${VM}.lab | grep received`)).toContain('1 packets received, 0% packet loss');
  await datacenter.openNetworking();
  await expect(datacenter.page.locator('dt:text-is("DHCP and DNS answered by") + dd')).not.toHaveText(FROZEN);
  await datacenter.show('Datacenter');

  await datacenter.dragOver(VM, FROZEN);
  await expect(datacenter.blade(FROZEN).getByText(`${FROZEN} is not responding`)).toBeVisible();
  await datacenter.page.mouse.up();
  await expect(datacenter.card(VM).getByText(`${FROZEN} is not responding.`)).toBeVisible();
  await datacenter.migrateByDialog(VM, 'host-b');
  await datacenter.arrived(VM, 'host-a', 'host-b');

  process.goOn();
  await expect(datacenter.blade(FROZEN).getByText(SILENT)).toBeHidden();
  // It has nothing of what was refused, and does not answer beside its successor.
  expect(await guest.run(`ping -4 -c 1 ${VM}.lab | grep received`)).toContain('1 packets received, 0% packet loss');
  expect(await guest.run('ping -4 -c 2 gateway.lab | grep received')).toContain('2 packets received, 0% packet loss');
  await datacenter.openNetworking();
  await expect(datacenter.page.locator('dt:text-is("DHCP and DNS answered by") + dd')).not.toHaveText(FROZEN);
  await datacenter.show('Datacenter');
  await expect(datacenter.cardOn('host-b', VM)).toBeVisible();
  await expect(tab.getByText('No VM on this host')).toBeVisible();
});

test('a source that is frozen in a move: the card says so, and the move ends when it goes on', async () => {
  await datacenter.drag(VM, FROZEN);
  await datacenter.arrived(VM, 'host-b', FROZEN);
  await datacenter.dismissReport();
  await datacenter.setLink('10 Mbit/s', 0.2);
  await datacenter.drag(VM, 'host-a');
  const card = datacenter.card(VM);
  await expect(card.getByText('Round 1')).toBeVisible();
  process.stop();
  await expect(card.getByText(`${FROZEN}: ${SILENT}`)).toBeVisible();
  await expect(card.getByText(`The VM stays on ${FROZEN} until it answers.`)).toBeVisible();
  process.goOn();
  await expect(card.getByText(SILENT)).toBeHidden();
  await datacenter.setLink('1 Gbit/s', 0.2);
  await datacenter.arrived(VM, FROZEN, 'host-a');
  await datacenter.dismissReport();
});

test('a move whose source is frozen is cancelled at its target', async () => {
  await datacenter.drag(VM, FROZEN);
  await datacenter.arrived(VM, 'host-a', FROZEN);
  await datacenter.dismissReport();
  await datacenter.setLink('10 Mbit/s', 0.2);
  await datacenter.drag(VM, 'host-a');
  await expect(datacenter.card(VM).getByText('Round 1')).toBeVisible();
  process.stop();
  await expect(datacenter.card(VM).getByText(`The VM stays on ${FROZEN} until it answers.`)).toBeVisible();
  await datacenter.act(VM, 'Cancel migration');
  await expect(datacenter.report.getByText(/It was cancelled at host-a/)).toBeVisible();
  await expect(datacenter.cardOn(FROZEN, VM).getByText('Unknown', { exact: true })).toBeVisible();
  process.goOn();
  await expect(datacenter.cardOn(FROZEN, VM).getByText('Running', { exact: true })).toBeVisible();
  await expect(datacenter.card(VM)).toHaveCount(1);
});
