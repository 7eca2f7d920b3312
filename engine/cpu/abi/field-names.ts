// Names for the fields of the CPU block (engine/cpu/abi/layout.ts) that translated code loads and stores, so that the text of a
// module says RIP where it has a number. Fields below RIP are left alone: small offsets are used for other things as well.
import * as L from './layout.ts';

const FIELDS: Record<number, string> = {
  [L.RIP]: 'RIP',
  [L.F_KIND]: 'flags: kind',
  [L.F_A]: 'flags: a',
  [L.F_B]: 'flags: b',
  [L.F_R]: 'flags: result',
  [L.SYSFLAGS]: 'system flags',
  [L.FAULT]: 'fault raised?',
  [L.BUDGET]: 'budget',
  [L.LEAVE]: 'leave?',
  [L.SHADOW]: 'interrupt shadow',
  [L.DOORBELL]: 'doorbell',
  [L.FPU_TRAP]: 'FPU trap?',
  [L.SSE_TRAP]: 'SSE trap?',
  [L.FPU_SW]: 'FPU status',
  [L.FPU_IGNNE]: 'FPU errors ignored?',
  [L.JC_KEY_NOW]: 'jump cache: key now',
  [L.JC_GLOBAL_KEY_NOW]: 'jump cache: global key now',
  [L.REGION_COUNTERS]: 'region counters',
  [L.JC + L.JC_PC]: 'jump cache: address',
  [L.JC + L.JC_KEY]: 'jump cache: key',
  [L.JC + L.JC_TARGET]: 'jump cache: target',
  [L.JC + L.JC_REGION]: 'jump cache: region',
  [L.TLB_SUPERVISOR + L.TLB_READ_TAG]: 'TLB: read tag',
  [L.TLB_SUPERVISOR + L.TLB_WRITE_TAG]: 'TLB: write tag',
  [L.TLB_SUPERVISOR + L.TLB_ADDEND]: 'TLB: addend',
  [L.TLB_USER + L.TLB_READ_TAG]: 'TLB: read tag',
  [L.TLB_USER + L.TLB_WRITE_TAG]: 'TLB: write tag',
  [L.TLB_USER + L.TLB_ADDEND]: 'TLB: addend',
};

for (let n = 0; n < 8; n++) FIELDS[L.XMM + n * 16] = `XMM${n}`;

const ACCESS = /\.(?:load|store)\S* offset=(\d+)/;

/** Name of the field that a line of WebAssembly's text loads or stores; undefined if it has none. */
export function fieldOf(line: string): string | undefined {
  const offset = ACCESS.exec(line)?.[1];
  return offset === undefined ? undefined : FIELDS[Number(offset)];
}

/** The line with that name as a comment, if there is one. */
export function withField(line: string): string {
  const name = fieldOf(line);
  return name === undefined ? line : `${line} ;; ${name}`;
}
