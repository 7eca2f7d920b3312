// What the translations of one vCPU may cost the browser in memory, and which of them go when they cost more.
//
// There are two limits. Together they never take more than `most`: then those go that guest code has least use for by their
// size, a quarter at a time. And beyond `atRest` only what is in use stays, so that a VM that has become idle does not keep what
// its boot or its last busy hour needed.
//
// A module with several regions is there as long as one of them is. The limits are for what is used; of the rest, modules of which
// most is not used are made again without it (region-bundles.ts).
//
// What ran in a region before the budget was full counts for less each time that it is full again: the code of a phase that
// is over goes, however hot it was.

import type { Region } from '../code-cache/code-cache.ts';

/**
 * Bytes of a renderer's memory that a module takes with its instance, that each function in it takes with its place in the table,
 * and so many for each byte of WebAssembly when all of its code runs optimised. Measured in Chromium 156 with the regions of a
 * boot: docs/translator.md, "What a region takes".
 */
const MODULE_BYTES = 10 * 1024;
const FUNCTION_BYTES = 2 * 1024;
const BYTES_PER_WASM_BYTE = 4;
/** A module of which less than this share of the bytes is used is not worth keeping for it. */
const WORTH_KEEPING = 0.5;
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

/** Estimated bytes of memory that a region takes, `wasmBytes` long, one of `functions` of its module. */
export function regionMemory(wasmBytes: number, functions = 1): number {
  return MODULE_BYTES / functions + FUNCTION_BYTES + BYTES_PER_WASM_BYTE * wasmBytes;
}

/** A module is there as a whole, until its last region is gone. */
interface Module {
  /** Of all regions that it was made with. */
  readonly bytes: number;
  readonly used: Set<Held>;
}

interface Held {
  readonly region: Region;
  bytes: number;
  module: Module;
  /** Instructions that had been executed in it when the budget was full last, and of those the ones that count still. */
  countedWhenFull: number;
  heat: number;
  /** Instructions that had been executed in it at the last look, and the looks since it was used. */
  countedAtLook: number;
  unused: number;
}

const NO_MODULE: Module = { bytes: 0, used: new Set() };

export class RegionBudget {
  readonly #limits: TranslationLimits;
  readonly #executed: (slot: number) => number;
  readonly #held = new Map<Region, Held>();
  /** Of the regions, and of their modules with what of them is not used any more. */
  #bytes = 0;
  #moduleBytes = 0;

  /** `executed`: how many instructions were executed in the region of a slot since it was made. */
  constructor(limits: TranslationLimits, executed: (slot: number) => number) {
    this.#limits = limits;
    this.#executed = executed;
  }

  /** Bytes of all modules that are there. */
  get bytes(): number {
    return this.#moduleBytes;
  }

  has(region: Region): boolean {
    return this.#held.has(region);
  }

  /** The region is there, with a module of `wasmBytes` for itself, and nothing was executed in it yet. */
  add(region: Region, wasmBytes: number): void {
    // It became hot just now.
    const counts = { countedWhenFull: 0, heat: HOT_INSTRUCTIONS, countedAtLook: 0, unused: 0 };
    const held = { region, bytes: 0, module: NO_MODULE, ...counts };
    this.#held.set(region, held);
    this.#enter([{ held, bytes: regionMemory(wasmBytes) }]);
  }

  /** The region is gone. Returns the bytes that are free now. */
  remove(region: Region): number {
    const held = this.#held.get(region);
    if (!held) return 0;
    this.#held.delete(region);
    return this.#leave(held);
  }

  /** Regions that are there are functions of one module now, of so many bytes each. Returns the bytes that are free now. */
  bundle(functions: readonly { region: Region; wasmBytes: number }[]): number {
    const members = functions.map(({ region, wasmBytes }) => ({
      held: this.#held.get(region)!,
      bytes: regionMemory(wasmBytes, functions.length),
    }));
    const free = members.reduce((sum, { held }) => sum + this.#leave(held), 0);
    this.#enter(members);
    return free;
  }

  /** Regions that keep a module of which most is not used any more. */
  scattered(): Region[] {
    const modules = new Set(Array.from(this.#held.values(), ({ module }) => module));
    const scattered = [...modules].filter(
      ({ bytes, used }) => [...used].reduce((sum, held) => sum + held.bytes, 0) < bytes * WORTH_KEEPING,
    );
    return scattered.flatMap(({ used }) => Array.from(used, ({ region }) => region));
  }

  #enter(members: readonly { held: Held; bytes: number }[]): void {
    const bytes = members.reduce((sum, member) => sum + member.bytes, 0);
    const module: Module = { bytes, used: new Set(members.map(({ held }) => held)) };
    for (const member of members) {
      member.held.module = module;
      member.held.bytes = member.bytes;
    }
    this.#bytes += bytes;
    this.#moduleBytes += bytes;
  }

  #leave(held: Held): number {
    const { module } = held;
    this.#bytes -= held.bytes;
    module.used.delete(held);
    if (module.used.size > 0) return 0;
    this.#moduleBytes -= module.bytes;
    return module.bytes;
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
