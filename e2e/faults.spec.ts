// What a migration leaves behind when something goes wrong in the middle of it: the guest runs at exactly one place, it has
// lost nothing, and the reason is on the screen. A slow link makes every stage long enough to be hit. The tests share the console
// and a guest of a few instructions, which counts and writes to memory; each leaves it running on host-a and checks all that it has
// counted: no gap and no repeat.
import { expect, type Locator, type Page, test } from '@playwright/test';
import { Counter } from './support/counter.ts';
import { contextOf, type Datacenter, openDatacenter, openHostTab } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { FILLED_MIB, TICKING_KERNEL } from './support/kernels.ts';
import { amount } from './support/soak.ts';

const VM = 'ticking';
const HOST = 'host-a';
const TARGET = 'host-t';
/** Each message takes so long that its stage can be seen, and so short that ten of them are no test of patience. */
const LATENCY_MS = 400;
/** The switch-over takes three messages one after another. */
const LIMIT_MS = 10_000;

let datacenter: Datacenter;
let counter: Counter;

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
  await createCounting();
});

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

interface Stage {
  name: string;
  /** What the card says in that stage. */
  label: string;
  bandwidth: string;
  /** LIMIT_MS without it. */
  limitMs?: number;
}

const PRECOPY: Stage[] = [
  { name: 'the first pre-copy round', label: 'Round 1', bandwidth: '10 Mbit/s' },
  { name: 'a later pre-copy round', label: 'Round 2', bandwidth: '10 Mbit/s', limitMs: 2000 },
];

const COMMIT: Stage = { name: 'commit', label: 'Commit', bandwidth: '1 Gbit/s' };
const UNTIL_COMMIT: Stage[] = [
  ...amount([], [{ name: 'reservation', label: 'Reserving memory on the target', bandwidth: '1 Gbit/s' }, ...PRECOPY]),
  { name: 'stop-and-copy', label: 'Stop-and-copy', bandwidth: '1 Gbit/s' },
  ...amount([], [COMMIT]),
];

for (const stage of UNTIL_COMMIT) {
  test(`the target's tab is closed during ${stage.name}: the guest runs on at the source`, async () => {
    const target = await openHostTab(datacenter, TARGET);
    await migrateUntil(stage);
    await target.close();
    await expectStayed(/host-t is (gone|shutting down)/);
  });
}

for (const stage of [...amount([], [{ name: 'pre-copy', label: 'Round 1', bandwidth: '10 Mbit/s' }]), COMMIT]) {
  test(`the target's tab crashes during ${stage.name}: the guest runs on at the source`, async () => {
    const target = await openHostTab(datacenter, TARGET);
    const crash = await crasher(target);
    await migrateUntil(stage);
    await crash();
    await expectStayed(/host-t is gone/);
    await target.close();
  });
}

test('a migration cancelled during pre-copy leaves the guest at the source and the target empty', async () => {
  const target = await openHostTab(datacenter, TARGET);
  await migrateUntil({ name: 'pre-copy', label: 'Round 1', bandwidth: '10 Mbit/s' });
  await datacenter.act(VM, 'Cancel migration');
  await expect(datacenter.report.getByRole('heading')).toHaveText(`Cancelled ${VM}: ${HOST} → ${TARGET}`);
  await expect(migrationTask().getByText('Cancelled').first()).toBeVisible();
  await datacenter.dismissReport();
  await expectRunsOnlyOn(HOST);
  await expect(target.getByText('No VM on this host')).toBeVisible();
  await target.close();
});

test("the source's tab is closed after the hand-over has begun: the guest runs on at the target", async () => {
  const tab = await openHostTab(datacenter, TARGET);
  await datacenter.setLink('1 Gbit/s', 0.2);
  await datacenter.migrateByDialog(VM, TARGET, LIMIT_MS);
  await datacenter.arrived(VM, HOST, TARGET);
  await datacenter.setLink('1 Gbit/s', LATENCY_MS);
  await datacenter.migrateByDialog(VM, HOST, LIMIT_MS);
  await stageReached('Commit');
  await tab.close();
  await expectRunsOnlyOn(HOST);
});

test("the target's tab is closed after the move: the guest is lost with it, and that is said", async () => {
  const tab = await openHostTab(datacenter, TARGET);
  await datacenter.setLink('1 Gbit/s', 0.2);
  await datacenter.migrateByDialog(VM, TARGET, LIMIT_MS);
  await datacenter.arrived(VM, HOST, TARGET);
  await tab.close();
  await expect(datacenter.page.getByText(`Lost with it: ${VM}.`)).toBeVisible();
  await expect(datacenter.card(VM)).toHaveCount(0);
  await createCounting();
});

async function createCounting(): Promise<void> {
  await datacenter.createVm({ name: VM, host: HOST, memoryMiB: FILLED_MIB, kernel: TICKING_KERNEL });
  counter = Counter.of(await GuestConsole.open(datacenter, VM));
  await counter.goesOn();
  await datacenter.show('Datacenter');
}

/** Starts a migration to the target over a link of that bandwidth and waits until it is in that stage. */
async function migrateUntil({ label, bandwidth, limitMs = LIMIT_MS }: Stage): Promise<void> {
  await datacenter.setLink(bandwidth, LATENCY_MS);
  await datacenter.migrateByDialog(VM, TARGET, limitMs);
  await stageReached(label);
}

/** Waits until the card says so. Looks at every frame: a stage may be gone again after a few hundred ms. */
async function stageReached(label: string): Promise<void> {
  const says = ([vm, text]: string[]) =>
    document.querySelector(`article[aria-label="${vm}"]`)?.textContent?.includes(text);
  await datacenter.page.waitForFunction(says, [VM, label], { polling: 'raf', timeout: 60_000 });
}

function migrationTask(): Locator {
  return datacenter.tasks.getByRole('row', { name: `Migrate to ${TARGET}` }).first();
}

/** The migration failed with that reason, which stands in the report, in the task list and on the card. */
async function expectStayed(reason: RegExp): Promise<void> {
  await expect(datacenter.report.getByRole('heading')).toHaveText(`Failed ${VM}: ${HOST} → ${TARGET}`);
  await expect(datacenter.report.getByText(reason)).toBeVisible();
  await expect(migrationTask().getByText(reason)).toBeVisible();
  const card = datacenter.card(VM);
  await expect(card.getByRole('heading', { name: `Migrate to ${TARGET} failed: ${VM}` })).toBeVisible();
  // What has been read is put away: the next failure must show its own.
  await card.getByRole('button', { name: /^Close/ }).click();
  await datacenter.dismissReport();
  await expectRunsOnlyOn(HOST);
  await expect(datacenter.blade(TARGET)).toBeHidden();
}

async function expectRunsOnlyOn(host: string): Promise<void> {
  await datacenter.runs(VM, host);
  await expect(datacenter.card(VM)).toHaveCount(1);
  await counter.goesOn();
  await counter.judge();
  await datacenter.show('Datacenter');
}

/** @returns what ends the tab's process at once, without a goodbye */
async function crasher(tab: Page): Promise<() => Promise<void>> {
  const session = await tab.context().newCDPSession(tab);
  return async () => {
    const crashed = tab.waitForEvent('crash');
    session.send('Page.crash').catch(() => {});
    await crashed;
  };
}
