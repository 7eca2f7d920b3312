// Guests in a page of the bench's site, driven through its `window.bench`.
import type { PageName } from '../site/build-pages.ts';
import { openPage } from './chromium.ts';
import type { GuestImage, RunningGuests } from './engine.ts';

/** `origin`: address of the bench's site. */
export async function startInPage(
  origin: string,
  name: PageName,
  { kernel, initrd, commandLine, memoryMiB }: GuestImage,
  count = 1,
): Promise<RunningGuests> {
  const { page, usage, close } = await openPage(`${origin}/${name}.html`);
  try {
    await page.evaluate((guest) => window.bench.start(guest), {
      kernelUrl: origin + kernel.url,
      initrdUrl: origin + initrd.url,
      commandLine,
      memoryMiB,
      count,
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    waitFor: (pattern, timeoutMs, guest = 0) =>
      page.evaluate(([pattern, timeoutMs, guest]) => window.bench.waitFor(guest, pattern, timeoutMs), [
        pattern,
        timeoutMs,
        guest,
      ] as const),
    send: (text, guest = 0) => page.evaluate(([text, guest]) => window.bench.send(guest, text), [text, guest] as const),
    usage,
    async stop() {
      try {
        return await page.evaluate(() => window.bench.figures());
      } finally {
        await close();
      }
    },
  };
}
