// The vCPU's registers where the boot protocol hands over to the kernel: what a boot loader leaves instead of the state
// after RESET (pc/firmware/boot-image.ts, InitialState).

import { RAX, RBP, RBX, RCX, RDI, RDX, RSI, RSP } from '../../cpu/abi/layout.ts';
import type { InitialState } from '../../pc/firmware/boot-image.ts';
import { type CpuState, restoreCpuState, type SegmentState, saveCpuState } from './cpu-state.ts';

const CR0_PE = 1n;
const CR0_ET = 0x10n;
const EFLAGS_RESERVED = 2;
const LIMIT_4G = 0xffffffff;
// G, D/B, present, DPL 0, code or data segment; execute/read and read/write, accessed. As SEG_ATTR has them.
const FLAT_CODE = 0xc09b;
const FLAT_DATA = 0xc093;

/**
 * As a BIOS leaves them: write-back where nothing else is said, video memory and everything from 3 GiB on uncached, ROM
 * write-protected. In the order of cpu/abi/layout.ts, MTRR.
 */
const MTRRS_READY = [
  0xc06n, // on, fixed ranges on, write-back
  ...[...alike(2, 6n), ...alike(1, 0n), ...alike(8, 5n)], // fixed: RAM, video memory, ROM
  ...[0xc0000000n, 0xc0000800n, ...alike(14, 0n)], // one variable range of 1 GiB
];

/** Registers with the same memory type in each byte. */
function alike(registers: number, type: bigint): bigint[] {
  return new Array<bigint>(registers).fill(type * 0x0101010101010101n);
}

/** As after FNINIT: kernels that use the x87 at once trust firmware to have done that. RESET would leave exceptions unmasked. */
const X87_READY = { x87Control: 0x37f, x87Tag: 0xff };

/** Overwrites what RESET left. The caller must call the executor's `stateReplaced` afterwards. */
export function enterKernel(memory: WebAssembly.Memory, cpu: number, initial: InitialState): void {
  const state = saveCpuState(memory, cpu);
  const code = flat(initial.csSelector, FLAT_CODE, -1n);
  const data = flat(initial.dsSelector, FLAT_DATA, BigInt(LIMIT_4G));
  const general = [...state.general];
  for (const register of [RCX, RDX, RBP, RDI]) general[register / 8] = 0n;
  general[RAX / 8] = BigInt(initial.eax ?? 0);
  general[RBX / 8] = BigInt(initial.ebx ?? 0);
  general[RSP / 8] = BigInt(initial.esp);
  general[RSI / 8] = BigInt(initial.esi);
  const next: CpuState = {
    ...state,
    general,
    rip: BigInt(initial.eip),
    eflags: EFLAGS_RESERVED,
    mtrrs: MTRRS_READY,
    segments: { ...state.segments, cs: code, ds: data, es: data, ss: data, fs: data, gs: data },
    words: { ...state.words, ...X87_READY, cpl: 0, gdtrLimit: initial.gdtLimit },
    registers: { ...state.registers, cr0: CR0_PE | CR0_ET, gdtrBase: BigInt(initial.gdtBase) },
  };
  restoreCpuState(memory, cpu, next);
}

function flat(selector: number, attributes: number, writeBound: bigint): SegmentState {
  return { selector, base: 0n, limit: LIMIT_4G, attributes, readBound: BigInt(LIMIT_4G), writeBound };
}
