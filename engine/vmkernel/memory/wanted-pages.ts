// The pages of the VM's memory that the vCPU and its devices need and that are absent: each is requested from the host once a
// slice. It may have come and gone again before it was used.

import { MEM_PAGES, P2M } from '../../cpu/abi/layout.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import { P2m } from './p2m.ts';

export class WantedPages {
  readonly #p2m: P2m;
  readonly #ask: (page: number, write: boolean) => void;
  /** In this slice: by page, whether it is to be written. */
  readonly #asked = new Map<number, boolean>();

  /** `cpu`: machine address of the CPU block. */
  constructor(memory: WebAssembly.Memory, cpu: number, ask: (page: number, write: boolean) => void) {
    const block = new CpuBlock(memory, cpu);
    this.#p2m = new P2m(memory, block.u32(P2M), block.u32(MEM_PAGES));
    this.#ask = ask;
  }

  /** True if the page can be used now. */
  need(page: number, write: boolean): boolean {
    if (this.#p2m.isUsable(page, write)) return true;
    const asked = this.#asked.get(page);
    if (asked === undefined || (write && !asked)) {
      this.#asked.set(page, write);
      this.#ask(page, write);
    }
    return false;
  }

  /** Is all that was asked for in this slice there? */
  get allCame(): boolean {
    return [...this.#asked].every(([page, write]) => this.#p2m.isUsable(page, write));
  }

  beginSlice(): void {
    this.#asked.clear();
  }
}
