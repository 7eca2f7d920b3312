// Typed access to the fields of a CPU block from TypeScript. Field offsets are those of cpu/abi/layout.ts; everything is
// little-endian as WebAssembly has it. Counters may be read from any thread; the rest only in the vCPU's worker or while
// the vCPU is stopped.

import { CPU_BLOCK_SIZE } from '../../cpu/abi/layout.ts';

export class CpuBlock {
  readonly #view: DataView;

  /** `cpu`: machine address of the block. */
  constructor(memory: WebAssembly.Memory, cpu: number) {
    this.#view = new DataView(memory.buffer, cpu, CPU_BLOCK_SIZE);
  }

  u32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  setU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  u64(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }

  setU64(offset: number, value: bigint): void {
    this.#view.setBigUint64(offset, value, true);
  }

  /** A counter, as a number (exact up to 2^53). */
  counter(offset: number): number {
    return this.u32(offset + 4) * 2 ** 32 + this.u32(offset);
  }

  setCounter(offset: number, value: number): void {
    this.setU64(offset, BigInt(value));
  }
}
