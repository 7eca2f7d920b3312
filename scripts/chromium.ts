// Which Chromium the end-to-end tests drive, and how one is got where there is none: Playwright's own, else Debian's
// package. A Chromium counts only if it starts: Playwright's comes without the system libraries that it needs.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const DOWNLOAD_LIMIT_MS = 300_000;

/**
 * Chromium takes one list, so this takes the place of Playwright's, of which it keeps what matters here. The pop-ups of the address
 * bar are pages of their own, loaded with every window: a third of what it costs to open the console.
 */
const UNWANTED_FEATURES = [
  'AimEnabled',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'WebUIOmniboxPopup',
];

/** Command line of every Chromium that runs tests: no traffic of its own, and no sandbox for root, who cannot have one. */
export const CHROMIUM_ARGUMENTS = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${UNWANTED_FEATURES.join()}`,
];

/** Path of a Chromium that starts: $CHROMIUM, one in PATH, or Playwright's. Throws if $CHROMIUM is set to what is none. */
export function findChromium(): string | undefined {
  const chosen = process.env.CHROMIUM;
  if (chosen) {
    if (!starts(chosen)) throw new Error(`CHROMIUM is set to ${chosen}, which does not start.`);
    return chosen;
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...candidates, chromium.executablePath()].find((path) => isExecutable(path) && starts(path));
}

/** As findChromium, but gets one if there is none. Throws one line that says what to install. */
export function ensureChromium(report: (line: string) => void): string {
  const found = findChromium();
  if (found !== undefined) return found;
  const root = process.getuid?.() === 0;
  report("no Chromium here; getting Playwright's");
  run('npx', ['playwright', 'install', 'chromium']);
  const downloaded = findChromium();
  if (downloaded !== undefined) return downloaded;
  if (root) {
    report("that one does not start; installing Debian's package chromium");
    run('apt-get', ['update', '-q']);
    run('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'chromium']);
    const installed = findChromium();
    if (installed !== undefined) return installed;
  }
  throw new Error(
    `No Chromium: run "${root ? '' : 'sudo '}apt-get install chromium", or set CHROMIUM to the path of one.`,
  );
}

function starts(path: string): boolean {
  return spawnSync(path, ['--version', ...CHROMIUM_ARGUMENTS], { timeout: 30_000 }).status === 0;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What it comes to shows in whether a Chromium is found afterwards. */
function run(command: string, args: string[]): void {
  spawnSync(command, args, {
    stdio: 'ignore',
    timeout: DOWNLOAD_LIMIT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '15000' },
  });
}
