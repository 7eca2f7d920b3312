// What the CPU knows of a device's planar memory: fields of the CPU block, which the device works on by itself.

import * as L from '../../cpu/abi/layout.ts';
import type { PlanarMemory, PlanarWindow, RegisterFile } from '../../pc/bus/planar-memory.ts';
import { CpuBlock } from '../shared/cpu-block.ts';

/** `cpu`: machine address of the CPU block. */
export function planarState(memory: WebAssembly.Memory, cpu: number): PlanarMemory {
  const block = new CpuBlock(memory, cpu);
  return {
    sequencer: new BlockRegisters(memory, cpu, L.PLANAR_SEQUENCER),
    graphics: new BlockRegisters(memory, cpu, L.PLANAR_GRAPHICS),
    get latches() {
      return block.u32(L.PLANAR_LATCHES);
    },
    set latches(value) {
      block.setU32(L.PLANAR_LATCHES, value);
    },
    setWindow({ firstPage, memoryPage, mask, bank }: PlanarWindow) {
      block.setU32(L.PLANAR_WINDOW, firstPage);
      block.setU32(L.PLANAR_PAGE, memoryPage);
      block.setU32(L.PLANAR_MASK, mask);
      block.setU32(L.PLANAR_BANK, bank);
    },
  };
}

class BlockRegisters implements RegisterFile {
  readonly values: Uint8Array;
  readonly bits: Uint8Array;
  readonly loud: Uint8Array;
  readonly #block: CpuBlock;
  readonly #file: number;

  constructor(memory: WebAssembly.Memory, cpu: number, file: number) {
    const bytes = (offset: number) => new Uint8Array(memory.buffer, cpu + file + offset, L.REGISTERS_MAXIMUM);
    this.#block = new CpuBlock(memory, cpu);
    this.#file = file;
    this.values = bytes(L.REGISTERS_VALUES);
    this.bits = bytes(L.REGISTERS_BITS);
    this.loud = bytes(L.REGISTERS_LOUD);
  }

  get index(): number {
    return this.#block.u32(this.#file + L.REGISTERS_INDEX);
  }

  set index(value: number) {
    this.#block.setU32(this.#file + L.REGISTERS_INDEX, value);
  }

  place(indexPort: number, count: number, indexBits: number): void {
    this.#block.setU32(this.#file + L.REGISTERS_PORT, indexPort);
    this.#block.setU32(this.#file + L.REGISTERS_COUNT, count);
    this.#block.setU32(this.#file + L.REGISTERS_INDEX_BITS, indexBits);
  }
}
