// What generated code must know of a monitor function before it calls it: its WebAssembly signature and what it may do beyond
// computing its result. One record for each function (monitor-api.ts, x87-api.ts, simd-api.ts); no pass looks at names.

export type Effect =
  /** May record an exception in FAULT, having changed nothing else. */
  | 'faults'
  /** Reads guest memory. */
  | 'loads'
  /** Writes guest memory: code may have been written over, pages may have moved to be written. LEAVE says if the region must be left. */
  | 'stores'
  /** Afterwards an address may lead elsewhere, or rights to it may have changed: what was known of addresses is forgotten. */
  | 'maps'
  /** Looks at the arithmetic flags in the CPU block, where they must be canonical. */
  | 'reads flags'
  /** Leaves canonical flags in the CPU block, all or some of them changed. */
  | 'writes flags'
  /** Reads or writes x87 or MMX state in the CPU block. */
  | 'x87'
  /** Writes registers of devices that are in the CPU block, without calling a device. */
  | 'device registers'
  /** Reads and writes general registers, arithmetic flags and the budget in the CPU block. */
  | 'registers'
  /** Sets RIP, and may do anything to registers and mode. */
  | 'transfers';

export interface MonitorRecord {
  /** 'i' = i32, 'l' = i64, 's' = v128; before the colon the parameters, after it the result ('v' = none). */
  readonly signature: string;
  readonly effects: ReadonlySet<Effect>;
  /** General registers, as offsets in the CPU block, that it gives 32 bits each. */
  readonly results: readonly number[];
}

/** The record of a function that gives what its signature says. */
export function returns(signature: string, ...effects: readonly Effect[]): MonitorRecord {
  return { signature, effects: new Set(effects), results: [] };
}

/** The record of a function that fills general registers. */
export function fills(results: readonly number[], signature: string, ...effects: readonly Effect[]): MonitorRecord {
  return { signature, effects: new Set(effects), results };
}
