// The little machine in which every vector runs: what harness/environment.h says, for the engine's side. A runner sets this
// up once and then loads one vector after another.
//
// CPU: protected mode, CPL 3, IOPL 0, IF set, CS DS ES SS flat with base 0 and limit 4 GiB (CS not writable), FS with base
// FS_BASE and limit 4 GiB, CR0.WP set, CR4.OSFXSR and CR4.OSXMMEXCPT set, CR0.AM set and EFLAGS.AC clear.

export const PAGE_SIZE = 4096;
export const FS_BASE = 0x00120000;
/** Two pages filled with INT3 but for the vector's code, which starts at its EIP. */
export const CODE_BASE = 0x00400000;
export const CODE_SIZE = 2 * PAGE_SIZE;
export const INT3 = 0xcc;
/** Behind the last data page that code can walk into: unmapped. */
export const DATA_END = 0x00502000;

/** Page addresses that hold a pattern at first, and whether user code may write them. All others but code are unmapped. */
export const DATA_PAGES: ReadonlyArray<{ address: number; writable: boolean }> = [
  { address: 0x00008000, writable: true },
  { address: 0x004ff000, writable: false },
  { address: 0x00500000, writable: true },
  { address: 0x00501000, writable: true },
  { address: 0x00600000, writable: true },
];

/** Returns a generator of well mixed 32-bit numbers; the harness has the same one. */
export function mixer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
}

const patterns = new Map<number, Uint8Array>();

/** The first contents of the data page at `address`. Shared: copy before writing. */
export function pagePattern(address: number): Uint8Array {
  let page = patterns.get(address);
  if (!page) {
    page = new Uint8Array(PAGE_SIZE);
    const next = mixer(address);
    const view = new DataView(page.buffer);
    for (let at = 0; at < PAGE_SIZE; at += 4) view.setUint32(at, next(), true);
    patterns.set(address, page);
  }
  return page;
}
