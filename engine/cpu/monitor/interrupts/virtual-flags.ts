// The virtual interrupt flag (Intel SDM vol. 3 §20.3 and §20.4): where IOPL keeps IF from an 8086 program (CR4.VME) or from a
// program at CPL 3 (CR4.PVI), it has VIF in its place. VIP says that an interrupt waits, so that to set VIF is #GP(0).

import { CPL, CR4 } from '../../abi/layout.ts';
import {
  CR4_PVI,
  CR4_VME,
  EFLAGS_ARITHMETIC,
  EFLAGS_DF,
  EFLAGS_IF,
  EFLAGS_IOPL,
  EFLAGS_NT,
  EFLAGS_TF,
  EFLAGS_VIF,
  EFLAGS_VIP,
} from '../state/control-bits.ts';
import { raise_gp } from '../state/exceptions.ts';
import { eflags_read, eflags_write, in_vm86, io_privilege_level } from '../state/flags.ts';

/** What a 16-bit image gives besides VIF: IF and IOPL stay. */
const IMAGE_FLAGS: u32 = EFLAGS_ARITHMETIC | EFLAGS_TF | EFLAGS_DF | EFLAGS_NT;

/** Virtual-8086 mode with IOPL below 3: PUSHF, POPF, IRET and INT n do not see IF. */
export function is_kept_from_flags(cpu: usize): bool {
  return in_vm86(cpu) && io_privilege_level(cpu) < 3;
}

/** The check that PUSHF, POPF and IRET begin with. Raises #GP(0). */
export function flags_image_allowed(cpu: usize, operandSize: u32): bool {
  if (!is_kept_from_flags(cpu)) return true;
  if ((load<u32>(cpu, CR4) & CR4_VME) !== 0 && operandSize === 2) return true;
  raise_gp(cpu, 0);
  return false;
}

/** FLAGS as the 8086 program sees them: VIF for IF, IOPL 3. */
export function virtual_flags_read(cpu: usize): u32 {
  const flags = eflags_read(cpu) & ~EFLAGS_IF;
  return flags | EFLAGS_IOPL | ((flags & EFLAGS_VIF) !== 0 ? EFLAGS_IF : 0);
}

/** May this image be loaded? Raises #GP(0) before anything is changed. */
export function virtual_flags_allowed(cpu: usize, image: u32): bool {
  const due = (image & EFLAGS_IF) !== 0 && (eflags_read(cpu) & EFLAGS_VIP) !== 0;
  if ((image & EFLAGS_TF) === 0 && !due) return true;
  raise_gp(cpu, 0);
  return false;
}

export function virtual_flags_write(cpu: usize, image: u32): void {
  eflags_write(cpu, image, IMAGE_FLAGS);
  eflags_write(cpu, (image & EFLAGS_IF) !== 0 ? EFLAGS_VIF : 0, EFLAGS_VIF);
}

/** CLI and STI where IOPL does not allow them: true if they are done to VIF, else #GP(0) has been raised. */
export function virtual_flag_change(cpu: usize, set: bool): bool {
  const enable = in_vm86(cpu) ? CR4_VME : CR4_PVI;
  const present = (load<u32>(cpu, CR4) & enable) !== 0 && load<u32>(cpu, CPL) === 3;
  if (!present || (set && (eflags_read(cpu) & EFLAGS_VIP) !== 0)) {
    raise_gp(cpu, 0);
    return false;
  }
  eflags_write(cpu, set ? EFLAGS_VIF : 0, EFLAGS_VIF);
  return true;
}
