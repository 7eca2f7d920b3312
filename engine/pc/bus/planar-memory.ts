// What a machine offers to the device that has planar memory (a VGA): the CPU reaches it without the device, so what the CPU must know of it
// is kept where the CPU finds it, and the device works on that. A machine has one such memory at most.

/** Byte registers behind an index port and the data port that follows it. Writes that are not loud the CPU does by itself. */
export interface RegisterFile {
  index: number;
  /** By index. */
  readonly values: Uint8Array;
  /** The bits that each register has. */
  readonly bits: Uint8Array;
  /** Bits of each register whose change is the device's. */
  readonly loud: Uint8Array;
  /** Where the file is, and how many registers it has; `indexBits`: a mask. To be called before it is used. */
  place(indexPort: number, count: number, indexBits: number): void;
}

/** Where the window leads. */
export interface PlanarWindow {
  /** Guest-physical. The same pages are to be `planar` in the memory map. */
  firstPage: number;
  /** Page of the VM's memory where the planes begin. */
  memoryPage: number;
  /** Positions wrap here: a power of two less one. */
  mask: number;
  /** Added to an offset in the window, except where that counts through two planes. */
  bank: number;
}

export interface PlanarMemory {
  readonly sequencer: RegisterFile;
  readonly graphics: RegisterFile;
  /** What the last read has left: a byte of each plane, plane 0 in the lowest. Unsigned. */
  latches: number;
  setWindow(window: PlanarWindow): void;
}

const REGISTERS = 16;

/** Of a machine without a CPU: nothing reads it but the device. */
export function unusedPlanarMemory(): PlanarMemory {
  const file = (): RegisterFile => ({
    index: 0,
    values: new Uint8Array(REGISTERS),
    bits: new Uint8Array(REGISTERS),
    loud: new Uint8Array(REGISTERS),
    place() {},
  });
  return { sequencer: file(), graphics: file(), latches: 0, setWindow() {} };
}
