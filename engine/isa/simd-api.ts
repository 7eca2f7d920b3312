// What the code of MMX and SSE instructions may call in the monitor (engine/monitor/sse*.ts): name → signature as in
// monitor-api.ts, 's' = v128. The rules there hold here too. None of them touches the arithmetic flags.

export const SIMD_API = {
  /** Before an SSE instruction when SSE_TRAP is set: #UD (EM, no OSFXSR) or #NM (TS). */
  sse_check: 'i:v',
  /** (cpu, linear, low half, high half, mask) writes byte n of the value where bit n of the mask is set. */
  mask_store: 'iilli:v',
} as const;

export type SimdFunction = keyof typeof SIMD_API;
