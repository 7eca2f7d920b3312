// Moves that are not the usual ones: of a VM that is off, and of one that would stand still for too long. Guests of a few instructions;
// one lives through the whole file, and each test goes on where the one before left it.
import { expect, test } from '@playwright/test';
import { contextOf, Datacenter, openDatacenter } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { ECHO_KERNEL, HALTING_KERNEL } from './support/kernels.ts';

test.describe.configure({ mode: 'serial' });

const VM = 'mover';
/** The switch-over takes three messages one after another: longer than its limit of a second. */
const LATENCY_MS = 400;

let datacenter: Datacenter;

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser, 1000);
  await datacenter.createVm({ name: VM, host: 'host-a', memoryMiB: 16, kernel: ECHO_KERNEL });
  await expect(datacenter.card(VM).getByText('Running', { exact: true })).toBeVisible();
});

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

test('a move that would stand still for too long asks first, and can be left', async () => {
  await datacenter.setLink('1 Gbit/s', LATENCY_MS);
  await datacenter.drag(VM, 'host-b');
  const question = datacenter.card(VM).getByRole('alert');
  await expect(question).toContainText(
    /a message takes 400 ms: the standstill would be about 1\.\d s; the limit is 1 s/,
  );
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(datacenter.report.getByRole('heading')).toHaveText(`Cancelled ${VM}: host-a → host-b`);
  await datacenter.dismissReport();
  await datacenter.runs(VM, 'host-a');
});

test('it goes on if one agrees, and the report says for how long it stood still', async () => {
  await datacenter.drag(VM, 'host-b');
  await datacenter
    .card(VM)
    .getByRole('alert')
    .getByRole('button', { name: /^Move anyway \(about 1\.\d s\)$/ })
    .click();
  const { downtimeMs } = await datacenter.arrived(VM, 'host-a', 'host-b');
  expect(downtimeMs).toBeGreaterThan(2 * LATENCY_MS);
  await datacenter.dismissReport();
  await datacenter.setLink('1 Gbit/s', 0.2);
  const echo = await GuestConsole.open(datacenter, VM);
  await echo.echoes('here');
  await datacenter.show('Datacenter');
});

test('a VM that is off is dragged to another host, and starts there', async () => {
  await datacenter.actAndConfirm(VM, 'Power off');
  await expect(datacenter.card(VM).getByText('Off', { exact: true })).toBeVisible();
  await datacenter.drag(VM, 'host-a');
  await expect(datacenter.report.getByRole('heading')).toHaveText(`Completed ${VM}: host-b → host-a`);
  await expect(datacenter.cardOn('host-a', VM).getByText('Off', { exact: true })).toBeVisible();
  await expect(datacenter.card(VM)).toHaveCount(1);
  await datacenter.dismissReport();
  await datacenter.act(VM, 'Power on');
  await datacenter.runs(VM, 'host-a');
  const echo = await GuestConsole.open(datacenter, VM);
  await echo.echoes('on again');
  await datacenter.show('Datacenter');
});

test('what a guest does is an event in a console of another tab too', async () => {
  const other = new Datacenter(await contextOf(datacenter).newPage());
  await other.page.goto('./');
  await expect(other.card(VM)).toBeVisible();
  await datacenter.page.bringToFront();
  await datacenter.createVm({ name: 'done', host: 'host-a', memoryMiB: 16, kernel: HALTING_KERNEL });
  await expect(datacenter.card('done').getByText('Halted', { exact: true })).toBeVisible();
  await other.page.bringToFront();
  await expect(other.card('done').getByText('Halted', { exact: true })).toBeVisible();
  await other.tasks.getByRole('tab', { name: 'Events' }).click();
  await expect(other.tasks.getByRole('cell', { name: 'done has stopped: it halted with interrupts off' })).toHaveCount(
    1,
  );

  // A dialog closes with the VM that it is about, and leaves nothing behind that would keep others from opening.
  await other.actAndConfirm('done', 'Power off');
  await datacenter.page.bringToFront();
  await expect(datacenter.card('done').getByText('Off', { exact: true })).toBeVisible();
  await datacenter.act('done', 'Migrate…');
  await expect(datacenter.dialog).toBeVisible();
  await other.page.bringToFront();
  await other.card('done').getByRole('button', { name: 'Actions of done' }).click();
  await other.page.getByRole('menuitem', { name: 'Delete…' }).click();
  await other.dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(other.card('done')).toHaveCount(0);
  await datacenter.page.bringToFront();
  await expect(datacenter.dialog).toHaveCount(0);
  await datacenter.page.keyboard.press('Control+k');
  await expect(datacenter.page.getByRole('combobox', { name: 'Search actions and objects' })).toBeVisible();
  await datacenter.page.keyboard.press('Escape');
  await other.page.close();
});

test('what waits for an image server that never answers can be cancelled: a creation, and a start', async () => {
  const { dialog, page } = datacenter;
  await page.bringToFront();
  await datacenter.show('Datacenter');
  const kernel = /\/guests\/linux\/vmlinuz/;
  let asked = 0;
  // It takes the request and never answers.
  const silence = () => contextOf(datacenter).route(kernel, () => void asked++);

  await silence();
  await fillIn();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect.poll(() => asked).toBe(1);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  await expect(datacenter.card('waiting')).toHaveCount(0);

  await contextOf(datacenter).unroute(kernel);
  await fillIn();
  await dialog.getByRole('checkbox', { name: 'Power on after creation' }).uncheck();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(datacenter.card('waiting').getByText('Off', { exact: true })).toBeVisible();
  await silence();
  await datacenter.act('waiting', 'Power on');
  await expect(datacenter.card('waiting').getByText('Starting', { exact: true })).toBeVisible();
  await expect.poll(() => asked).toBe(2);
  await datacenter.act('waiting', 'Cancel start');
  await expect(datacenter.card('waiting').getByText('Off', { exact: true })).toBeVisible();
  await contextOf(datacenter).unroute(kernel);
});

/** The dialog for a VM with the catalogue's guest. */
async function fillIn(): Promise<void> {
  const { dialog, page } = datacenter;
  await page.getByRole('button', { name: 'New VM', exact: true }).click();
  await expect(dialog.getByRole('combobox', { name: 'Guest image' })).toBeVisible();
  await page.locator('#vm-name').fill('waiting');
  await page.locator('#vm-memory').fill('64');
}
