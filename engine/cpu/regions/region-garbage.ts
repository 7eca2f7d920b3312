// Has the browser's engine free the modules of regions that are gone. It looks for garbage when so much has been allocated, for
// which modules hardly count: a VM that has become idle would keep the modules of its evicted regions for good.

/** Bytes of modules that are worth a collection, which takes 20 ms. */
const WORTH_COLLECTING = 4 * 1024 * 1024;
/** V8 collects when this much was allocated outside of its heap since the last time (kExternalAllocationSoftLimit). */
const COLLECTED_AFTER = 64 * 1024 * 1024;

export class RegionGarbage {
  #bytes = 0;
  readonly #collect: () => void;

  constructor(collect = allocateInVain) {
    this.#collect = collect;
  }

  /** Modules of so many bytes, estimated, are not used any more. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Has what has gathered collected, if it is worth it. */
  collect(): void {
    if (this.#bytes < WORTH_COLLECTING) return;
    this.#bytes = 0;
    this.#collect();
  }
}

/** The buffer is never written: it takes address space for a moment, no memory. */
function allocateInVain(): void {
  try {
    new ArrayBuffer(COLLECTED_AFTER);
  } catch (error) {
    // No room for it: then the engine has just collected what it could.
    if (!(error instanceof RangeError)) throw error;
  }
}
