// The gate of address line A20. Two devices switch it, the keyboard controller and port 92h; the last writer wins and both
// read back the gate's true state. Open after power-on, as a BIOS leaves it.
import type { Device } from '../bus/device.ts';
import { requireForm } from '../bus/saved-form.ts';

interface A20State {
  version: 1;
  enabled: boolean;
}

export class A20Gate implements Device<A20State> {
  readonly name = 'a20';
  readonly #line: (enabled: boolean) => void;
  #enabled = true;

  /** `line` is called at every change, and with the state after reset and restore. */
  constructor(line: (enabled: boolean) => void) {
    this.#line = line;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  set(enabled: boolean): void {
    if (enabled === this.#enabled) return;
    this.#enabled = enabled;
    this.#line(enabled);
  }

  reset(): void {
    this.#enabled = true;
    this.#line(true);
  }

  save(): A20State {
    return { version: 1, enabled: this.#enabled };
  }

  restore(state: A20State): void {
    this.#enabled = requireForm(this.name, state, this.save()).enabled;
    this.#line(this.#enabled);
  }
}
