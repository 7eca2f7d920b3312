// How the console treats the person at it: by touch, by keyboard, with notices, with addresses that cannot be, and before
// something is lost. The tests share the console, and each goes on where the one before left it.
import { type Browser, type CDPSession, expect, type Locator, type Page, test } from '@playwright/test';
import { contextOf, Datacenter, openDatacenter } from './support/datacenter.ts';
import { ECHO_KERNEL } from './support/kernels.ts';

test.describe.configure({ mode: 'serial' });

let datacenter: Datacenter;

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
});

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

test('what is typed at once goes into the palette, and nothing opens over a dialog', async () => {
  const { page, dialog } = datacenter;
  const query = page.getByRole('combobox', { name: 'Search actions and objects' });
  await page.getByRole('treeitem', { name: 'host-a' }).focus();
  // In one go: no time for anything to settle in between.
  await page.keyboard.press('Control+k');
  await page.keyboard.press('h');
  await page.keyboard.press('e');
  await page.keyboard.press('l');
  await page.keyboard.press('p');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('heading', { name: 'Help' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(query).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('treeitem', { name: 'host-a' })).toBeFocused();
});

test('the address of a host that cannot be says so there, and alarms nobody else', async () => {
  const { page, tasks } = datacenter;
  const tab = await contextOf(datacenter).newPage();
  for (const [query, reason] of [
    ['memory=3.5', /memory=3\.5\. A host’s memory is a whole number of MiB/],
    ['memory=0', /memory=0\. A host’s memory/],
    [`name=${'x'.repeat(5000)}`, /at most 63 characters/],
    ['name=HOST-A', /The name HOST-A is taken by another host/],
  ] as const) {
    await tab.goto(`./?host&${query}`);
    await expect(tab.getByText(reason)).toBeVisible();
  }
  const [consoleTab] = await Promise.all([
    contextOf(datacenter).waitForEvent('page'),
    tab.getByRole('link', { name: 'Open the console in a new tab' }).click(),
  ]);
  await expect(consoleTab.getByRole('region', { name: 'host-a', exact: true })).toBeVisible();
  await consoleTab.close();
  await tab.close();
  await page.bringToFront();
  await tasks.getByRole('tab', { name: 'Events' }).click();
  await expect(tasks.getByRole('row').filter({ hasText: /Malformed/ })).toHaveCount(0);
  await expect(notices().getByRole('listitem')).toHaveCount(0);
});

test('a VM that does not fit is refused while it is typed, and two are never one name', async () => {
  const { page, dialog } = datacenter;
  await page.getByRole('button', { name: 'New VM', exact: true }).click();
  await page.locator('#vm-memory').fill('600');
  await expect(dialog.getByText(/host-a can never hold it: it needs 6\d\d MiB/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await datacenter.createVm({ name: 'web1', host: 'host-a', memoryMiB: 16, kernel: ECHO_KERNEL });
  await expect(datacenter.card('web1').getByText('Running', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'New VM', exact: true }).click();
  for (const [name, reason] of [
    ['WEB1', 'There is already a VM named web1.'],
    ['web1.', 'In DNS it would be web1, as the VM web1 is.'],
    ['x'.repeat(70), 'A name has at most 63 characters.'],
  ]) {
    await page.locator('#vm-name').fill(name);
    await expect(dialog.getByText(reason)).toBeVisible();
  }
  await dialog.getByRole('button', { name: 'Cancel' }).click();
});

test('a notice covers nothing, and goes when it is over', async () => {
  const { page } = datacenter;
  await page.evaluate(() => {
    const channel = new BroadcastChannel('tabvisor');
    channel.postMessage({ magic: 'tabvisor-subnet', version: 99, from: 'old', to: '*', kind: 'announce', body: {} });
    channel.close();
  });
  const notice = notices().getByRole('listitem').filter({ hasText: 'Another version' });
  await expect(notice).toBeVisible();
  const box = await boxOf(notice);
  for (const other of [page.getByRole('main'), datacenter.tasks, page.getByRole('banner')])
    expect(overlap(box, await boxOf(other))).toBe(false);
  await notice.getByRole('button', { name: /^Close/ }).click();
  await expect(notice).toHaveCount(0);
});

test('a long name pushes no column out of the drawer', async () => {
  const { page, tasks } = datacenter;
  await page.setViewportSize({ width: 700, height: 600 });
  const name = 'a-name-of-sixty-three-characters-which-is-the-longest-there-is0';
  await datacenter.createVm({ name, host: 'host-a', memoryMiB: 16, kernel: ECHO_KERNEL });
  await expect(datacenter.card(name).getByText('Running', { exact: true })).toBeVisible();
  await tasks.getByRole('tab', { name: 'Recent tasks' }).click();
  const drawer = await boxOf(tasks);
  for (const column of ['Started', 'Took', 'Status']) {
    const head = await boxOf(tasks.getByRole('columnheader', { name: column }));
    expect(head.x + head.width).toBeLessThanOrEqual(drawer.x + drawer.width);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('closing the tab asks first while a VM is on it, although it is off', async () => {
  const { page } = datacenter;
  for (const vm of ['web1', 'a-name-of-sixty-three-characters-which-is-the-longest-there-is0']) {
    await datacenter.actAndConfirm(vm, 'Power off');
    await expect(datacenter.card(vm).getByText('Off', { exact: true })).toBeVisible();
  }
  const asked = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.dismiss();
});

test('a finger that stays on a card moves the VM; one that swipes over it leaves everything where it is', async ({
  browser,
}) => {
  const { touch, finger } = await openByTouch(browser);
  const { page } = touch;
  await touch.createVm({ name: 'carried', host: 'host-a', memoryMiB: 16, kernel: ECHO_KERNEL });
  await expect(touch.card('carried').getByText('Running', { exact: true })).toBeVisible();
  const ghost = page.locator('.tv-ghost');
  const address = page.url();
  await touch.card('carried').scrollIntoViewIfNeeded();

  for (const [dx, dy] of [
    [300, 0],
    [-300, 0],
    [0, 200],
  ]) {
    const { x, y } = await centre(touch.card('carried'));
    await finger('touchStart', x, y);
    for (let step = 1; step <= 6; step++) await finger('touchMove', x + (dx * step) / 6, y + (dy * step) / 6);
    await finger('touchEnd');
    await expect(ghost).toHaveCount(0);
  }
  expect(page.url()).toBe(address);
  await expect(touch.cardOn('host-a', 'carried')).toBeVisible();

  const from = await centre(touch.card('carried'));
  await finger('touchStart', from.x, from.y);
  await expect(ghost).toBeVisible();
  const to = await centre(touch.blade('host-b'));
  for (let step = 1; step <= 6; step++)
    await finger('touchMove', from.x + ((to.x - from.x) * step) / 6, from.y + ((to.y - from.y) * step) / 6);
  await expect(touch.blade('host-b').getByText('It fits: drop to migrate')).toBeVisible();
  await finger('touchEnd');
  await touch.arrived('carried', 'host-a', 'host-b');
  await page.context().close();
});

/** A console on a page that was come to from another, as on a tablet. */
async function openByTouch(browser: Browser) {
  const context = await browser.newContext({ hasTouch: true });
  const page: Page = await context.newPage();
  await page.goto('about:blank');
  await page.goto('./');
  const touch = new Datacenter(page);
  for (const host of ['host-a', 'host-b']) await expect(touch.blade(host)).toBeVisible();
  const session: CDPSession = await context.newCDPSession(page);
  const finger = async (type: 'touchStart' | 'touchMove' | 'touchEnd', x = 0, y = 0) => {
    await session.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
  };
  return { touch, finger };
}

function notices(): Locator {
  return datacenter.page.getByRole('region', { name: 'Notices' });
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

async function boxOf(locator: Locator): Promise<Box> {
  const box = await locator.boundingBox();
  if (!box) throw new Error(`${locator} is not on the screen.`);
  return box;
}

async function centre(locator: Locator): Promise<{ x: number; y: number }> {
  const { x, y, width, height } = await boxOf(locator);
  return { x: x + width / 2, y: y + height / 2 };
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
