// The state in memory: environment (FSTENV, FLDENV), whole state (FSAVE, FRSTOR) and the FXSAVE area with XMM and MXCSR.
// A fault can only come from the probe before the first byte is moved, so an image is written or loaded whole or not at all.
//
//   environment, 32-bit protected: CW SW TW FIP FCS|FOP<<16 FDP FDS, dwords      16-bit: the same as words, without FOP
//   real mode and vm86: linear pointers, 32-bit FIP[15:0], FOP | FIP[31:16] << 12, FDP[15:0], FDP[31:16] << 12
//                       16-bit FIP[15:0], FOP | FIP[19:16] << 12, FDP[15:0], FDP[19:16] << 12
//   FXSAVE: 0 CW 2 SW 4 tag byte 6 FOP 8 FIP 12 FCS 16 FDP 20 FDS 24 MXCSR 28 mask 32 ST0..7 160 XMM0..7
// Source: Intel SDM vol. 1 ch. 8.1.10, 10.5; vol. 2 FSTENV, FSAVE, FXSAVE, FXRSTOR.

import {
  FPR,
  FPU_CS,
  FPU_CW,
  FPU_DP,
  FPU_DS,
  FPU_IP,
  FPU_OPCODE,
  FPU_SW,
  FPU_TAG,
  FPU_TOP,
  MODE,
  MODE_REAL,
  MXCSR,
  XMM,
} from '../../abi/layout.ts';
import { BUSY, ES, EXCEPTIONS } from '../f80/f80.ts';
import { alignment_check } from '../memory/alignment.ts';
import { fpu_init, fpu_stsw, loadControlWord } from './control.ts';
import { faulted, probe, probeRead, read16, read32, read64, write16, write32, write64, write80 } from './memory.ts';
import { fullTag, physical, raiseFault, refreshSummary } from './state.ts';

/** MXCSR bits that exist: exceptions, DAZ, masks, rounding, flush to zero. LDMXCSR accepts the same. */
const MXCSR_MASK: u32 = 0xffff;
const VECTOR_GP: u32 = 13;

function tagWord(cpu: u32): u32 {
  let word: u32 = 0;
  for (let n: u32 = 0; n < 8; n++) word |= fullTag(cpu, n) << (n << 1);
  return word;
}

/** Writes 14 or 28 bytes that have been probed. */
function writeEnvironment(cpu: u32, size: u32, linear: u32): void {
  const real: bool = (load<u32>(cpu, MODE) & MODE_REAL) !== 0;
  const opcode = load<u32>(cpu, FPU_OPCODE);
  let ip = load<u32>(cpu, FPU_IP);
  let dp = load<u32>(cpu, FPU_DP);
  let cs = load<u32>(cpu, FPU_CS);
  let ds = load<u32>(cpu, FPU_DS);
  if (real) {
    ip += cs << 4;
    dp += ds << 4;
    const high: u32 = size === 4 ? 0xffff : 0xf;
    cs = opcode | (((ip >> 16) & high) << 12);
    ds = ((dp >> 16) & high) << 12;
    ip &= 0xffff;
    dp &= 0xffff;
  } else if (size === 4) {
    cs |= opcode << 16;
  }
  const undefinedHigh: u32 = size === 4 ? 0xffff0000 : 0;
  writeField(cpu, size, linear, 0, load<u32>(cpu, FPU_CW) | undefinedHigh);
  writeField(cpu, size, linear, 1, fpu_stsw(cpu) | undefinedHigh);
  writeField(cpu, size, linear, 2, tagWord(cpu) | undefinedHigh);
  writeField(cpu, size, linear, 3, ip);
  writeField(cpu, size, linear, 4, cs);
  writeField(cpu, size, linear, 5, dp);
  writeField(cpu, size, linear, 6, size === 4 && !real ? ds | undefinedHigh : ds);
}

function writeField(cpu: u32, size: u32, linear: u32, n: u32, value: u32): void {
  if (size === 4) write32(cpu, 0, linear + (n << 2), value);
  else write16(cpu, 0, linear + (n << 1), value);
}

function readField(cpu: u32, size: u32, linear: u32, n: u32): u32 {
  return size === 4 ? read32(cpu, linear + (n << 2)) : read16(cpu, linear + (n << 1));
}

/** Reads 14 or 28 bytes that have been probed. */
function readEnvironment(cpu: u32, size: u32, linear: u32): void {
  loadControlWord(cpu, readField(cpu, size, linear, 0));
  loadStatus(cpu, readField(cpu, size, linear, 1));
  const tags = readField(cpu, size, linear, 2);
  let empty: u32 = 0;
  for (let n: u32 = 0; n < 8; n++) {
    if (((tags >> (n << 1)) & 3) === 3) empty |= 1 << n;
  }
  store<u32>(cpu, empty, FPU_TAG);
  const ip = readField(cpu, size, linear, 3);
  const cs = readField(cpu, size, linear, 4);
  const dp = readField(cpu, size, linear, 5);
  const ds = readField(cpu, size, linear, 6);
  if ((load<u32>(cpu, MODE) & MODE_REAL) !== 0) {
    store<u32>(cpu, cs & 0x7ff, FPU_OPCODE);
    store<u32>(cpu, 0, FPU_CS);
    store<u32>(cpu, 0, FPU_DS);
    store<u64>(cpu, (ip & 0xffff) | ((cs & 0x0ffff000) << 4), FPU_IP);
    store<u64>(cpu, (dp & 0xffff) | ((ds & 0x0ffff000) << 4), FPU_DP);
  } else {
    if (size === 4) store<u32>(cpu, (cs >> 16) & 0x7ff, FPU_OPCODE);
    store<u32>(cpu, cs & 0xffff, FPU_CS);
    store<u32>(cpu, ds & 0xffff, FPU_DS);
    store<u64>(cpu, ip, FPU_IP);
    store<u64>(cpu, dp, FPU_DP);
  }
}

/** After the control word: ES and B follow from exceptions and masks. */
function loadStatus(cpu: u32, value: u32): void {
  const pending = load<u32>(cpu, FPU_SW) & ES;
  store<u32>(cpu, (value & 0xffff & ~(0x3800 | ES | BUSY)) | pending, FPU_SW);
  store<u32>(cpu, (value >> 11) & 7, FPU_TOP);
  refreshSummary(cpu);
}

/** FNSTENV: afterwards all exceptions are masked. @param size operand size, 2 or 4 bytes */
export function fpu_stenv(cpu: u32, size: u32, linear: u32): void {
  probe(cpu, linear, size * 7, size);
  if (faulted(cpu)) return;
  writeEnvironment(cpu, size, linear);
  store<u32>(cpu, load<u32>(cpu, FPU_CW) | EXCEPTIONS, FPU_CW);
  refreshSummary(cpu);
}

export function fpu_ldenv(cpu: u32, size: u32, linear: u32): void {
  if (probeRead(cpu, linear, size * 7, size)) readEnvironment(cpu, size, linear);
}

/** FNSAVE: environment and ST(0..7), then FNINIT. */
export function fpu_save(cpu: u32, size: u32, linear: u32): void {
  probe(cpu, linear, size * 7 + 80, size);
  if (faulted(cpu)) return;
  writeEnvironment(cpu, size, linear);
  let address = linear + size * 7;
  for (let i: u32 = 0; i < 8; i++) {
    const slot = cpu + FPR + (physical(cpu, i) << 4);
    write80(cpu, 0, address, load<u64>(slot), load<u16>(slot + 8));
    address += 10;
  }
  fpu_init(cpu);
}

export function fpu_restore(cpu: u32, size: u32, linear: u32): void {
  if (!probeRead(cpu, linear, size * 7 + 80, size)) return;
  readEnvironment(cpu, size, linear);
  readRegisters(cpu, linear + size * 7, 10);
}

/** ST(0..7) from images `stride` bytes apart. */
function readRegisters(cpu: u32, address: u32, stride: u32): void {
  for (let i: u32 = 0; i < 8; i++) {
    const slot = cpu + FPR + (physical(cpu, i) << 4);
    store<u64>(slot, read64(cpu, address));
    store<u16>(slot + 8, read16(cpu, address + 8) as u16);
    address += stride;
  }
}

/** #AC(0) off a multiple of 4 while alignment is checked, else #GP(0) off a multiple of 16. False after a fault. */
function fxAligned(cpu: u32, linear: u32): bool {
  alignment_check(cpu, linear, 4);
  if (!faulted(cpu) && (linear & 15) !== 0) raiseFault(cpu, VECTOR_GP, 1);
  return !faulted(cpu);
}

export function fpu_fxsave(cpu: u32, linear: u32): void {
  if (!fxAligned(cpu, linear)) return;
  probe(cpu, linear, 512, 16);
  if (faulted(cpu)) return;
  write16(cpu, 0, linear, load<u32>(cpu, FPU_CW));
  write16(cpu, 0, linear + 2, fpu_stsw(cpu));
  write16(cpu, 0, linear + 4, ~load<u32>(cpu, FPU_TAG) & 0xff);
  write16(cpu, 0, linear + 6, load<u32>(cpu, FPU_OPCODE));
  write32(cpu, 0, linear + 8, load<u32>(cpu, FPU_IP));
  write32(cpu, 0, linear + 12, load<u32>(cpu, FPU_CS));
  write32(cpu, 0, linear + 16, load<u32>(cpu, FPU_DP));
  write32(cpu, 0, linear + 20, load<u32>(cpu, FPU_DS));
  write32(cpu, 0, linear + 24, load<u32>(cpu, MXCSR));
  write32(cpu, 0, linear + 28, MXCSR_MASK);
  for (let i: u32 = 0; i < 8; i++) {
    const slot = cpu + FPR + (physical(cpu, i) << 4);
    const address = linear + 32 + (i << 4);
    write64(cpu, 0, address, load<u64>(slot));
    write64(cpu, 0, address + 8, load<u16>(slot + 8) as u64);
  }
  for (let offset: u32 = 0; offset < 128; offset += 8) {
    write64(cpu, 0, linear + 160 + offset, load<u64>(cpu + XMM + offset));
  }
}

export function fpu_fxrstor(cpu: u32, linear: u32): void {
  if (!fxAligned(cpu, linear) || !probeRead(cpu, linear, 512, 16)) return;
  const mxcsr = read32(cpu, linear + 24);
  if ((mxcsr & ~MXCSR_MASK) !== 0) {
    raiseFault(cpu, VECTOR_GP, 1);
    return;
  }
  store<u32>(cpu, mxcsr, MXCSR);
  loadControlWord(cpu, read16(cpu, linear));
  loadStatus(cpu, read16(cpu, linear + 2));
  store<u32>(cpu, ~read16(cpu, linear + 4) & 0xff, FPU_TAG);
  store<u32>(cpu, read16(cpu, linear + 6) & 0x7ff, FPU_OPCODE);
  store<u64>(cpu, read32(cpu, linear + 8) as u32, FPU_IP);
  store<u32>(cpu, read16(cpu, linear + 12) & 0xffff, FPU_CS);
  store<u64>(cpu, read32(cpu, linear + 16) as u32, FPU_DP);
  store<u32>(cpu, read16(cpu, linear + 20) & 0xffff, FPU_DS);
  readRegisters(cpu, linear + 32, 16);
  for (let offset: u32 = 0; offset < 128; offset += 8) {
    store<u64>(cpu + XMM + offset, read64(cpu, linear + 160 + offset));
  }
}
