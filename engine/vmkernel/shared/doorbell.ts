// A vCPU's doorbell: the DOORBELL word of its CPU block. Any thread rings; the vCPU sees the bits at the next block boundary
// or, when halted, wakes up.
//
// Who clears: DOORBELL_STOP only the vCPU's run loop; DOORBELL_INTR only the interrupt controller's output (same worker);
// DOORBELL_NMI the CPU when it takes the NMI.

import { DOORBELL, DOORBELL_INTR, DOORBELL_NMI, DOORBELL_STOP, RUN_HALTED, RUN_STATE } from '../../cpu/abi/layout.ts';
import type { WaitForChange } from './shared-wait.ts';

export class Doorbell {
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #runState: number;

  /** `cpu`: machine address of the CPU block. */
  constructor(memory: WebAssembly.Memory, cpu: number) {
    this.#words = new Int32Array(memory.buffer);
    this.#index = (cpu + DOORBELL) / 4;
    this.#runState = (cpu + RUN_STATE) / 4;
  }

  get value(): number {
    return Atomics.load(this.#words, this.#index);
  }

  /** Makes the vCPU come to its safe point, soon. */
  requestStop(): void {
    Atomics.or(this.#words, this.#index, DOORBELL_STOP);
    Atomics.notify(this.#words, this.#index);
  }

  /** The same for what can wait until a halted CPU runs again: to ring would count as work for the guest. */
  requestStopIfRunning(): void {
    if (Atomics.load(this.#words, this.#runState) !== RUN_HALTED) this.requestStop();
  }

  clearStop(): void {
    Atomics.and(this.#words, this.#index, ~DOORBELL_STOP);
  }

  /** The INTR pin. */
  setInterrupt(level: boolean): void {
    if (level) Atomics.or(this.#words, this.#index, DOORBELL_INTR);
    else Atomics.and(this.#words, this.#index, ~DOORBELL_INTR);
    if (level) Atomics.notify(this.#words, this.#index);
  }

  /** The NMI pin's edge. */
  raiseNmi(): void {
    Atomics.or(this.#words, this.#index, DOORBELL_NMI);
    Atomics.notify(this.#words, this.#index);
  }

  /** For a restored CPU to which none has come. */
  clearNmi(): void {
    Atomics.and(this.#words, this.#index, ~DOORBELL_NMI);
  }

  /** Resolves when the word is no longer `value`, when the doorbell was rung, or after `timeoutMs`. */
  wait(value: number, timeoutMs: number, waitForChange: WaitForChange): Promise<void> {
    return waitForChange(this.#words, this.#index, value, timeoutMs);
  }
}
