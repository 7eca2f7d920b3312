// What to show of a CPU that cannot go on.

import * as L from '../../cpu/abi/layout.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import type { Registers } from '../spec/spec.ts';
import { readEflags } from './flags.ts';

/** The registers as the vCPU left them. EFLAGS lacks the arithmetic flags if the engine failed in the middle of a block. */
export function readRegisters(memory: WebAssembly.Memory, cpu: number): Registers {
  const block = new CpuBlock(memory, cpu);
  const selector = (n: number) => block.u32(L.SEG + n * L.SEG_SIZE + L.SEG_SELECTOR);
  return {
    eip: block.u32(L.RIP),
    eflags: block.u32(L.F_KIND) === 0 ? readEflags(block) : block.u32(L.SYSFLAGS),
    eax: block.u32(L.RAX),
    ebx: block.u32(L.RBX),
    ecx: block.u32(L.RCX),
    edx: block.u32(L.RDX),
    esi: block.u32(L.RSI),
    edi: block.u32(L.RDI),
    ebp: block.u32(L.RBP),
    esp: block.u32(L.RSP),
    cr0: block.u32(L.CR0),
    cr2: block.u32(L.CR2),
    cr3: block.u32(L.CR3),
    cr4: block.u32(L.CR4),
    cs: selector(L.SEG_CS),
    ss: selector(L.SEG_SS),
    ds: selector(L.SEG_DS),
    es: selector(L.SEG_ES),
    fs: selector(L.SEG_FS),
    gs: selector(L.SEG_GS),
  };
}
