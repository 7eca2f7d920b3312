// The memory map of a CPU block, from windows as the machine has them.

import type { MemoryWindow } from '../../base/memory-window.ts';
import {
  NOT_MEMORY,
  PLANAR_MEMORY,
  WINDOW_COUNT,
  WINDOW_FIRST,
  WINDOW_MAXIMUM,
  WINDOW_PAGES,
  WINDOW_READS,
  WINDOW_SIZE,
  WINDOW_WRITES,
  WINDOWS,
  WRITES_DROPPED,
} from './layout.ts';

const NO_PAGE_WRITES = { dropped: WRITES_DROPPED, planar: PLANAR_MEMORY };

/**
 * `setField` writes a u32 of the CPU block. Windows do not overlap. The caller flushes the TLBs, and has dropped the code read
 * from what changes. Throws RangeError if there are too many.
 */
export function storeMemoryMap(
  setField: (offset: number, value: number) => void,
  windows: readonly MemoryWindow[],
): void {
  if (windows.length > WINDOW_MAXIMUM)
    throw new RangeError(`A memory map has ${windows.length} windows, more than ${WINDOW_MAXIMUM}.`);
  // The largest are checked first: they are used most.
  const bySize = windows.toSorted((a, b) => b.pages - a.pages);
  for (const [n, { first, pages, reads, writes }] of bySize.entries()) {
    const window = WINDOWS + n * WINDOW_SIZE;
    setField(window + WINDOW_FIRST, first);
    setField(window + WINDOW_PAGES, pages);
    setField(window + WINDOW_READS, reads === 'planar' ? PLANAR_MEMORY : (reads ?? NOT_MEMORY));
    setField(window + WINDOW_WRITES, typeof writes === 'string' ? NO_PAGE_WRITES[writes] : (writes ?? NOT_MEMORY));
  }
  setField(WINDOW_COUNT, bySize.length);
}
