// What Firefox must be able to do: boot, type, migrate within a tab and to another, with a guest of a few instructions and once
// with Linux. Everything finer is tested in Chromium.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Browser } from 'puppeteer-core';
import { findFirefox } from '../../scripts/firefox.ts';
import { ECHO_KERNEL } from '../support/kernels.ts';
import { blade, FirefoxTab, launchFirefox } from './firefox-tab.ts';

test.describe.configure({ mode: 'serial' });

const firefox = findFirefox();
test.skip(firefox === undefined, 'no firefox-esr');

/** The kernel may print something behind it. */
const PROMPT = /root@[\w-]+:~#/;
/** Alone on the machine it takes Firefox some fifteen seconds. */
const BOOT_LIMIT_MS = 120_000;

let browser: Browser;
let datacenter: FirefoxTab;
let address: string;
const files = mkdtempSync(join(tmpdir(), 'tabvisor-firefox-'));

test.beforeAll(async ({ baseURL }) => {
  address = baseURL!;
  browser = await launchFirefox(firefox!);
});

test.afterAll(async () => {
  await browser?.close();
  rmSync(files, { recursive: true });
});

test('the console opens with shared memory and two hosts', async () => {
  datacenter = await FirefoxTab.open(browser, address);
  expect(await datacenter.page.evaluate(() => crossOriginIsolated)).toBe(true);
  for (const host of ['host-a', 'host-b']) await datacenter.shows(blade(host), 'this tab');
});

test('a guest echoes what is typed, and does so on the host that it is dragged to', async () => {
  const kernel = join(files, 'echo');
  if (typeof ECHO_KERNEL !== 'string') writeFileSync(kernel, ECHO_KERNEL.buffer);
  await datacenter.createVm('echo', 'host-a', 16, kernel);
  await datacenter.act('echo', 'Open console');
  await datacenter.type('on host-a, ');
  await datacenter.screenShows(/^on host-a,$/);

  await datacenter.show('Datacenter');
  await datacenter.drag('echo', 'host-b');
  await report('drag to another host', 'echo', 'host-a', 'host-b');
  await datacenter.show('echo');
  await datacenter.type('on host-b');
  await datacenter.screenShows(/^on host-a, on host-b$/);
});

test('Linux boots to its prompt and moves to a host in another tab and back', async () => {
  await datacenter.show('Datacenter');
  await datacenter.createVm('linux', 'host-a', 64);
  await datacenter.act('linux', 'Open console');
  await datacenter.screenShows(PROMPT, BOOT_LIMIT_MS);
  await run('uname -m', 'i686');

  const host = await FirefoxTab.open(browser, `${address}?host&name=host-c&memory=512`);
  await host.shows('h1', 'host-c');
  await datacenter.page.bringToFront();
  await datacenter.show('Datacenter');
  await datacenter.shows(blade('host-c'), 'another tab');
  await datacenter.migrateByDialog('linux', 'host-c');
  await report('to another tab', 'linux', 'host-a', 'host-c');
  await host.shows('main', 'linux');
  await datacenter.show('linux');
  await run('echo $((6 * 7))', '42');

  await datacenter.show('Datacenter');
  await datacenter.drag('linux', 'host-a');
  await report('and back', 'linux', 'host-c', 'host-a');
  await datacenter.show('linux');
  await run('echo $((7 * 8))', '56');
  expect(host.errors).toEqual([]);
  expect(datacenter.errors).toEqual([]);
});

/** Runs a command at the guest's prompt and waits for its answer. */
async function run(command: string, answer: string): Promise<void> {
  await datacenter.type(`${command}\n`);
  await datacenter.screenShows(new RegExp(`\n${answer}\n${PROMPT.source}`));
}

/** Waits for the move's end and says what it cost. */
async function report(what: string, vm: string, from: string, to: string): Promise<void> {
  const downtime = await datacenter.arrived(vm, from, to);
  expect(Number.parseFloat(downtime)).toBeGreaterThan(0);
  console.log(`downtime ${downtime} (Firefox, ${what})`);
}
