// The pages of screens and media, in both themes: nothing on them is without a name, points to nothing or is too pale. The tests share the
// console, and go on where the one before ended.
import { type BrowserContext, expect, test } from '@playwright/test';
import { accessibilityProblems } from './support/accessibility.ts';
import { contextOf, type Datacenter, openDatacenter } from './support/datacenter.ts';
import { GuestScreen } from './support/guest-screen.ts';

test.describe.configure({ mode: 'serial' });

const VM = 'lapwing-1';

let datacenter: Datacenter;
let context: BrowserContext;
let screen: GuestScreen;

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
  context = contextOf(datacenter);
});

test.afterAll(async () => {
  await context.close();
});

async function isAccessible(): Promise<void> {
  // Until what fades in is there.
  await expect.poll(() => accessibilityProblems(datacenter.page)).toEqual([]);
}

for (const theme of ['light', 'dark'] as const) {
  test.describe(theme, () => {
    test('the theme is chosen; the first page', async () => {
      const { page } = datacenter;
      const isDark = await page.evaluate(() => document.documentElement.classList.contains('pf-v6-theme-dark'));
      if (isDark !== (theme === 'dark')) await page.getByRole('banner').getByRole('button', { name: /theme/i }).click();
      await isAccessible();
    });

    test('New VM, with each source and with files that cannot be used', async () => {
      const { page, dialog } = datacenter;
      await page.getByRole('button', { name: 'New VM', exact: true }).click();
      await expect(dialog.getByRole('combobox', { name: 'Guest image' })).toBeVisible();
      await isAccessible();
      await dialog.getByRole('radio', { name: 'Disks and CDs' }).check();
      for (const drive of ['Add new disk', 'Add CD drive', 'Add floppy drive'])
        await dialog.getByRole('button', { name: drive }).click();
      await isAccessible();
      await dialog.getByRole('radio', { name: 'Own kernel' }).check();
      await dialog.getByRole('button', { name: 'Create' }).click();
      await expect(dialog.getByText(/^Choose a kernel/)).toBeVisible();
      await isAccessible();
      const name = `${'long-'.repeat(40)}.txt`;
      await page
        .getByTestId('image-files')
        .setInputFiles({ name, mimeType: '', buffer: Buffer.from('Dear Sir,\n'.repeat(50)) });
      await expect(dialog.getByText('This is a text, not an image.')).toBeVisible();
      await isAccessible();
      // A long name makes no field wider than its dialog.
      const remove = dialog.getByRole('button', { name: `Remove ${name}` });
      const [inner, outer] = [await remove.boundingBox(), await dialog.boundingBox()];
      expect((inner?.x ?? 0) + (inner?.width ?? 0)).toBeLessThan((outer?.x ?? 0) + (outer?.width ?? 0));
      await page.keyboard.press('Escape');
    });

    test('the screen with its tools, and the hardware', async () => {
      const { page } = datacenter;
      if (theme === 'light') {
        await page.getByRole('button', { name: 'Boot Lapwing' }).click();
        await datacenter.runs(VM, 'host-a');
      }
      screen = await GuestScreen.open(datacenter, VM);
      await screen.shows('Type help for the commands.');
      await screen.tool('Search the screen’s text').click();
      await screen.tool('On-screen keyboard').click();
      await isAccessible();
      await screen.tool('On-screen keyboard').click();
      await screen.tool('Send keys').click();
      await expect(page.getByRole('menuitem', { name: 'Print Screen' })).toBeVisible();
      await isAccessible();
      await page.keyboard.press('Escape');
      await page.getByRole('tab', { name: 'Hardware', exact: true }).click();
      await expect(page.getByRole('region', { name: 'Floppy drive A' })).toBeVisible();
      await isAccessible();
      await page.getByRole('tab', { name: 'Summary', exact: true }).click();
      await isAccessible();
      await page.getByRole('tab', { name: 'Console', exact: true }).click();
      await datacenter.show('Datacenter');
    });
  });
}

test('in a low and narrow window the whole picture is to be seen, and with it every key of the on-screen keyboard', async () => {
  const { page } = datacenter;
  await page.setViewportSize({ width: 700, height: 600 });
  screen = await GuestScreen.open(datacenter, VM);
  await screen.shows('Type help for the commands.');
  const canvas = screen.surface.locator('canvas');
  // But for a fraction of a pixel.
  const whole = { ratio: 0.99 };
  await expect(canvas).toBeInViewport(whole);
  await screen.tool('On-screen keyboard').click();
  for (const key of ['Escape', 'Enter', 'Right', 'Function keys'])
    await expect(page.getByRole('button', { name: key, exact: true })).toBeInViewport(whole);
  await expect(canvas).toBeInViewport(whole);
  await screen.tool('On-screen keyboard').click();
});
