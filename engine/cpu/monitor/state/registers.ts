// General registers of the CPU block by operand or address size (2, 4 or 8 bytes).

import { GPR, RIP, RSP, SEG_SS } from '../../abi/layout.ts';
import { ATTR_DB, segment_attr } from './segment-cache.ts';

export function register_read(cpu: usize, n: u32): u32 {
  return load<u32>(cpu + GPR + (n << 3));
}

export function register_write(cpu: usize, n: u32, value: u32): void {
  store<u64>(cpu + GPR + (n << 3), value as u64);
}

/** A 32-bit write clears the upper half, a 16-bit write keeps the rest (Intel SDM vol. 1 §3.4.1.1). */
export function sized_write(address: usize, size: u32, value: u32): void {
  if (size === 2) store<u16>(address, value as u16);
  else store<u64>(address, value as u64);
}

export function size_mask(size: u32): u32 {
  return size === 2 ? 0xffff : 0xffffffff;
}

/** Mask of the stack pointer in use: SP or ESP, by SS.B. */
export function stack_mask(cpu: usize): u32 {
  return stack_mask_of(segment_attr(cpu, SEG_SS));
}

export function stack_mask_of(attr: u32): u32 {
  return (attr & ATTR_DB) !== 0 ? 0xffffffff : 0xffff;
}

/** Sets SP or ESP as `mask` says. */
export function stack_pointer_write(cpu: usize, mask: u32, value: u32): void {
  sized_write(cpu + RSP, mask === 0xffff ? 2 : 4, value);
}

export function stack_pointer(cpu: usize): u32 {
  return load<u32>(cpu, RSP);
}

export function instruction_pointer(cpu: usize): u32 {
  return load<u32>(cpu, RIP);
}

export function instruction_pointer_write(cpu: usize, value: u32): void {
  store<u64>(cpu, value as u64, RIP);
}
