// A VM's screen: the small system that comes along is read, typed on and watched while it draws, here, in a window of its own, in another
// browser tab, and while it moves. The tests share it, and go on where the one before ended.
import { type BrowserContext, expect, test } from '@playwright/test';
import { contextOf, Datacenter, openDatacenter } from './support/datacenter.ts';
import { GuestScreen } from './support/guest-screen.ts';

test.describe.configure({ mode: 'serial' });

const VM = 'lapwing-1';
/** Lapwing's greeting and prompt. */
const READY = 'Type help for the commands.';

let datacenter: Datacenter;
let context: BrowserContext;
let screen: GuestScreen;

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
  context = contextOf(datacenter);
  await datacenter.page.getByRole('button', { name: 'Boot Lapwing' }).click();
  await datacenter.runs(VM, 'host-a');
  screen = await GuestScreen.open(datacenter, VM);
});

test.afterAll(async () => {
  await context.close();
});

test('its text is read, and keys reach the guest', async () => {
  await screen.shows(READY);
  await expect(screen.surface).toBeFocused();
  await screen.type('quux\n');
  await screen.shows('quux: unknown command');
});

test('text is selected with the mouse and copied, while the clock on the screen goes on', async () => {
  const { page } = screen;
  const line = await screen.surface.getByText('quux: unknown command').boundingBox();
  if (!line) throw new Error('It is not on the screen.');
  const middle = line.y + line.height / 2;
  await page.mouse.move(line.x + 1, middle);
  await page.mouse.down();
  await page.mouse.move(line.x + line.width - 1, middle, { steps: 5 });
  await page.mouse.up();
  const clock = await screen.surface.getByText(/up \d/).textContent();
  await expect(screen.surface.getByText(/up \d/)).not.toHaveText(clock ?? '');
  await page.keyboard.press('Control+Insert');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^quux: unknown command[^\n]*\n?$/);
});

test('the whole screen is searched and copied', async () => {
  const { page } = screen;
  await screen.tool('Search the screen’s text').click();
  await page.keyboard.type('UNKNOWN');
  await expect(page.locator('.tv-screen-match')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(screen.surface).toBeFocused();
  await screen.tool('Copy the screen’s text').click();
  await expect(page.getByText('Copied', { exact: true })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(READY);
});

test('text is pasted as keys', async () => {
  const { page } = screen;
  await page.evaluate(() => navigator.clipboard.writeText('Frob "A_b|c~"\n'));
  await screen.tool(/^Type the clipboard’s text/).click();
  await screen.shows('Frob: unknown command');
  await screen.shows('Frob "A_b|c~"');
});

test('keys of the on-screen keyboard, Shift with them, reach the guest', async () => {
  const { page } = screen;
  await screen.tool('On-screen keyboard').click();
  const keyboard = page.getByRole('group', { name: 'On-screen keyboard' });
  for (const key of ['Left Shift', 'X', 'y', 'Enter'])
    await keyboard.getByRole('button', { name: key, exact: true }).click();
  await screen.shows('Xy: unknown command');
  await screen.tool('On-screen keyboard').click();
  await expect(keyboard).toBeHidden();
});

test('Life runs, and goes on at the other host', async () => {
  await screen.type('count\n');
  await screen.type('life 100000 soup\n');
  await expect(screen.page.getByText('320 × 200')).toBeVisible();
  await screen.isAnimated();
  await datacenter.show('Datacenter');
  await datacenter.migrateByDialog(VM, 'host-b');
  await datacenter.arrived(VM, 'host-a', 'host-b');
  await datacenter.show(VM);
  await screen.isAnimated();
});

test('a picture of it is saved', async () => {
  const png = await screen.screenshot();
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  // IHDR: width and height.
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([320, 200]);
});

test('a window of its own shows it, takes keys, and gives it back', async () => {
  const opened = context.waitForEvent('page');
  await screen.tool('Open in a window of its own').click();
  const own = new GuestScreen(await opened);
  await own.isAnimated();
  await expect(screen.page.getByRole('button', { name: 'Bring it back' })).toBeFocused();
  await own.type(' ');
  await own.shows('cells live after');
  await own.type('life 100000 soup\n');
  await own.isAnimated();
  await own.page.close();
  await screen.isAnimated();
  await expect(screen.surface).toBeFocused();
});

test('in full screen the menu of keys lies over the picture', async () => {
  const { page } = screen;
  await screen.tool('Full screen').click();
  await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(true);
  await screen.tool('Send keys').click();
  // A click is one that the item receives: not what is under the picture.
  await page.getByRole('menuitem', { name: 'Pause' }).click();
  await expect(screen.surface).toBeFocused();
  await screen.tool('Leave full screen').click();
  await expect.poll(() => page.evaluate(() => document.fullscreenElement === null)).toBe(true);
});

test('another browser tab watches it', async () => {
  const second = new Datacenter(await context.newPage());
  await second.page.goto('./');
  await expect(second.card(VM)).toBeVisible();
  const watched = await GuestScreen.open(second, VM);
  await watched.isAnimated();
  await watched.type(' ');
  await watched.shows('cells live after');
  await second.page.close();
  await datacenter.page.bringToFront();
  await screen.shows('cells live after');
});

test('Ctrl-Alt-Del starts it again; off, it says so; switched on, it has the keyboard', async () => {
  const { page } = screen;
  await screen.type('clear\n');
  await screen.tool('Send keys').click();
  await page.getByRole('menuitem', { name: 'Ctrl-Alt-Del' }).click();
  await screen.shows(READY);
  await screen.type('poweroff\n');
  await expect(page.getByText('The VM is off.')).toBeVisible();
  await page.getByRole('button', { name: 'Power on' }).click();
  await screen.shows(READY);
  await expect(screen.surface).toBeFocused();
});
