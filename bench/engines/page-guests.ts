// Guests in pages of the bench's site, driven through their `window.bench`.
import type { Page } from '@playwright/test';
import type { GuestImage } from '../images/guest-image.ts';
import type { PageName } from '../site/build-pages.ts';
import { openPage } from './chromium.ts';
import type { Placement, RunningGuests } from './engine.ts';
import type { PageGuest } from './page-api.ts';

/** `origin`: address of the bench's site. `tabs`: what runs in each tab; guests are numbered through all of them. */
export async function startInTabs(origin: string, name: PageName, tabs: readonly Placement[]): Promise<RunningGuests> {
  const address = `${origin}/${name}.html`;
  const { page, openTab, pid, usage, close } = await openPage(address);
  const places: { page: Page; guest: number }[] = [];
  try {
    for (const [index, hosts] of tabs.entries()) {
      const tab = index === 0 ? page : await openTab(address);
      places.push(...hosts.flat().map((_, guest) => ({ page: tab, guest })));
      const guests = hosts.map((images) => images.map((image) => pageGuest(origin, image)));
      await tab.evaluate((hosts) => window.bench.start(hosts), guests);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    waitFor(pattern, timeoutMs, number = 0) {
      const { page, guest } = places[number];
      return page.evaluate(([pattern, timeoutMs, guest]) => window.bench.waitFor(guest, pattern, timeoutMs), [
        pattern,
        timeoutMs,
        guest,
      ] as const);
    },
    send(text, number = 0) {
      const { page, guest } = places[number];
      return page.evaluate(([text, guest]) => window.bench.send(guest, text), [text, guest] as const);
    },
    pid,
    usage,
    screen: {
      show: (shown) => page.evaluate((shown) => window.bench.showScreen(shown), shown),
      frames: () => page.evaluate(() => window.bench.shownFrames()),
    },
    async stop() {
      try {
        return await page.evaluate(() => window.bench.figures());
      } finally {
        await close();
      }
    },
  };
}

function pageGuest(origin: string, { linux, drives = [], ...rest }: GuestImage): PageGuest {
  return {
    ...rest,
    ...(linux && {
      linux: {
        kernelUrl: origin + linux.kernel.url,
        initrdUrl: origin + linux.initrd.url,
        commandLine: linux.commandLine,
      },
    }),
    drives: drives.map(({ model, image }) => ({ model, url: origin + image.url })),
  };
}
