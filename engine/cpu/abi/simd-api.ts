// What the code of MMX and SSE instructions may call in the monitor (engine/cpu/monitor/sse/*.ts): name → record as in
// monitor-api.ts. The rules there hold here too. None of them touches the arithmetic flags.

import { type MonitorRecord, returns } from './monitor-record.ts';

export const SIMD_API = {
  /** Before an SSE instruction when SSE_TRAP is set: #UD (EM, no OSFXSR) or #NM (TS). */
  sse_check: returns('i:v', 'faults'),
  /** (cpu, linear, low half, high half, mask, bytes) writes byte n of the value where bit n of the mask is set. */
  mask_store: returns('iillii:v', 'stores', 'faults'),

  // Exact floating point under MXCSR, for what generated code does not do itself: exceptions are recorded, an unmasked one
  // raises #XM. `lanes` counts the lowest lanes that take part.
  /** (cpu, SSE_OPERATION, lanes, a, b); other lanes are those of a. */
  sse_arith32: returns('iiiss:s', 'faults'),
  sse_arith64: returns('iiiss:s', 'faults'),
  /** (cpu, predicate 0..7, lanes, a, b) masks of all ones or zeros; other lanes are those of a. */
  sse_compare32: returns('iiiss:s', 'faults'),
  sse_compare64: returns('iiiss:s', 'faults'),
  /** (cpu, quiet NaNs are invalid?, a, b) → 0 greater, 1 less, 2 equal, 3 unordered, of lane 0. */
  sse_order32: returns('iiss:i', 'faults'),
  sse_order64: returns('iiss:i', 'faults'),
  // (cpu, lanes, source), other lanes are zero
  sse_single_to_double: returns('iis:s', 'faults'),
  sse_double_to_single: returns('iis:s', 'faults'),
  sse_integer_to_single: returns('iis:s', 'faults'),
  /** (cpu, truncate?, lanes, source) to 32-bit integers. */
  sse_single_to_integer: returns('iiis:s', 'faults'),
  sse_double_to_integer: returns('iiis:s', 'faults'),
  /** (cpu, immediate of ROUNDPS, lanes, source); other lanes are the source's. */
  sse_round32: returns('iiis:s', 'faults'),
  sse_round64: returns('iiis:s', 'faults'),

  /** (crc, value, bytes) CRC-32C. */
  crc32c: returns('iiii:i'),
  /** (cpu, immediate, a, b) PCMPISTRx → the result's bits 0..15, STRING_A_ENDS, STRING_B_ENDS. */
  sse_string_implicit: returns('iiss:i'),
  /** The same for PCMPESTRx with the lengths of a and b as they stand in EAX and EDX. */
  sse_string_explicit: returns('iissii:i'),
  /** (cpu, immediate, result) the mask that PCMPxSTRM puts into XMM0. */
  sse_string_mask: returns('iii:s'),
} as const satisfies Record<string, MonitorRecord>;

/** An operand of PCMPxSTRx is shorter than a register. */
export const STRING_A_ENDS = 0x10000;
export const STRING_B_ENDS = 0x20000;

/** Operation numbers of sse_arith32 and sse_arith64. */
export const SSE_OPERATION = { ADD: 0, MUL: 1, SUB: 2, MIN: 3, DIV: 4, MAX: 5, SQRT: 6, ADDSUB: 7 } as const;

export type SimdFunction = keyof typeof SIMD_API;
