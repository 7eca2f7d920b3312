// A VM on its way to another host: what its guest does meanwhile by itself waits for how the migration ends, and so does input while
// the vCPU is stopped for the switch-over.

import type { VcpuStop } from '../vcpu/vcpu-api.ts';
import { END_WORDS } from './guest-end.ts';

export class Departure {
  /** What the guest did; acted on when the migration has ended, which it does at once. */
  #postponed: VcpuStop | undefined;
  #onEnded = (_reason: string) => {};
  #inputGate: Promise<void> | undefined;

  /** `onEnded` is called, with a user-facing sentence, if the guest ends by itself before the migration does. */
  begin(onEnded: (reason: string) => void): void {
    this.#onEnded = onEnded;
  }

  /** Of the VM called `name`. */
  postpone(stop: VcpuStop, name: string): void {
    if (this.#postponed) return;
    this.#postponed = stop;
    this.#onEnded(this.stopped(name) ?? '');
  }

  /** The VM stays: what has waited happens now. */
  takePostponed(): VcpuStop | undefined {
    const stop = this.#postponed;
    this.#postponed = undefined;
    return stop;
  }

  /** Why the migration cannot go on: the guest of the VM called `name` has stopped by itself. */
  stopped(name: string): string | undefined {
    return this.#postponed && `${name} ${END_WORDS[this.#postponed.reason]}.`;
  }

  /** Resolves when input may go to the vCPU. */
  get inputGate(): Promise<void> | undefined {
    return this.#inputGate;
  }

  /** Input from now on waits until the returned function is called. */
  holdInput(): () => void {
    let release = () => {};
    this.#inputGate = new Promise((resolve) => {
      release = resolve;
    });
    return () => {
      this.#inputGate = undefined;
      release();
    };
  }
}
