// Registers behind an index port and a data port that the CPU writes and reads without leaving WebAssembly (REGISTERS_* in layout.ts): a
// program that draws in planes writes one of them for every few pixels.

import {
  PLANAR_GRAPHICS,
  PLANAR_SEQUENCER,
  REGISTERS_BITS,
  REGISTERS_COUNT,
  REGISTERS_INDEX,
  REGISTERS_INDEX_BITS,
  REGISTERS_LOUD,
  REGISTERS_PORT,
  REGISTERS_VALUES,
} from '../../abi/layout.ts';
import { planar_accessed } from '../memory/planar.ts';

/** The file whose index or data port that is, 0 for none. */
function file_at(cpu: usize, port: u32): usize {
  if (port < 2) return 0;
  if ((port & ~1) === load<u32>(cpu, PLANAR_SEQUENCER + REGISTERS_PORT)) return cpu + PLANAR_SEQUENCER;
  if ((port & ~1) === load<u32>(cpu, PLANAR_GRAPHICS + REGISTERS_PORT)) return cpu + PLANAR_GRAPHICS;
  return 0;
}

/** Does a write of 1 or 2 bytes, if it is to such ports and none of the device's business. True if it is done. */
export function registers_write(cpu: usize, port: u32, size: u32, value: u32): bool {
  const file = file_at(cpu, port);
  if (file === 0 || !file_write(file, port, size, value)) return false;
  planar_accessed(cpu);
  return true;
}

function file_write(file: usize, port: u32, size: u32, value: u32): bool {
  if (size === 1) {
    if ((port & 1) !== 0) return data_write(file, load<u32>(file, REGISTERS_INDEX), value & 0xff);
    index_write(file, value);
    return true;
  }
  if (size !== 2 || (port & 1) !== 0) return false;
  if (!data_write(file, value & load<u32>(file, REGISTERS_INDEX_BITS), (value >>> 8) & 0xff)) return false;
  index_write(file, value);
  return true;
}

function index_write(file: usize, value: u32): void {
  store<u32>(file, value & load<u32>(file, REGISTERS_INDEX_BITS), REGISTERS_INDEX);
}

function data_write(file: usize, index: u32, value: u32): bool {
  if (index >= load<u32>(file, REGISTERS_COUNT)) return true;
  const register = file + index;
  const after = value & (load<u8>(register, REGISTERS_BITS) as u32);
  if (((after ^ (load<u8>(register, REGISTERS_VALUES) as u32)) & (load<u8>(register, REGISTERS_LOUD) as u32)) !== 0)
    return false;
  store<u8>(register, after as u8, REGISTERS_VALUES);
  return true;
}

/** What a read of one byte gives; -1 if that is the device's business. */
export function registers_read(cpu: usize, port: u32, size: u32): i32 {
  const file = file_at(cpu, port);
  if (file === 0 || size !== 1) return -1;
  const index = load<u32>(file, REGISTERS_INDEX);
  if ((port & 1) === 0) return index as i32;
  return index < load<u32>(file, REGISTERS_COUNT) ? (load<u8>(file + index, REGISTERS_VALUES) as i32) : -1;
}
