// Sizes that all parts of the engine use, in bytes.

/** A page of guest memory, and of the p2m (Intel SDM vol. 3 §4.3). */
export const PAGE_SIZE = 4096;
export const PAGE_SHIFT = 12;
/** The bits of an address that name its page, as a signed 32-bit number. */
export const PAGE_MASK = ~(PAGE_SIZE - 1);
export const KIB = 1 << 10;
export const MIB = 1 << 20;
/** The most memory that a host can have, in MiB: a WebAssembly memory of 4 GiB is never granted whole. */
export const HOST_MEMORY_MAXIMUM_MIB = 4095;
