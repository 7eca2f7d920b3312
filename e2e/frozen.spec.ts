// A tab whose process is stopped and goes on later takes nothing from the others, looks silent, and carries out nothing that
// was abandoned meanwhile. Each host lives in a tab of its own. The tests share the tabs; each has a VM of its own.
import { expect, type Locator, type Page, test } from '@playwright/test';
import { contextOf, Datacenter } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { FILLED_KERNEL, FILLED_MIB } from './support/kernels.ts';
import { Stoppable } from './support/renderer.ts';
import { SOAK } from './support/soak.ts';

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

test.afterEach(async () => {
  process.goOn();
  await expect(datacenter.page.getByText(SILENT)).toHaveCount(0);
  await datacenter.setLink('1 Gbit/s', 0.2);
});

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

test('a frozen host looks silent, is no target, and keeps nobody else from moving', async () => {
  const vm = 'neighbour';
  const guest = await createFilled(vm, 'host-a');
  await datacenter.openNetworking();
  await expect(answeredBy()).toHaveText(FROZEN);
  await datacenter.show('Datacenter');
  process.stop();
  await expect(datacenter.blade(FROZEN).getByText(SILENT)).toBeVisible();
  await expectAnsweredByAnother();
  const linux = await bootInSoak();
  if (linux) await expectKnownByName(linux);

  await datacenter.show('Datacenter');
  await datacenter.dragOver(vm, FROZEN);
  await expect(datacenter.blade(FROZEN).getByText(`${FROZEN} is not responding`)).toBeVisible();
  await datacenter.page.mouse.up();
  await expect(datacenter.card(vm).getByText(`${FROZEN} is not responding.`)).toBeVisible();
  await datacenter.migrateByDialog(vm, 'host-b');
  await datacenter.arrived(vm, 'host-a', 'host-b');

  process.goOn();
  await expect(datacenter.blade(FROZEN).getByText(SILENT)).toBeHidden();
  // It has nothing of what was refused, and does not answer beside its successor.
  await expectAnsweredByAnother();
  if (linux) await expectKnownByName(linux);
  await expect(datacenter.cardOn('host-b', vm)).toBeVisible();
  await expect(tab.getByText('No VM on this host')).toBeVisible();
  await guest.echoes('still here');
});

test('a source that is frozen in a move: the card says so, and the move ends when it goes on', async () => {
  const vm = 'leaving';
  await freezeWhileLeaving(vm);
  const card = datacenter.card(vm);
  await expect(card.getByText(`${FROZEN}: ${SILENT}`)).toBeVisible();
  process.goOn();
  await expect(card.getByText(SILENT)).toBeHidden();
  await datacenter.setLink('1 Gbit/s', 0.2);
  await datacenter.arrived(vm, FROZEN, 'host-a');
});

test('a move whose source is frozen is cancelled at its target', async () => {
  const vm = 'cancelled';
  await freezeWhileLeaving(vm);
  await datacenter.act(vm, 'Cancel migration');
  await expect(datacenter.report.getByText(/It was cancelled at host-a/)).toBeVisible();
  await expect(datacenter.cardOn(FROZEN, vm).getByText('Unknown', { exact: true })).toBeVisible();
  process.goOn();
  await datacenter.runs(vm, FROZEN);
  await expect(datacenter.card(vm)).toHaveCount(1);
});

async function createFilled(name: string, host: string): Promise<GuestConsole> {
  await datacenter.show('Datacenter');
  await datacenter.createVm({ name, host, memoryMiB: FILLED_MIB, kernel: FILLED_KERNEL });
  const guest = await GuestConsole.open(datacenter, name);
  // It answers only when its memory is full.
  await guest.echoes('full');
  await datacenter.show('Datacenter');
  return guest;
}

/** A VM of that name moves from the host to host-a, and in the first round the host's tab is frozen. */
async function freezeWhileLeaving(name: string): Promise<void> {
  await createFilled(name, FROZEN);
  await datacenter.setLink('10 Mbit/s', 0.2);
  await datacenter.drag(name, 'host-a');
  const card = datacenter.card(name);
  await expect(card.getByText('Round 1')).toBeVisible();
  process.stop();
  await expect(card.getByText(`The VM stays on ${FROZEN} until it answers.`)).toBeVisible();
}

function answeredBy(): Locator {
  return datacenter.page.locator('dt:text-is("DHCP and DNS answered by") + dd');
}

/** The office of answering has passed on. */
async function expectAnsweredByAnother(): Promise<void> {
  await datacenter.openNetworking();
  await expect(answeredBy()).not.toHaveText(FROZEN);
  await datacenter.show('Datacenter');
}

/** In the soak it is also seen from a guest that the office has passed on; else engine/subnet has tests of that. */
async function bootInSoak(): Promise<GuestConsole | undefined> {
  if (!SOAK) return undefined;
  await datacenter.createVm({ name: 'linux-1', host: 'host-a', memoryMiB: 64 });
  const guest = await GuestConsole.open(datacenter, 'linux-1');
  await guest.booted();
  return guest;
}

async function expectKnownByName(guest: GuestConsole): Promise<void> {
  for (const name of [`${guest.vm}.lab`, 'gateway.lab']) {
    expect(await guest.run(`ping -4 -c 1 ${name} | grep received`)).toContain('1 packets received, 0% packet loss');
  }
  await datacenter.show('Datacenter');
}
