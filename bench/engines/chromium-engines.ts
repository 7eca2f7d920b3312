// Our engine and v86 in the same Chromium.
import { missingBios } from '../images/bios.ts';
import { missingChromium } from './chromium.ts';
import type { Engine } from './engine.ts';
import { startInPage } from './page-guests.ts';

/** `origin`: address of the bench's site. */
export function chromiumEngines(origin: string): Engine[] {
  return [
    {
      name: 'tabvisor-chromium',
      missing: missingChromium,
      start: (image) => startInPage(origin, 'tabvisor', image),
    },
    {
      name: 'v86-chromium',
      missing: () => missingChromium() ?? missingBios(),
      start: (image) => startInPage(origin, 'v86', image),
    },
  ];
}
