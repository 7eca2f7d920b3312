// MOV to and from CR0, CR2, CR3, CR4; LMSW, CLTS (Intel SDM vol. 3 §2.5, §4.1.2, §4.4.1, §4.10.4.1). Long mode is not offered,
// so CR8 and EFER.LME do not exist.

import { CR0, CR2, CR3, CR4, PDPTE } from '../../abi/layout.ts';
import { breakpoints_update } from '../memory/breakpoints.ts';
import { RESERVED_PDPTE } from '../memory/paging.ts';
import { phys_read64 } from '../memory/physical-access.ts';
import { tlb_flush } from '../memory/tlb.ts';
import { mode_update } from '../segments/mode.ts';
import {
  CR0_AM,
  CR0_CD,
  CR0_EM,
  CR0_ET,
  CR0_MP,
  CR0_NE,
  CR0_NW,
  CR0_PE,
  CR0_PG,
  CR0_TS,
  CR0_WP,
  CR4_DE,
  CR4_MCE,
  CR4_OSFXSR,
  CR4_OSXMMEXCPT,
  CR4_PAE,
  CR4_PCE,
  CR4_PGE,
  CR4_PSE,
  CR4_PVI,
  CR4_SMAP,
  CR4_SMEP,
  CR4_TSD,
  CR4_UMIP,
  CR4_VME,
} from '../state/control-bits.ts';
import {
  FEATURE_DE,
  FEATURE_FXSR,
  FEATURE_MCE,
  FEATURE_PAE,
  FEATURE_PGE,
  FEATURE_PSE,
  FEATURE_SMAP,
  FEATURE_SMEP,
  FEATURE_SSE,
  FEATURE_TSC,
  FEATURE_UMIP,
  FEATURE_VME,
  features,
  leaf7_ebx,
  leaf7_ecx,
} from '../state/cpu-features.ts';
import { is_page_absent, raise_absent, raise_gp, undefined_opcode } from '../state/exceptions.ts';
import { is_supervisor } from './privilege.ts';

const CR0_DEFINED: u32 =
  CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD | CR0_PG;
/** What cached translations depend on. */
const CR0_PAGING: u32 = CR0_PG | CR0_WP | CR0_PE;
const CR4_PAGING: u32 = CR4_PSE | CR4_PAE | CR4_PGE | CR4_SMEP | CR4_SMAP;
/** Of these only a change in what PAE paging is reloads the PDPTEs (§4.4.1). */
const CR4_RELOADS: u32 = CR4_PSE | CR4_PAE | CR4_PGE | CR4_SMEP;

export function cr_read(cpu: usize, n: u32): u32 {
  if (!is_supervisor(cpu)) return 0;
  switch (n) {
    case 0:
      return load<u32>(cpu, CR0);
    case 2:
      return load<u32>(cpu, CR2);
    case 3:
      return load<u32>(cpu, CR3);
    case 4:
      return load<u32>(cpu, CR4);
    default:
      undefined_opcode(cpu);
      return 0;
  }
}

export function cr_write(cpu: usize, n: u32, value: u32): void {
  if (!is_supervisor(cpu)) return;
  switch (n) {
    case 0:
      cr0_write(cpu, value);
      break;
    case 2:
      store<u64>(cpu, value as u64, CR2);
      break;
    case 3:
      cr3_load(cpu, value);
      break;
    case 4:
      cr4_write(cpu, value);
      break;
    default:
      undefined_opcode(cpu);
  }
}

function cr0_write(cpu: usize, value: u32): void {
  value = (value & CR0_DEFINED) | CR0_ET;
  const pagingWithoutProtection = (value & (CR0_PG | CR0_PE)) === CR0_PG;
  const writeThroughWithoutDisable = (value & (CR0_NW | CR0_CD)) === CR0_NW;
  if (pagingWithoutProtection || writeThroughWithoutDisable) {
    raise_gp(cpu, 0);
    return;
  }
  const old = load<u32>(cpu, CR0);
  const enablesPaging = (value & ~old & CR0_PG) !== 0;
  if (enablesPaging && uses_pdptes(value, load<u32>(cpu, CR4)) && !pdptes_load(cpu, load<u32>(cpu, CR3))) return;
  store<u64>(cpu, value as u64, CR0);
  if (((value ^ old) & CR0_PAGING) !== 0) tlb_flush(cpu, 1);
  mode_update(cpu);
}

/** Loads CR3 and invalidates the TLB and jump-cache entries that depend on it; raises #GP(0) for reserved bits in PDPTEs. */
export function cr3_load(cpu: usize, value: u32): void {
  if (uses_pdptes(load<u32>(cpu, CR0), load<u32>(cpu, CR4)) && !pdptes_load(cpu, value)) return;
  store<u64>(cpu, value as u64, CR3);
  tlb_flush(cpu, 0);
}

/** The bits that belong to features that there are. */
function cr4_defined(cpu: usize): u32 {
  const basic = features(cpu);
  let defined = CR4_PCE;
  if ((basic & FEATURE_VME) !== 0) defined |= CR4_VME | CR4_PVI;
  if ((basic & FEATURE_TSC) !== 0) defined |= CR4_TSD;
  if ((basic & FEATURE_DE) !== 0) defined |= CR4_DE;
  if ((basic & FEATURE_PSE) !== 0) defined |= CR4_PSE;
  if ((basic & FEATURE_PAE) !== 0) defined |= CR4_PAE;
  if ((basic & FEATURE_MCE) !== 0) defined |= CR4_MCE;
  if ((basic & FEATURE_PGE) !== 0) defined |= CR4_PGE;
  if ((basic & FEATURE_FXSR) !== 0) defined |= CR4_OSFXSR;
  if ((basic & FEATURE_SSE) !== 0) defined |= CR4_OSXMMEXCPT;
  if ((leaf7_ecx(cpu) & FEATURE_UMIP) !== 0) defined |= CR4_UMIP;
  if ((leaf7_ebx(cpu) & FEATURE_SMEP) !== 0) defined |= CR4_SMEP;
  if ((leaf7_ebx(cpu) & FEATURE_SMAP) !== 0) defined |= CR4_SMAP;
  return defined;
}

function cr4_write(cpu: usize, value: u32): void {
  if ((value & ~cr4_defined(cpu)) !== 0) {
    raise_gp(cpu, 0);
    return;
  }
  const old = load<u32>(cpu, CR4);
  const changed = value ^ old;
  const reloads = (changed & CR4_RELOADS) !== 0 && uses_pdptes(load<u32>(cpu, CR0), value);
  if (reloads && !pdptes_load(cpu, load<u32>(cpu, CR3))) return;
  store<u64>(cpu, value as u64, CR4);
  if ((changed & CR4_PAGING) !== 0) tlb_flush(cpu, 1);
  if ((changed & CR4_DE) !== 0) breakpoints_update(cpu);
  mode_update(cpu);
}

function uses_pdptes(cr0: u32, cr4: u32): bool {
  return (cr0 & CR0_PG) !== 0 && (cr4 & CR4_PAE) !== 0;
}

/** Loads the four PDPTEs of PAE paging, or raises #GP(0) and returns false. */
function pdptes_load(cpu: usize, directory: u32): bool {
  const table = directory & ~31;
  for (let n: u32 = 0; n < 4; n++) {
    const entry = phys_read64(cpu, table + n * 8);
    if (is_page_absent(cpu)) {
      raise_absent(cpu);
      return false;
    }
    if ((entry & 1) !== 0 && (entry & RESERVED_PDPTE) !== 0) {
      raise_gp(cpu, 0);
      return false;
    }
  }
  for (let n: u32 = 0; n < 4; n++) store<u64>(cpu + PDPTE + n * 8, phys_read64(cpu, table + n * 8));
  return true;
}

/** Sets MP EM TS and may set, not clear, PE. */
export function lmsw(cpu: usize, value: u32): void {
  if (!is_supervisor(cpu)) return;
  const old = load<u32>(cpu, CR0);
  const set = value & (CR0_PE | CR0_MP | CR0_EM | CR0_TS);
  cr0_write(cpu, (old & ~(CR0_MP | CR0_EM | CR0_TS)) | set);
}

export function clts(cpu: usize): void {
  if (!is_supervisor(cpu)) return;
  store<u64>(cpu, load<u64>(cpu, CR0) & ~(CR0_TS as u64), CR0);
  mode_update(cpu);
}
