// The proof: a server that keeps moving between hosts serves a client over TCP and HTTP, and the client, which measures what it
// gets, has not one failed request and not one lost connection to report. Then the client moves, then both at once.
import { expect, test } from '@playwright/test';
import { contextOf, type Datacenter, openDatacenter } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { expectUnbrokenReports, type Report, reportsIn } from './support/reports.ts';
import { amount } from './support/soak.ts';

test.describe.configure({ mode: 'serial' });

const SERVER = 'web1';
const CLIENT = 'client1';
const MOVES = amount(3, 10);
const HOSTS = ['host-a', 'host-b'];

let datacenter: Datacenter;
/** Where each is. */
const places = new Map([
  [SERVER, 'host-a'],
  [CLIENT, 'host-b'],
]);

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
});

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

test('one click starts a server on one host and a client on the other, whose reports are charted', async () => {
  const { page } = datacenter;
  await page.getByRole('button', { name: 'Start the transaction demo' }).first().click();
  for (const title of ['Requests per second', 'Errors since the start']) {
    await expect(page.getByRole('region', { name: title })).toBeVisible({ timeout: 90_000 });
  }
  await expect(page.getByRole('region', { name: 'Client report' })).toContainText('errors 0, resets 0');
  await reportsGoOn();
});

test(`the server moves ${MOVES} times under load: no failed request, no lost connection`, async () => {
  for (let move = 0; move < MOVES; move++) {
    await start(SERVER);
    await arrived(SERVER);
    await reportsGoOn(1);
  }
  await reportsGoOn();
  await judge(`server, ${MOVES} moves`);
  // Each of the moves is in the table below the charts.
  await datacenter.show('Transactions');
  await expect(datacenter.page.getByRole('region', { name: 'Migrations meanwhile' }).getByRole('row')).not.toHaveCount(
    0,
  );
});

test('then the client moves', async () => {
  await start(CLIENT);
  await arrived(CLIENT);
  await reportsGoOn();
  await judge('client');
});

test('then both at once', async () => {
  await start(SERVER);
  await start(CLIENT);
  for (const vm of [SERVER, CLIENT]) {
    await expect(datacenter.cardOn(places.get(vm)!, vm).getByText('Running', { exact: true })).toBeVisible({
      timeout: 60_000,
    });
  }
  await reportsGoOn();
  await judge('both at once');
});

/** Sends the VM to the other host. */
async function start(vm: string): Promise<void> {
  const to = HOSTS.find((host) => host !== places.get(vm))!;
  await datacenter.show('Datacenter');
  await datacenter.migrateByDialog(vm, to);
  places.set(vm, to);
}

async function arrived(vm: string): Promise<void> {
  const to = places.get(vm)!;
  await datacenter.arrived(vm, HOSTS.find((host) => host !== to)!, to);
}

async function reports(): Promise<Report[]> {
  await datacenter.show(CLIENT);
  await datacenter.show('Console');
  return reportsIn(await GuestConsole.shown(datacenter, CLIENT).text());
}

/** Waits for so many more reports; one comes each second. */
async function reportsGoOn(more = 3): Promise<void> {
  const last = async () => (await reports()).at(-1)?.t ?? 0;
  const now = await last();
  await expect.poll(last, { timeout: 30_000, intervals: [500] }).toBeGreaterThanOrEqual(now + more);
}

/** Judges all that the client ever reported, and says the longest time that it waited for an answer. */
async function judge(what: string): Promise<void> {
  const all = await reports();
  expectUnbrokenReports(all);
  console.log(`longest gap ${all.at(-1)!.gap} ms, ${all.at(-1)!.seq} transactions (${what})`);
}
