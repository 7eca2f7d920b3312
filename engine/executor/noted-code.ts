// Instructions whose accesses are better checked one by one, since checked together they lay in two pages often. That is so for
// as long as what they access lies where it lies, mostly a stack: the next process has another one. So it is forgotten after a while,
// and found out again if need be.

/** Instructions that are remembered at most; the one that was added longest ago goes for a new one. */
const MOST = 1024;
/** ms that one is remembered. Finding out again costs some ms. */
const REMEMBERED_MS = 10_000;

/** Where an instruction lies in guest-physical memory, and the mode it was translated for. */
export interface StraddlingPlace {
  physical: number;
  mode: number;
}

export class StraddlingCode {
  readonly #places = new Map<number, { mode: number; since: number }>();

  has(physical: number): boolean {
    return this.#places.has(physical);
  }

  /** `now`: ms. */
  add({ physical, mode }: StraddlingPlace, now: number): void {
    this.#places.set(physical, { mode, since: now });
    if (this.#places.size > MOST) this.#places.delete(this.#places.keys().next().value!);
  }

  /** Forgets what was added too long ago, and returns it. */
  takeOld(now: number): StraddlingPlace[] {
    const old: StraddlingPlace[] = [];
    for (const [physical, { mode, since }] of this.#places)
      if (now - since >= REMEMBERED_MS) old.push({ physical, mode });
    for (const { physical } of old) this.#places.delete(physical);
    return old;
  }

  clear(): void {
    this.#places.clear();
  }
}
