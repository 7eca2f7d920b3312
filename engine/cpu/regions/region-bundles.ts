// Regions that are entered often, in modules of many instead of one each. Engines give each module a place of its own, anywhere in
// the address space, so that entering a region that has not run for a moment costs the processor a walk through page tables of
// which nothing is in its caches: 100 to 200 ns, as much as forty instructions (docs/translator.md, "What it was worth").
//
// They are made once more by the translator, as functions of one module, and put where they were in the function table: nothing
// else knows. A region that has gone meanwhile is left out.

import type { Region } from '../code-cache/code-cache.ts';
import type { LiveRegions } from './live-regions.ts';
import type { RegionLog } from './region-log.ts';
import type { BundleReply, BundleRequest } from './translation-service.ts';

/** Regions of a bundle. */
export const BUNDLE = 64;
/** ms between two looks at which regions are entered often: long enough for what only a boot does to be over. */
const LOOK_MS = 500;

export class RegionBundles {
  readonly #post: (request: BundleRequest) => void;
  readonly #regions: LiveRegions;
  readonly #log: RegionLog;
  #nextLook = 0;
  #lastId = 0;
  /** Found at the last look, not asked for yet: regions of modules of which most is not used, and those that were busy. */
  #scattered: Region[] = [];
  #busy: Region[] = [];
  /** The bundle that is being made: its regions in the order of the request. There is one at a time. */
  #asked: readonly Region[] | undefined;

  constructor(post: (request: BundleRequest) => void, regions: LiveRegions, log: RegionLog) {
    this.#post = post;
    this.#regions = regions;
    this.#log = log;
  }

  /** To be called often; `now`: ms. */
  look(now: number): void {
    // What is on its way would be found once more.
    if (this.#asked) return;
    if (now >= this.#nextLook) {
      this.#nextLook = now + LOOK_MS;
      this.#busy = this.#regions.busyAlone();
      this.#scattered = this.#regions.scattered();
    }
    this.#ask();
  }

  #ask(): void {
    if (this.#scattered.length === 0 && this.#busy.length < BUNDLE) return;
    const chosen = this.#scattered.splice(0, BUNDLE);
    chosen.push(...this.#busy.splice(0, BUNDLE - chosen.length));
    const regions = chosen.filter((region) => this.#regions.has(region));
    if (regions.length === 0) return;
    this.#asked = regions;
    this.#post({ bundle: ++this.#lastId, regions: this.#log.copies(regions.map(({ slot }) => slot)) });
  }

  /**
   * What has come is used for those regions that are still there: their code is what it was made from. Where there is none, for
   * want of memory for one, they stay where they are.
   */
  take({ bundle, made, took }: BundleReply): void {
    const regions = this.#asked;
    if (!regions || bundle !== this.#lastId) return;
    this.#asked = undefined;
    const live = new Map<number, Region>();
    for (const [place, region] of regions.entries()) {
      if (!this.#regions.has(region)) continue;
      if (made && made.bytes[place]! > 0) live.set(place, region);
      else this.#regions.leaveAlone(region);
    }
    if (made && live.size > 0) this.#regions.bundled(live, made, took);
  }
}
