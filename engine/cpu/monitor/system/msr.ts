// Model-specific registers (Intel SDM vol. 4). What is not listed does not exist: #GP(0).

import {
  EFER,
  HAS_LOCAL_APIC,
  MSR_APIC_BASE,
  MSR_MCG_STATUS,
  MSR_MISC_ENABLE,
  MSR_PAT,
  MSR_SPEC_CTRL,
  MSR_SYSENTER_CS,
  MSR_SYSENTER_EIP,
  MSR_SYSENTER_ESP,
  MSR_TSC_ADJUST,
  MSR_TSC_AUX,
  RAX,
  RCX,
  RDX,
  TSC_OFFSET,
} from '../../abi/layout.ts';
import { PAGE_MASK, tlb_flush } from '../memory/tlb.ts';
import { APIC_BASE_ENABLED, EFER_NXE, EFER_SCE } from '../state/control-bits.ts';
import { extended_features, FEATURE_MSR, FEATURE_MTRR, FEATURE_NX, features } from '../state/cpu-features.ts';
import { faulted, raise_gp, undefined_opcode } from '../state/exceptions.ts';
import { local_apic_moved } from '../state/host.ts';
import { misc_enable_write } from '../state/misc-enable.ts';
import { time_stamp } from './clock.ts';
import { IA32_MTRRCAP, MTRRCAP, mtrr_accepts, mtrr_field } from './mtrr.ts';
import { is_supervisor } from './privilege.ts';

const IA32_TIME_STAMP_COUNTER: u32 = 0x10;
const IA32_PLATFORM_ID: u32 = 0x17;
const IA32_APIC_BASE: u32 = 0x1b;
const IA32_TSC_ADJUST: u32 = 0x3b;
const IA32_SPEC_CTRL: u32 = 0x48;
const IA32_PRED_CMD: u32 = 0x49;
const IA32_BIOS_SIGN_ID: u32 = 0x8b;
const IA32_ARCH_CAPABILITIES: u32 = 0x10a;
const IA32_SYSENTER_CS: u32 = 0x174;
const IA32_SYSENTER_ESP: u32 = 0x175;
const IA32_SYSENTER_EIP: u32 = 0x176;
const IA32_MCG_CAP: u32 = 0x179;
const IA32_MCG_STATUS: u32 = 0x17a;
const IA32_MISC_ENABLE: u32 = 0x1a0;
const IA32_PAT: u32 = 0x277;
const IA32_EFER: u32 = 0xc0000080;
const IA32_TSC_AUX: u32 = 0xc0000103;

/** Revision 1 of the microcode, in the upper half. */
const MICROCODE_REVISION: u64 = 0x100000000;
// Bits of IA32_ARCH_CAPABILITIES. This CPU does not speculate across instructions of the guest, so it has none of these
// weaknesses, and restricting indirect branch speculation (IBRS_ALL) comes for free: a kernel need not spend retpolines.
const RDCL_NO: u64 = 1 << 0;
const IBRS_ALL: u64 = 1 << 1;
const SKIP_L1DFL_VMENTRY: u64 = 1 << 3;
const SSB_NO: u64 = 1 << 4;
const MDS_NO: u64 = 1 << 5;
const PSCHANGE_MC_NO: u64 = 1 << 6;
const TAA_NO: u64 = 1 << 8;
const SBDR_SSDP_NO: u64 = 1 << 13;
const FBSDP_NO: u64 = 1 << 14;
const PSDP_NO: u64 = 1 << 15;
const BHI_NO: u64 = 1 << 20;
const PBRSB_NO: u64 = 1 << 24;
const GDS_NO: u64 = 1 << 26;
const RFDS_NO: u64 = 1 << 27;
const ITS_NO: u64 = 1 << 62;
const ARCH_CAPABILITIES: u64 =
  RDCL_NO |
  IBRS_ALL |
  SKIP_L1DFL_VMENTRY |
  SSB_NO |
  MDS_NO |
  PSCHANGE_MC_NO |
  TAA_NO |
  SBDR_SSDP_NO |
  FBSDP_NO |
  PSDP_NO |
  BHI_NO |
  PBRSB_NO |
  GDS_NO |
  RFDS_NO |
  ITS_NO;

/** IBRS and STIBP, without effect. */
const SPEC_CTRL_WRITABLE: u64 = 3;
/** IBPB, without effect. */
const PRED_CMD_WRITABLE: u64 = 1;
/** The page, the enable bit, and the bit that marks the bootstrap processor. x2APIC mode does not exist. */
const APIC_BASE_WRITABLE: u64 = 0xfffff900;
/** RIPV, EIPV, MCIP: kept as written, for no machine check ever happens. */
const MCG_STATUS_WRITABLE: u64 = 7;
/** SCE enables SYSCALL in 64-bit mode only: kept, without effect. */
const EFER_WRITABLE: u64 = (EFER_NXE | EFER_SCE) as u64;

function msr_read(cpu: usize, index: u32): u64 {
  switch (index) {
    case IA32_TIME_STAMP_COUNTER:
      return time_stamp(cpu) as u64;
    case IA32_PLATFORM_ID:
      return 0;
    case IA32_APIC_BASE:
      return load<u64>(cpu, MSR_APIC_BASE);
    case IA32_TSC_ADJUST:
      return load<u64>(cpu, MSR_TSC_ADJUST);
    case IA32_SPEC_CTRL:
      return load<u64>(cpu, MSR_SPEC_CTRL);
    case IA32_BIOS_SIGN_ID:
      return MICROCODE_REVISION;
    case IA32_ARCH_CAPABILITIES:
      return ARCH_CAPABILITIES;
    case IA32_SYSENTER_CS:
      return load<u64>(cpu, MSR_SYSENTER_CS);
    case IA32_SYSENTER_ESP:
      return load<u64>(cpu, MSR_SYSENTER_ESP);
    case IA32_SYSENTER_EIP:
      return load<u64>(cpu, MSR_SYSENTER_EIP);
    case IA32_MCG_CAP: // no banks, no IA32_MCG_CTL
      return 0;
    case IA32_MCG_STATUS:
      return load<u64>(cpu, MSR_MCG_STATUS);
    case IA32_MISC_ENABLE:
      return load<u64>(cpu, MSR_MISC_ENABLE);
    case IA32_PAT:
      return load<u64>(cpu, MSR_PAT);
    case IA32_EFER:
      return load<u64>(cpu, EFER);
    case IA32_TSC_AUX:
      return load<u64>(cpu, MSR_TSC_AUX);
    default:
      return range_register_read(cpu, index);
  }
}

function msr_write(cpu: usize, index: u32, value: u64): void {
  switch (index) {
    case IA32_TIME_STAMP_COUNTER:
      tsc_shift(cpu, (value as i64) - time_stamp(cpu));
      break;
    case IA32_APIC_BASE:
      apic_base_write(cpu, value);
      break;
    case IA32_TSC_ADJUST:
      tsc_shift(cpu, (value as i64) - load<i64>(cpu, MSR_TSC_ADJUST));
      break;
    case IA32_SPEC_CTRL:
      if ((value & ~SPEC_CTRL_WRITABLE) !== 0) raise_gp(cpu, 0);
      else store<u64>(cpu, value, MSR_SPEC_CTRL);
      break;
    case IA32_PRED_CMD:
      if ((value & ~PRED_CMD_WRITABLE) !== 0) raise_gp(cpu, 0);
      break;
    case IA32_BIOS_SIGN_ID: // written before the revision is read
      break;
    case IA32_SYSENTER_CS:
      store<u64>(cpu, value & 0xffffffff, MSR_SYSENTER_CS);
      break;
    case IA32_SYSENTER_ESP:
      store<u64>(cpu, value & 0xffffffff, MSR_SYSENTER_ESP);
      break;
    case IA32_SYSENTER_EIP:
      store<u64>(cpu, value & 0xffffffff, MSR_SYSENTER_EIP);
      break;
    case IA32_MCG_STATUS:
      if ((value & ~MCG_STATUS_WRITABLE) !== 0) raise_gp(cpu, 0);
      else store<u64>(cpu, value, MSR_MCG_STATUS);
      break;
    case IA32_MISC_ENABLE:
      misc_enable_write(cpu, value);
      break;
    case IA32_PAT:
      if (is_valid_pat(value)) store<u64>(cpu, value, MSR_PAT);
      else raise_gp(cpu, 0);
      break;
    case IA32_EFER:
      efer_write(cpu, value);
      break;
    case IA32_TSC_AUX:
      if (value >> 32 !== 0) raise_gp(cpu, 0);
      else store<u64>(cpu, value, MSR_TSC_AUX);
      break;
    default:
      range_register_write(cpu, index, value);
  }
}

function range_register_read(cpu: usize, index: u32): u64 {
  const there = (features(cpu) & FEATURE_MTRR) !== 0;
  if (there && index === IA32_MTRRCAP) return MTRRCAP;
  const field = there ? mtrr_field(index) : 0;
  if (field !== 0) return load<u64>(cpu + field);
  raise_gp(cpu, 0);
  return 0;
}

function range_register_write(cpu: usize, index: u32, value: u64): void {
  const field = (features(cpu) & FEATURE_MTRR) !== 0 ? mtrr_field(index) : 0;
  if (field !== 0 && mtrr_accepts(index, value)) store<u64>(cpu + field, value);
  else raise_gp(cpu, 0);
}

/** A write of the TSC or of TSC_ADJUST moves both by the same amount (vol. 3 §17.17.3). */
function tsc_shift(cpu: usize, ticks: i64): void {
  store<i64>(cpu, load<i64>(cpu, TSC_OFFSET) + ticks, TSC_OFFSET);
  store<i64>(cpu, load<i64>(cpu, MSR_TSC_ADJUST) + ticks, MSR_TSC_ADJUST);
}

/** Each byte a memory type: UC 0, WC 1, WT 4, WP 5, WB 6, UC- 7. */
function is_valid_pat(value: u64): bool {
  for (let n: u32 = 0; n < 8; n++) {
    const type = (value >> (n * 8)) & 0xff;
    if (type > 7 || type === 2 || type === 3) return false;
  }
  return true;
}

/** RAM is seen where the APIC has been, and no more where it is now. */
function apic_base_write(cpu: usize, value: u64): void {
  if (load<u32>(cpu, HAS_LOCAL_APIC) === 0 || (value & ~APIC_BASE_WRITABLE) !== 0) {
    raise_gp(cpu, 0);
    return;
  }
  store<u64>(cpu, value, MSR_APIC_BASE);
  tlb_flush(cpu, 1);
  local_apic_moved((value & (APIC_BASE_ENABLED as u64)) !== 0 ? (value as u32) & PAGE_MASK : 0);
}

function efer_write(cpu: usize, value: u64): void {
  const writable = (extended_features(cpu) & FEATURE_NX) === 0 ? EFER_WRITABLE & ~(EFER_NXE as u64) : EFER_WRITABLE;
  if ((value & ~writable) !== 0) {
    raise_gp(cpu, 0);
    return;
  }
  if (value === load<u64>(cpu, EFER)) return;
  store<u64>(cpu, value, EFER);
  tlb_flush(cpu, 1);
}

/** RDMSR and WRMSR: do they exist, and is this CPL 0? */
function may_use(cpu: usize): bool {
  if ((features(cpu) & FEATURE_MSR) !== 0) return is_supervisor(cpu);
  undefined_opcode(cpu);
  return false;
}

export function rdmsr(cpu: usize): void {
  if (!may_use(cpu)) return;
  const value = msr_read(cpu, load<u32>(cpu, RCX));
  if (faulted(cpu)) return;
  store<u64>(cpu, value & 0xffffffff, RAX);
  store<u64>(cpu, value >> 32, RDX);
}

export function wrmsr(cpu: usize): void {
  if (!may_use(cpu)) return;
  const value = (load<u32>(cpu, RAX) as u64) | ((load<u32>(cpu, RDX) as u64) << 32);
  msr_write(cpu, load<u32>(cpu, RCX), value);
}
