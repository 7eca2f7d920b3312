// What the guest sees where: ranges of guest-physical pages, and what reads and writes of them reach. A VM's memory is counted in
// pages of its own: first RAM, then ROM, then the memory of its devices.

export interface MemoryWindow {
  /** Guest-physical. */
  first: number;
  pages: number;
  /** The page of memory behind the first page; `planar`: planar memory, for reads and writes; undefined: a device, or nothing. */
  reads: number | 'planar' | undefined;
  /** The same for writes; `dropped`: they do nothing, as those to ROM. */
  writes: number | 'planar' | 'dropped' | undefined;
}

/** The window of a list without overlaps, or of several that hide each other the first, that a guest-physical page lies in. */
export function windowAt(windows: readonly MemoryWindow[], page: number): MemoryWindow | undefined {
  return windows.find(({ first, pages }) => first <= page && page < first + pages);
}

/** RAM from address 0 and nothing else. */
export function onlyRam(pages: number): MemoryWindow[] {
  return [{ first: 0, pages, reads: 0, writes: 0 }];
}
