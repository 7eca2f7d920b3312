// What the guest sees where: layers of windows, each a device's or the board's own, the higher before the lower ones. What comes out is
// one list without overlaps, of which the CPU and bus masters make use.

import { type MemoryWindow, windowAt } from '../../base/memory-window.ts';

/** Which layer hides which. */
export const LAYER_RAM = 0;
/** What the chipset has decoded to other places: the video window, ROM. */
export const LAYER_CHIPSET = 1;
/** BARs of PCI devices. */
export const LAYER_PCI = 2;
/** The CPU's own registers. */
export const LAYER_CPU = 3;

interface Layer {
  height: number;
  windows: readonly MemoryWindow[];
}

export class MemoryMap {
  readonly #layers = new Map<string, Layer>();
  readonly #changed: (windows: readonly MemoryWindow[]) => void;

  /** `changed` is called with the whole list at each change. */
  constructor(changed: (windows: readonly MemoryWindow[]) => void) {
    this.#changed = changed;
  }

  /** What `owner` has in the map from now on; none: nothing. `height`: one of LAYER_*. */
  set(owner: string, height: number, windows: readonly MemoryWindow[]): void {
    const before = this.#layers.get(owner)?.windows ?? [];
    if (sameWindows(before, windows)) return;
    this.#layers.set(owner, { height, windows });
    this.#changed(flattened([...this.#layers.values()].toSorted((a, b) => b.height - a.height)));
  }
}

/** `layers` from the highest to the lowest. Where two of one height overlap, the first counts. */
function flattened(layers: readonly Layer[]): MemoryWindow[] {
  const windows = layers.flatMap((layer) => layer.windows).filter(({ pages }) => pages > 0);
  const edges = [...new Set(windows.flatMap(({ first, pages }) => [first, first + pages]))].toSorted((a, b) => a - b);
  const flat: MemoryWindow[] = [];
  for (const [n, first] of edges.slice(0, -1).entries()) {
    const top = windowAt(windows, first);
    // A device's window lets nothing through; what lies in no window is a device's anyway.
    if (!top || (top.reads === undefined && top.writes === undefined)) continue;
    const piece = part(top, first, edges[n + 1]! - first);
    const last = flat.at(-1);
    if (last && continues(last, piece)) last.pages += piece.pages;
    else flat.push(piece);
  }
  return flat;
}

/** `pages` pages of a window, from the guest-physical page `first` on. */
function part({ first: start, reads, writes }: MemoryWindow, first: number, pages: number): MemoryWindow {
  const offset = first - start;
  return {
    ...{ first, pages },
    reads: typeof reads === 'number' ? reads + offset : reads,
    writes: typeof writes === 'number' ? writes + offset : writes,
  };
}

function continues(before: MemoryWindow, after: MemoryWindow): boolean {
  if (before.first + before.pages !== after.first) return false;
  const next = part(before, after.first, after.pages);
  return next.reads === after.reads && next.writes === after.writes;
}

function sameWindows(a: readonly MemoryWindow[], b: readonly MemoryWindow[]): boolean {
  return a.length === b.length && a.every((window, n) => isSame(window, b[n]!));
}

function isSame(a: MemoryWindow, b: MemoryWindow): boolean {
  return a.first === b.first && a.pages === b.pages && a.reads === b.reads && a.writes === b.writes;
}

/** The parts of two lists without overlaps that differ, as [first page, pages]: what was read there is to be forgotten. */
export function changedRanges(before: readonly MemoryWindow[], after: readonly MemoryWindow[]): [number, number][] {
  const edges = [...before, ...after].flatMap(({ first, pages }) => [first, first + pages]);
  const sorted = [...new Set(edges)].toSorted((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const [n, first] of sorted.slice(0, -1).entries()) {
    const pages = sorted[n + 1]! - first;
    const [old, now] = [before, after].map((list) => {
      const window = windowAt(list, first);
      return window && part(window, first, pages);
    });
    if (old && now ? !isSame(old, now) : old || now) ranges.push([first, pages]);
  }
  return ranges;
}
