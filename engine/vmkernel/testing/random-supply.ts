// A supply that takes pages of a running VM away at random, keeps them where no guest can see them, and brings back what is wanted some
// time later, elsewhere in the machine. Nothing of a guest may depend on it. Tests only.

import { PAGE_SIZE } from '../../base/sizes.ts';
import { systemTimebase } from '../../base/timebase.ts';
import type { MachineMemory } from '../memory/machine-memory.ts';
import type { PageSupply } from '../memory/page-supply.ts';
import type { VmMemory } from '../memory/vm-memory.ts';
import { Doorbell } from '../shared/doorbell.ts';
import { requestShootdown } from '../shared/shootdown.ts';

export interface RandomSupplyOptions {
  /** ms between two takings. */
  everyMs?: number;
  /** One present page in so many goes each time. */
  oneIn?: number;
  /** A page comes after up to so many ms. */
  lateMs?: number;
}

export class RandomSupply implements PageSupply {
  /** Pages that were taken, and brought back. */
  taken = 0;
  brought = 0;
  readonly #host: MachineMemory;
  readonly #vm: VmMemory;
  readonly #bytes: Uint8Array;
  readonly #options: Required<RandomSupplyOptions>;
  readonly #doorbell: Doorbell;
  /** Contents of the pages that are away. */
  readonly #away = new Map<number, Uint8Array>();
  /** On their way out: no longer in the p2m, not yet copied. */
  readonly #leaving = new Set<number>();
  readonly #waiting = new Map<number, (() => void)[]>();
  #freed = false;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(host: MachineMemory, vm: VmMemory, { everyMs = 3, oneIn = 8, lateMs = 2 }: RandomSupplyOptions = {}) {
    this.#host = host;
    this.#vm = vm;
    this.#options = { everyMs, oneIn, lateMs };
    this.#bytes = new Uint8Array(host.memory.buffer);
    this.#doorbell = new Doorbell(host.memory, vm.cpu);
    this.#later(everyMs, () => void this.#takeAgainAndAgain());
  }

  want(page: number): void {
    this.#later(Math.random() * this.#options.lateMs, () => this.#put(page));
  }

  bring(page: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(page) ?? [];
      this.#waiting.set(page, [...waiting, resolve]);
      this.want(page);
    });
  }

  store(page: number, contents: Uint8Array | undefined): void {
    this.#leaving.delete(page);
    this.#away.set(page, contents?.slice() ?? new Uint8Array(PAGE_SIZE));
    this.#vm.guest.log.mark(page);
  }

  clear(): void {
    for (const contents of this.#away.values()) contents.fill(0);
  }

  free(): void {
    this.#freed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#away.clear();
  }

  #later(ms: number, callback: () => void): void {
    if (this.#freed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#freed) callback();
    }, ms);
    this.#timers.add(timer);
  }

  #put(page: number): void {
    // It has been asked for before it was copied.
    if (this.#leaving.has(page)) {
      this.want(page);
      return;
    }
    const contents = this.#away.get(page);
    if (contents) {
      const machine = this.#host.allocatePage();
      this.#bytes.set(contents, machine);
      this.#away.delete(page);
      if (!this.#vm.p2m.give(page, machine)) throw new Error(`page ${page} was brought by somebody else`);
      this.brought++;
    }
    this.#doorbell.requestStop();
    for (const resolve of this.#waiting.get(page) ?? []) resolve();
    this.#waiting.delete(page);
  }

  async #takeAgainAndAgain(): Promise<void> {
    const left = new Map<number, number>();
    for (let page = 0; page < this.#vm.p2m.pages; page++) {
      if (Math.random() * this.#options.oneIn >= 1) continue;
      const machine = this.#vm.p2m.take(page);
      if (machine === undefined) continue;
      left.set(page, machine);
      this.#leaving.add(page);
    }
    await requestShootdown(this.#host.memory, this.#vm.cpu, systemTimebase);
    for (const [page, machine] of left) {
      // Else something else has been stored meanwhile.
      if (this.#leaving.delete(page)) this.#away.set(page, this.#bytes.slice(machine, machine + PAGE_SIZE));
      this.#host.freePage(machine);
      this.taken++;
    }
    if (this.#freed) this.#away.clear();
    this.#later(this.#options.everyMs, () => void this.#takeAgainAndAgain());
  }
}
