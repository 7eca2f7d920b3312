// What the translations of one vCPU may cost the browser in memory, and which of them go when they cost more.
//
// There are two limits. Together they never take more than `most`: then those go that guest code has least use for by their
// size, a quarter at a time. And beyond `atRest` only what is in use stays, so that a VM that has become idle does not keep what
// its boot or its last busy hour needed.
//
// What ran in a region before the budget was full counts for less each time that it is full again: the code of a phase that
// is over goes, however hot it was.

import type { Region } from '../code-cache/code-cache.ts';

/**
 * Bytes of a renderer's memory that a region takes: what a module, its instance and its place in the table come to, and so
 * many for each byte of WebAssembly when all of its code runs optimised. Measured in Chromium 156 with the regions of a boot:
 * docs/translator.md, "What a region takes".
 */
const MODULE_BYTES = 12 * 1024;
const BYTES_PER_WASM_BYTE = 4;
/** After making room so much of the budget is in use, at most. */
const KEPT_SHARE = 0.75;
/** What ran until the budget was full counts so much when it is full again. */
const AGEING = 0.25;
/** Instructions after which a region counts as hot, however many more ran: to interpret them costs more than to make it. */
const HOT_INSTRUCTIONS = 1_000_000;
/** A region in which fewer instructions ran between two looks at what is in use was not; to interpret them takes 0.1 ms. */
const USED_INSTRUCTIONS = 20_000;
/** Looks without use until a region beyond `atRest` goes. */
const UNUSED_LOOKS = 2;

/** Bytes, estimated. */
export interface TranslationLimits {
  most: number;
  atRest: number;
}

export const TRANSLATION_LIMITS: TranslationLimits = { most: 48 * 1024 * 1024, atRest: 6.5 * 1024 * 1024 };

/** Estimated bytes of memory that the modules of so many regions take, `wasmBytes` in all. */
export function regionMemory(wasmBytes: number, regions = 1): number {
  return MODULE_BYTES * regions + BYTES_PER_WASM_BYTE * wasmBytes;
}

interface Held {
  readonly region: Region;
  readonly bytes: number;
  /** Instructions that had been executed in it when the budget was full last, and of those the ones that count still. */
  countedWhenFull: number;
  heat: number;
  /** Instructions that had been executed in it at the last look, and the looks since it was used. */
  countedAtLook: number;
  unused: number;
}

export class RegionBudget {
  readonly #limits: TranslationLimits;
  readonly #executed: (slot: number) => number;
  readonly #held = new Map<Region, Held>();
  #bytes = 0;

  /** `executed`: how many instructions were executed in the region of a slot since it was made. */
  constructor(limits: TranslationLimits, executed: (slot: number) => number) {
    this.#limits = limits;
    this.#executed = executed;
  }

  /** The region is there, with a module of `wasmBytes`, and nothing was executed in it yet. */
  add(region: Region, wasmBytes: number): void {
    const bytes = regionMemory(wasmBytes);
    // It became hot just now.
    const counts = { countedWhenFull: 0, heat: HOT_INSTRUCTIONS, countedAtLook: 0, unused: 0 };
    this.#held.set(region, { region, bytes, ...counts });
    this.#bytes += bytes;
  }

  /** The region is gone. Returns its bytes. */
  remove(region: Region): number {
    const bytes = this.#held.get(region)?.bytes ?? 0;
    this.#held.delete(region);
    this.#bytes -= bytes;
    return bytes;
  }

  /** Which regions should go since there are too many. Never the one that was added last. */
  excess(): Region[] {
    if (this.#bytes <= this.#limits.most) return [];
    const all = [...this.#held.values()];
    for (const held of all) {
      const executed = this.#executed(held.region.slot);
      held.heat = held.heat * AGEING + Math.min(executed - held.countedWhenFull, HOT_INSTRUCTIONS);
      held.countedWhenFull = executed;
    }
    // A map has them in the order in which they were added.
    all.pop();
    all.sort((a, b) => a.heat / a.bytes - b.heat / b.bytes);
    return this.#untilWithin(all, this.#limits.most * KEPT_SHARE);
  }

  /** Regions to evict since they have not been used recently. To be called about every fifteen seconds. */
  unused(): Region[] {
    for (const held of this.#held.values()) {
      const executed = this.#executed(held.region.slot);
      held.unused = executed - held.countedAtLook < USED_INSTRUCTIONS ? held.unused + 1 : 0;
      held.countedAtLook = executed;
    }
    if (this.#bytes <= this.#limits.atRest) return [];
    const unused = [...this.#held.values()].filter(({ unused }) => unused >= UNUSED_LOOKS);
    unused.sort((a, b) => b.unused - a.unused);
    return this.#untilWithin(unused, this.#limits.atRest);
  }

  /** The first ones of `going`, as many as it takes to come to at most `limit` bytes. */
  #untilWithin(going: readonly Held[], limit: number): Region[] {
    const regions: Region[] = [];
    let left = this.#bytes;
    for (const { region, bytes } of going) {
      if (left <= limit) break;
      left -= bytes;
      regions.push(region);
    }
    return regions;
  }
}
