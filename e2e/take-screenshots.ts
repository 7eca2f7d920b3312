// Makes the pictures of screens in docs/images again, from a console that is being served:
//
//   npm start, and beside it: npx tsx e2e/take-screenshots.ts [http://localhost:8086/]
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { CHROMIUM_ARGUMENTS, findChromium } from '../scripts/chromium.ts';
import { contextOf, type Datacenter, openDatacenter } from './support/datacenter.ts';
import { GuestScreen } from './support/guest-screen.ts';

const [address = 'http://localhost:8086/'] = process.argv.slice(2);
const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url));
const LINUX = ['initrd.gz', 'vmlinuz'].map((name) =>
  fileURLToPath(new URL(`../public/guests/linux/${name}`, import.meta.url)),
);
/** Small files, and texts that can be read at the width of a page. */
const VIEWPORT = { width: 1100, height: 760 };
/** Room for 1024 × 768 pixels. */
const LARGE = { width: 1280, height: 1080 };
const LIFE_GENERATIONS = 60;
const BOOT_LIMIT_MS = 180_000;

async function life(datacenter: Datacenter): Promise<void> {
  await datacenter.page.getByRole('button', { name: 'Boot Lapwing' }).click();
  await datacenter.runs('lapwing-1', 'host-a');
  const screen = await GuestScreen.open(datacenter, 'lapwing-1');
  await screen.shows('Type help for the commands.');
  await screen.type('life 100000 soup\n');
  await screen.isAnimated(LIFE_GENERATIONS);
  await picture(datacenter, 'lapwing-life.png');
  await datacenter.show('Datacenter');
}

async function linux(datacenter: Datacenter): Promise<void> {
  const { page, dialog } = datacenter;
  await page.getByRole('button', { name: 'New VM', exact: true }).click();
  await page.getByTestId('image-files').setInputFiles(LINUX);
  await dialog.getByText(/^Linux kernel .*, 32 bits$/).waitFor();
  await dialog.getByRole('combobox', { name: 'Screen' }).selectOption({ label: 'Standard VGA' });
  await page.locator('#vm-name').fill('debian');
  await page.locator('#vm-memory').fill('128');
  await page.locator('#vm-command-line').fill('console=ttyS0 console=tty0 hostname=debian');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await datacenter.runs('debian', 'host-a');
  await page.setViewportSize(LARGE);
  await page.getByRole('button', { name: 'Fold the drawer' }).click();
  const screen = await GuestScreen.open(datacenter, 'debian');
  // Its text is pixels: the serial port has what the kernel says, and the agent starts with the shell.
  await page.getByRole('tab', { name: 'Summary', exact: true }).click();
  await page.getByText(/^running, version/).waitFor({ timeout: BOOT_LIMIT_MS });
  await page.getByRole('tab', { name: 'Console', exact: true }).click();
  await screen.tool('Whole pixels').click();
  // Without characters that need Shift, which Playwright does not press.
  await screen.type('clear; uname -a; cat /proc/fb; free; lsmod; cat /proc/cpuinfo\n');
  await screen.isAnimated();
  await picture(datacenter, 'linux-screen.png');
}

async function picture({ page }: Datacenter, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  writeFileSync(`${IMAGES}${name}`, await page.screenshot());
  console.log(`docs/images/${name}`);
}

const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGUMENTS });
try {
  const datacenter = await openDatacenter(browser, undefined, { baseURL: address, viewport: VIEWPORT });
  await life(datacenter);
  await linux(datacenter);
  await contextOf(datacenter).close();
} finally {
  await browser.close();
}
