// What can be seen of translated code from outside: plain, structured-cloneable data of bounded size.

/** Counts are since the region was made. */
export interface RegionSummary {
  /** Unlike all others of this vCPU on this host. */
  id: number;
  /** Linear address of the hot place it was made for, where its pages lay then. */
  linear: number;
  /** Guest-physical address of the same. */
  physical: number;
  user: boolean;
  /** Of code: 16 or 32. */
  bits: 16 | 32;
  instructions: number;
  /** Where control can come in. */
  entries: number;
  pages: number;
  wasmBytes: number;
  /** ms that making it took: decoding, emitting, compiling as far as the engine does that at once. */
  madeMs: number;
  runs: number;
  /** Instructions executed in it. */
  executed: number;
}

export interface RegionReport {
  /** Those in which most instructions were executed, first. */
  regions: RegionSummary[];
  /** How many there are. */
  live: number;
  /** Instructions executed in all regions made here, those that are gone included. */
  executed: number;
}

export interface ListedInstruction {
  /** Linear. */
  address: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** In Intel syntax. */
  text: string;
  /** First of a block. */
  leads: boolean;
  /** Control can come into the region here. */
  entry: boolean;
  /** Linear address of where it may branch to. */
  target?: number;
}

export interface RegionCode {
  id: number;
  /** By address. */
  instructions: ListedInstruction[];
  /** The module; undefined when its guest code has changed so that it cannot be made again. */
  wasm: Uint8Array<ArrayBuffer> | undefined;
  /** From byte `at` of the module on, code was emitted for the instruction at that address, or for none. Ascending. */
  marks: { at: number; address?: number }[];
}
