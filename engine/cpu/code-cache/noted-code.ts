// Notes on instructions whose regions were left often for a reason that other code for them would avoid. A note holds for as
// long as what they work on stays as it is (a stack where it lies, numbers of a kind). So it expires after a while, and is made
// again if need be.

/**
 * `straddles`: its accesses are better checked one by one, since checked together they lay in two pages. `rare`: its general
 * case belongs into the region, since it is not that rare. `planar`: it reaches planar memory or its registers, which the monitor is
 * better called for in the region.
 */
const REMARKS = ['straddles', 'rare', 'planar'] as const;
export type Remark = (typeof REMARKS)[number];

/** Notes that are kept at most; the one that was added longest ago goes for a new one. */
const MOST = 1024;
/** ms that one is kept. Finding out again costs some ms. */
const KEPT_MS = 10_000;

/** Where an instruction lies in guest-physical memory, and the mode it was translated for. */
export interface NotedPlace {
  physical: number;
  mode: number;
}

interface Note extends NotedPlace {
  since: number;
}

function keyOf(physical: number, remark: Remark): number {
  return REMARKS.length * physical + REMARKS.indexOf(remark);
}

export class NotedCode {
  readonly #notes = new Map<number, Note>();

  has(physical: number, remark: Remark): boolean {
    return this.#notes.has(keyOf(physical, remark));
  }

  /** `now`: ms. */
  add({ physical, mode }: NotedPlace, remark: Remark, now: number): void {
    this.#notes.set(keyOf(physical, remark), { physical, mode, since: now });
    if (this.#notes.size > MOST) this.#notes.delete(this.#notes.keys().next().value!);
  }

  /** Removes what was added too long ago, and returns where it was. */
  takeOld(now: number): NotedPlace[] {
    const old = [...this.#notes].filter(([, { since }]) => now - since >= KEPT_MS);
    for (const [key] of old) this.#notes.delete(key);
    return old.map(([, { physical, mode }]) => ({ physical, mode }));
  }

  clear(): void {
    this.#notes.clear();
  }
}
