// Serial consoles where it is hard: a page that is hidden while a guest prints without end.
import { expect, type Page, test } from '@playwright/test';
import { contextOf, Datacenter, openDatacenter } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { prepareHiding, setHidden } from './support/hidden-page.ts';
import { FLOOD_KERNEL } from './support/kernels.ts';

test.describe('a guest that prints 20 MB', () => {
  test('is not seen whole by a hidden page, which says so and goes on when it is shown again', async ({ browser }) => {
    const datacenter = await openDatacenter(browser);
    await datacenter.createVm({ name: 'flood', host: 'host-a', memoryMiB: 16, kernel: FLOOD_KERNEL });
    await expect(datacenter.card('flood').getByText('Running', { exact: true })).toBeVisible();

    const page = await contextOf(datacenter).newPage();
    const errors = errorsOf(page);
    await prepareHiding(page);
    await page.goto('./');
    const hidden = new Datacenter(page);
    const console = await GuestConsole.open(hidden, 'flood');
    await setHidden(page, true);

    const shown = await GuestConsole.open(datacenter, 'flood');
    await shown.type('g');
    await expect.poll(() => shown.text(), { timeout: 60_000 }).toMatch(/END$/);

    await setHidden(page, false);
    await expect.poll(() => console.text(), { timeout: 30_000 }).toMatch(/END$/);
    const text = await console.text();
    expect(text).toMatch(/\[… [\d.]+ MiB skipped\]/);
    expect(text).toMatch(/\n\.{63}\n\.{63}\n\.{63}END$/);
    expect(errors).toEqual([]);
    await contextOf(datacenter).close();
  });
});

/** What the page's console has as errors, from now on. */
function errorsOf(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  return errors;
}
