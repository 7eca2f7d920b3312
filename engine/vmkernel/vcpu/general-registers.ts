// The CPU's general registers for devices whose ports are called with values in them. In the midst of IN and OUT they are in the CPU
// block: both instructions run in the interpreter, and EAX is written with the result of IN after the device has answered.

import * as L from '../../cpu/abi/layout.ts';
import type { GeneralRegister, GeneralRegisters } from '../../pc/bus/board.ts';
import type { CpuBlock } from '../shared/cpu-block.ts';

const OFFSETS: Readonly<Record<GeneralRegister, number>> = {
  eax: L.RAX,
  ebx: L.RBX,
  ecx: L.RCX,
  edx: L.RDX,
  esi: L.RSI,
  edi: L.RDI,
};

export function generalRegisters(block: CpuBlock): GeneralRegisters {
  return {
    read: (register) => block.u32(OFFSETS[register]),
    write: (register, value) => block.setU32(OFFSETS[register], value >>> 0),
  };
}
