// PUSHA, POPA, ENTER and BOUND (Intel SDM vol. 2).

import { GPR, RBP, SEG_SS } from '../../abi/layout.ts';
import { linear_read, mem_probe } from '../memory/memory.ts';
import { current_access } from '../memory/translate.ts';
import { faulted, raise, VECTOR_BR } from '../state/exceptions.ts';
import { register_read, sized_write, stack_mask, stack_pointer, stack_pointer_write } from '../state/registers.ts';
import { segment_attr, segment_base, segment_limit } from '../state/segment-cache.ts';
import { stack_check, stack_push, stack_read, stack_slot } from './stack.ts';

const REGISTERS: u32 = 8;
const REGISTER_SP: u32 = 4;

/** Checks room for `bytes` on the current stack. */
function current_stack_check(cpu: usize, bytes: u32, size: u32): bool {
  const base = segment_base(cpu, SEG_SS);
  const attr = segment_attr(cpu, SEG_SS);
  const limit = segment_limit(cpu, SEG_SS);
  const access = current_access(cpu);
  return stack_check(cpu, base, limit, attr, stack_mask(cpu), stack_pointer(cpu), bytes, size, 0, access);
}

export function pusha(cpu: usize, operandSize: u32): void {
  if (!current_stack_check(cpu, REGISTERS * operandSize, operandSize)) return;
  const base = segment_base(cpu, SEG_SS);
  const mask = stack_mask(cpu);
  const access = current_access(cpu);
  let pointer = stack_pointer(cpu);
  for (let n: u32 = 0; n < REGISTERS; n++) {
    pointer = stack_push(cpu, base, mask, pointer, operandSize, register_read(cpu, n), access);
  }
  stack_pointer_write(cpu, mask, pointer);
}

export function popa(cpu: usize, operandSize: u32): void {
  // Everything is read before the first register changes: the last slot may fault.
  for (let slot: u32 = 0; slot < REGISTERS; slot++) stack_slot(cpu, slot, operandSize);
  if (faulted(cpu)) return;
  const pointer = stack_pointer(cpu);
  for (let slot: u32 = 0; slot < REGISTERS; slot++) {
    const n = REGISTERS - 1 - slot;
    if (n !== REGISTER_SP) sized_write(cpu + GPR + (n << 3), operandSize, stack_slot(cpu, slot, operandSize));
  }
  stack_pointer_write(cpu, stack_mask(cpu), pointer + REGISTERS * operandSize);
}

/** `bytes` of locals below a frame with `level` (0..31) outer frame pointers. */
export function enter(cpu: usize, operandSize: u32, bytes: u32, level: u32): void {
  level &= 31;
  bytes &= 0xffff;
  const base = segment_base(cpu, SEG_SS);
  const mask = stack_mask(cpu);
  const access = current_access(cpu);
  const slots = level === 0 ? 1 : level + 1;
  if (!current_stack_check(cpu, slots * operandSize, operandSize)) return;
  // The far end of the locals must be writable too.
  const last = (stack_pointer(cpu) - slots * operandSize - bytes) & mask;
  if (!locals_check(cpu, last, operandSize)) return;
  const framePointer = load<u32>(cpu, RBP);
  for (let n: u32 = 1; n < level; n++) stack_read(cpu, (framePointer - n * operandSize) & mask, operandSize);
  if (faulted(cpu)) return;
  let pointer = stack_push(cpu, base, mask, stack_pointer(cpu), operandSize, framePointer, access);
  // All of ESP, also where the stack uses SP alone.
  const frame = (stack_pointer(cpu) & ~mask) | pointer;
  for (let n: u32 = 1; n < level; n++) {
    const outer = stack_read(cpu, (framePointer - n * operandSize) & mask, operandSize);
    pointer = stack_push(cpu, base, mask, pointer, operandSize, outer, access);
  }
  if (level > 0) pointer = stack_push(cpu, base, mask, pointer, operandSize, frame, access);
  sized_write(cpu + RBP, operandSize, frame);
  stack_pointer_write(cpu, mask, pointer - bytes);
}

/** Checked as a push of the last slot would be, alignment included. */
function locals_check(cpu: usize, offset: u32, size: u32): bool {
  const base = segment_base(cpu, SEG_SS);
  const attr = segment_attr(cpu, SEG_SS);
  const limit = segment_limit(cpu, SEG_SS);
  const pointer = offset + size;
  return stack_check(cpu, base, limit, attr, stack_mask(cpu), pointer, size, size, 0, current_access(cpu));
}

/** Raises #BR unless lower ≤ index ≤ upper, signed; the two bounds lie at `linear`. */
export function bound(cpu: usize, index: u32, linear: u32, operandSize: u32): void {
  mem_probe(cpu, linear, operandSize * 2, operandSize, 0);
  if (faulted(cpu)) return;
  const access = current_access(cpu);
  let lower: i32;
  let upper: i32;
  let value = index as i32;
  if (operandSize === 2) {
    lower = linear_read<i16>(cpu, linear, access) as i32;
    upper = linear_read<i16>(cpu, linear + 2, access) as i32;
    value = index as i16 as i32;
  } else {
    lower = linear_read<i32>(cpu, linear, access);
    upper = linear_read<i32>(cpu, linear + 4, access);
  }
  if (value < lower || value > upper) raise(cpu, VECTOR_BR, 0, 0);
}
