// Memory type range registers (Intel SDM vol. 3 §11.11): kept as written, for all memory here is as fast and as coherent as any.
// Firmware describes the machine in them and kernels read them; a value that a CPU would refuse is refused.

import { MTRR, MTRR_FIXED, MTRR_VARIABLE } from '../../abi/layout.ts';
import { ADDRESS_BITS } from '../state/cpu-features.ts';

export const IA32_MTRRCAP: u32 = 0xfe;
/** Eight variable ranges, fixed ranges, write-combining. */
export const MTRRCAP: u64 = 0x508;

const IA32_MTRR_PHYSBASE0: u32 = 0x200;
const VARIABLE_REGISTERS: u32 = 16;
const IA32_MTRR_FIX64K_00000: u32 = 0x250;
const IA32_MTRR_FIX16K_80000: u32 = 0x258;
const IA32_MTRR_FIX16K_A0000: u32 = 0x259;
const IA32_MTRR_FIX4K_C0000: u32 = 0x268;
const FIXED_4K_REGISTERS: u32 = 8;
const IA32_MTRR_DEF_TYPE: u32 = 0x2ff;

/** Of the default-type register: memory type, fixed ranges on, all on. */
const DEFAULT_TYPE_BITS: u64 = 0xcff;
const TYPE_BITS: u64 = 0xff;
/** Of a mask register: the range is valid. */
const MASK_VALID: u64 = 0x800;
const ADDRESS: u64 = ((1 << ADDRESS_BITS) - 1) & ~0xfff;

/** Offset in the CPU block of one of these registers; 0 for any other index. */
export function mtrr_field(index: u32): usize {
  if (index - IA32_MTRR_PHYSBASE0 < VARIABLE_REGISTERS) return MTRR_VARIABLE + (index - IA32_MTRR_PHYSBASE0) * 8;
  if (index - IA32_MTRR_FIX4K_C0000 < FIXED_4K_REGISTERS) return MTRR_FIXED + 24 + (index - IA32_MTRR_FIX4K_C0000) * 8;
  switch (index) {
    case IA32_MTRR_FIX64K_00000:
      return MTRR_FIXED;
    case IA32_MTRR_FIX16K_80000:
      return MTRR_FIXED + 8;
    case IA32_MTRR_FIX16K_A0000:
      return MTRR_FIXED + 16;
    case IA32_MTRR_DEF_TYPE:
      return MTRR;
    default:
      return 0;
  }
}

/** May the register of that index have the value? */
export function mtrr_accepts(index: u32, value: u64): bool {
  if (index === IA32_MTRR_DEF_TYPE) return (value & ~DEFAULT_TYPE_BITS) === 0 && is_type(value & TYPE_BITS);
  if (index - IA32_MTRR_PHYSBASE0 >= VARIABLE_REGISTERS) return are_types(value);
  const isMask = (index & 1) !== 0;
  if (isMask) return (value & ~(ADDRESS | MASK_VALID)) === 0;
  return (value & ~(ADDRESS | TYPE_BITS)) === 0 && is_type(value & TYPE_BITS);
}

/** UC 0, WC 1, WT 4, WP 5, WB 6. */
function is_type(type: u64): bool {
  return type <= 6 && type !== 2 && type !== 3;
}

/** A fixed-range register: a type in each byte. */
function are_types(value: u64): bool {
  for (let n: u32 = 0; n < 8; n++) if (!is_type((value >> (n * 8)) & TYPE_BITS)) return false;
  return true;
}
