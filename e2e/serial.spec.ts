// Serial consoles where it is hard: a page that is hidden while a guest prints without end, long pastes, a terminal's size and its
// answers. The tests share the console; those with Linux share one guest too, and each leaves it at its prompt.
import { expect, type Page, test } from '@playwright/test';
import { contextOf, Datacenter, openDatacenter } from './support/datacenter.ts';
import { GuestConsole } from './support/guest-console.ts';
import { prepareHiding, setHidden } from './support/hidden-page.ts';
import { ECHO_KERNEL, FLOOD_KERNEL } from './support/kernels.ts';
import { quickLinux } from './support/linux.ts';

let datacenter: Datacenter;

test.beforeAll(async ({ browser }) => {
  datacenter = await openDatacenter(browser);
});

test.beforeEach(() => datacenter.show('Datacenter'));

test.afterAll(async () => {
  await contextOf(datacenter).close();
});

test('a guest that prints 4 MB is not seen whole by a hidden page, which says so and goes on when it is shown again', async () => {
  await datacenter.createVm({ name: 'flood', host: 'host-a', memoryMiB: 16, kernel: FLOOD_KERNEL });
  await expect(datacenter.card('flood').getByText('Running', { exact: true })).toBeVisible();

  const page = await contextOf(datacenter).newPage();
  const errors = errorsOf(page);
  await prepareHiding(page);
  await page.goto('./');
  const hidden = new Datacenter(page);
  const console = await GuestConsole.open(hidden, 'flood');
  // A page that is hidden before it shows the console has none to go on with.
  await expect(page.locator('.tv-terminal')).toBeVisible();
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
  await page.close();
  await datacenter.page.bringToFront();
});

test('a guest does not get the rest of a paste after a reset', async () => {
  const { page } = datacenter;
  await datacenter.createVm({ name: 'echo', host: 'host-a', memoryMiB: 16, kernel: ECHO_KERNEL });
  const guest = await GuestConsole.open(datacenter, 'echo');
  await guest.echoes('before');
  // Long enough not to be over before somebody has confirmed the reset, however slow the page is beside the guest.
  await paste(page, `${'of the paste\n'.repeat(250_000)}its end`);
  await expect(page.getByRole('progressbar', { name: 'Pasting' })).toBeVisible();
  await datacenter.show('Datacenter');
  await datacenter.actAndConfirm('echo', 'Reset');
  await guest.awaitText('of the paste were not sent');
  await expect(page.getByRole('progressbar', { name: 'Pasting' })).toBeHidden();
  // What the guest echoed before the reset may be printed after that message, and does not end its line.
  await guest.press('Control+j');
  await guest.echoes('after');
  const text = await guest.text();
  expect(text).toMatch(/Not delivered: the VM was reset: [\d.]+ [KM]iB of the paste were not sent\b/);
  expect(text).toMatch(/\n *after$/);
  expect(text).not.toContain('its end');
});

test.describe('a Linux guest', () => {
  let guest: GuestConsole;

  test.beforeAll(async () => {
    await datacenter.show('Datacenter');
    const commandLine = quickLinux('linux');
    await datacenter.createVm({ name: 'linux', host: 'host-b', memoryMiB: 64, commandLine });
    guest = await GuestConsole.open(datacenter, 'linux');
    await guest.booted();
  });

  test('knows the size of the terminal, also when it changes', async () => {
    const first = await guest.run('stty size');
    expect(first).toMatch(/^\d+ \d+$/);
    await datacenter.page.setViewportSize({ width: 1000, height: 700 });
    await expect.poll(() => guest.run('stty size')).not.toBe(first);
    const rows = await datacenter.page.locator('.xterm-rows > div').count();
    expect(await guest.run('stty size')).toMatch(new RegExp(`^${rows} \\d+$`));
    await datacenter.page.setViewportSize({ width: 1440, height: 900 });
    await expect.poll(() => guest.run('stty size')).toBe(first);
  });

  test('erases whole characters', async () => {
    const { keyboard } = datacenter.page;
    await guest.type('printf %s ');
    await keyboard.insertText('äö→');
    for (let n = 0; n < 3; n++) await keyboard.press('Backspace');
    expect(await guest.run('end | wc -c')).toBe('3');
    // What is typed before the shell hands the terminal over is not edited.
    await guest.type('echo re""ady; head -n 1 | od -An -c\n');
    await guest.awaitText('\nready');
    await keyboard.insertText('xä');
    await keyboard.press('Backspace');
    expect(await guest.run('y')).toContain('x   y  \\n');
  });

  test('is answered once, and nothing is typed by a console that opens later', async () => {
    await guest.type("printf '\\033[6n'; cat -v\n");
    const answers = async (console: GuestConsole) => [...(await console.text()).matchAll(/\^\[\[\d+;\d+R/g)].length;
    await expect.poll(() => answers(guest)).toBe(1);
    const second = new Datacenter(await contextOf(datacenter).newPage());
    await second.page.goto('./');
    const other = await GuestConsole.open(second, 'linux');
    await expect.poll(() => answers(other)).toBe(1);
    // The answer of a second terminal would come before what is typed into it.
    await other.type('seen by both');
    await other.awaitText('seen by both');
    await guest.awaitText('Rseen by both');
    expect(await answers(other)).toBe(1);
    await other.press('Control+c');
    await other.prompt();
    await second.page.close();
    await datacenter.page.bringToFront();
  });

  test('takes a paste whole; a longer one is cancelled by Ctrl-C at once', async () => {
    const { page } = datacenter;
    await guest.type('cat >/tmp/pasted\n');
    await paste(page, `${'0123456789'.repeat(6)}\n`.repeat(400));
    await expect(page.getByRole('progressbar', { name: 'Pasting' })).toBeVisible();
    await expect(page.getByRole('progressbar', { name: 'Pasting' })).toBeHidden();
    await expect(async () => {
      await guest.press('Control+d');
      // Long: once more than needed ends the shell.
      await guest.prompt(15_000);
    }).toPass();
    expect(await guest.run('wc -c </tmp/pasted; sort -u /tmp/pasted | wc -l')).toBe('24400\n1');

    await guest.type('cat >/tmp/pasted\n');
    await paste(page, `${'0123456789'.repeat(6)}\n`.repeat(3300));
    await expect(page.getByText(/^Pasting [\d.]+ KiB of 196.6 KiB$/)).toBeVisible();
    await page.keyboard.press('Control+c');
    await guest.prompt();
    await expect(page.getByRole('progressbar', { name: 'Pasting' })).toBeHidden();
    expect(Number(await guest.run('wc -c </tmp/pasted'))).toBeLessThan(150_000);
  });
});

/** As the browser does it at Ctrl-Shift-V or from its menu. */
async function paste(page: Page, text: string): Promise<void> {
  await page.locator('.xterm-helper-textarea').evaluate((textarea, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    textarea.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** What the page's console has as errors, from now on. */
function errorsOf(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  return errors;
}
