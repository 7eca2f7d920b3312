// A page that is hidden, for as long as a test wants, as a browser treats one after a few minutes: its timers do not fire and it
// is not drawn, while messages from workers and other tabs still arrive. The browser's own throttling would take those minutes
// and cannot be commanded.
import type { Page } from '@playwright/test';

declare global {
  interface Window {
    setHidden(hidden: boolean): void;
  }
}

/** Before the page is loaded. */
export async function prepareHiding(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { setTimeout, requestAnimationFrame } = window;
    let waiting: (() => void)[] | undefined;
    window.setHidden = (hidden) => {
      for (const start of waiting ?? []) start();
      waiting = hidden ? [] : undefined;
    };
    const deferred =
      <T extends unknown[]>(original: (...args: T) => number) =>
      (...args: T): number => {
        if (!waiting) return original.apply(window, args);
        waiting.push(() => original.apply(window, args));
        return 0;
      };
    window.setTimeout = deferred(setTimeout) as unknown as typeof setTimeout;
    window.requestAnimationFrame = deferred(requestAnimationFrame);
  });
}

export async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => window.setHidden(value), hidden);
}
