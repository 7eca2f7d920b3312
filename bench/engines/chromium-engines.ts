// Our engine and v86 in the same Chromium.
import { missingBios } from '../../guests/packages/seabios.ts';
import { missingChromium } from './chromium.ts';
import type { Engine } from './engine.ts';
import { startInTabs } from './page-guests.ts';

/** `origin`: address of the bench's site. */
export function chromiumEngines(origin: string): Engine[] {
  return [
    {
      name: 'tabvisor-chromium',
      missing: missingChromium,
      drives: ['floppy', 'ide-hd', 'virtio-blk'],
      start: (image) => startInTabs(origin, 'tabvisor', [[[image]]]),
      network: { hosts: true, start: (placement) => startInTabs(origin, 'tabvisor', [placement]) },
    },
    {
      name: 'v86-chromium',
      missing: () => missingChromium() ?? missingBios(),
      drives: ['floppy', 'ide-hd'],
      start: (image) => startInTabs(origin, 'v86', [[[image]]]),
      // VMs of v86 that talk over its `inbrowser` backend are each in a tab of their own.
      network: {
        hosts: false,
        start: (placement) =>
          startInTabs(
            origin,
            'v86',
            placement.flat().map((image) => [[image]]),
          ),
      },
    },
  ];
}
