// FERR# and IGNNE# of a vCPU, for its machine.

import { CR0, FPU_IGNNE, FPU_SW } from '../../cpu/abi/layout.ts';
import type { X87Pins } from '../../pc/bus/board.ts';
import type { CpuBlock } from '../shared/cpu-block.ts';

const CR0_NE = 1 << 5;
const ERROR_SUMMARY = 1 << 7;

export function x87Pins(block: CpuBlock): X87Pins {
  return {
    get error() {
      return (block.u32(FPU_SW) & ERROR_SUMMARY) !== 0 && (block.u32(CR0) & CR0_NE) === 0;
    },
    ignoreErrors: () => block.setU32(FPU_IGNNE, 1),
  };
}
