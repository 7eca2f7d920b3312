// LAR, LSL, VERR, VERW, ARPL: what a program may learn of descriptors without loading them (Intel SDM vol. 3 §5.10). A
// selector that is not acceptable clears ZF and raises nothing.

import { CPL } from '../../abi/layout.ts';
import { faulted, undefined_opcode } from '../state/exceptions.ts';
import { in_protected_mode, zero_flag_write } from '../state/flags.ts';
import { ATTR_CODE, ATTR_RW, ATTR_S, ATTR_TYPE, attr_dpl } from '../state/segment-cache.ts';
import {
  descriptor_attr,
  descriptor_exists,
  descriptor_limit,
  descriptor_read_existing,
  is_null,
  rpl,
  TYPE_CALL_GATE16,
  TYPE_CALL_GATE32,
  TYPE_LDT,
  TYPE_TASK_GATE,
  TYPE_TSS16,
  TYPE_TSS16_BUSY,
  TYPE_TSS32,
  TYPE_TSS32_BUSY,
} from './descriptors.ts';
import { checks_privilege } from './segments.ts';

/** The access-rights word of the descriptor: bits 8..23 of its upper half without the limit. */
const LAR_MASK: u64 = 0x00f0ff00;

/** 0 if the selector is null, beyond its table, of a type without meaning here, or not accessible at CPL and RPL. */
function visible_descriptor(cpu: usize, selector: u32, forLimit: bool): u64 {
  if (!in_protected_mode(cpu)) {
    undefined_opcode(cpu);
    return 0;
  }
  if (is_null(selector) || !descriptor_exists(cpu, selector)) return 0;
  const descriptor = descriptor_read_existing(cpu, selector);
  if (faulted(cpu)) return 0;
  const attr = descriptor_attr(descriptor);
  if ((attr & ATTR_S) === 0 && !is_visible_type(attr & ATTR_TYPE, forLimit)) return 0;
  const privilege = max<u32>(load<u32>(cpu, CPL), rpl(selector));
  const checked = (attr & ATTR_S) === 0 || checks_privilege(attr);
  return checked && privilege > attr_dpl(attr) ? 0 : descriptor;
}

/** Gates have rights but no limit. */
function is_visible_type(type: u32, forLimit: bool): bool {
  switch (type) {
    case TYPE_TSS16:
    case TYPE_LDT:
    case TYPE_TSS16_BUSY:
    case TYPE_TSS32:
    case TYPE_TSS32_BUSY:
      return true;
    case TYPE_CALL_GATE16:
    case TYPE_CALL_GATE32:
    case TYPE_TASK_GATE:
      return !forLimit;
    default:
      return false;
  }
}

export function lar(cpu: usize, selector: u32): u32 {
  const descriptor = visible_descriptor(cpu, selector & 0xffff, false);
  if (faulted(cpu)) return 0;
  zero_flag_write(cpu, descriptor !== 0);
  return ((descriptor >> 32) & LAR_MASK) as u32;
}

export function lsl(cpu: usize, selector: u32): u32 {
  const descriptor = visible_descriptor(cpu, selector & 0xffff, true);
  if (faulted(cpu)) return 0;
  zero_flag_write(cpu, descriptor !== 0);
  return descriptor_limit(descriptor);
}

export function verr(cpu: usize, selector: u32): void {
  const attr = descriptor_attr(visible_descriptor(cpu, selector & 0xffff, false));
  if (!faulted(cpu)) zero_flag_write(cpu, (attr & ATTR_S) !== 0 && (attr & (ATTR_CODE | ATTR_RW)) !== ATTR_CODE);
}

export function verw(cpu: usize, selector: u32): void {
  const attr = descriptor_attr(visible_descriptor(cpu, selector & 0xffff, false));
  if (!faulted(cpu)) zero_flag_write(cpu, (attr & (ATTR_S | ATTR_CODE | ATTR_RW)) === (ATTR_S | ATTR_RW));
}

/** Sets ZF if the RPL of `destination` must be raised to that of `source`. */
export function arpl(cpu: usize, destination: u32, source: u32): void {
  zero_flag_write(cpu, rpl(destination) < rpl(source));
}
