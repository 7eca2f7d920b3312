// One port of a virtio console device: what has come for the guest and found no buffer, and whether the guest has it open.

import type { SerialPort } from '../../bus/board.ts';

/** Bytes that wait for the guest's buffers at most. */
const INPUT_LIMIT = 4096;

export interface PortWiring {
  /** What the guest's driver finds it by; empty: it has no name. */
  name: string;
  output(bytes: Uint8Array): void;
  /** The guest has opened or closed it. */
  opened(open: boolean): void;
  /** It had refused input and has room again. */
  room(): void;
}

export class VirtioSerialPort implements SerialPort {
  readonly number: number;
  readonly wiring: PortWiring;
  #input = new Uint8Array(0);
  #guestOpen = false;
  #refused = false;
  readonly #arrived: () => void;

  /** `arrived`: there is input. */
  constructor(number: number, wiring: PortWiring, arrived: () => void) {
    this.number = number;
    this.wiring = wiring;
    this.#arrived = arrived;
  }

  get guestOpen(): boolean {
    return this.#guestOpen;
  }

  /** The guest opens or closes it. What nobody has read is gone when it is closed. */
  setOpen(open: boolean): void {
    if (open === this.#guestOpen) return;
    this.#guestOpen = open;
    if (!open) this.discardInput();
    this.wiring.opened(open);
  }

  /** What nobody reads is dropped, and counts as taken. */
  receive(bytes: Uint8Array): number {
    if (!this.#guestOpen) return bytes.length;
    const taken = bytes.subarray(0, INPUT_LIMIT - this.#input.length);
    if (taken.length > 0) {
      this.#input = joined(this.#input, taken);
      this.#arrived();
    }
    this.#refused ||= taken.length < bytes.length;
    return taken.length;
  }

  discardInput(): void {
    this.taken(this.#input.length);
  }

  /** What waits, in order. */
  get input(): Uint8Array {
    return this.#input;
  }

  /** The guest has had the first `count` bytes of it. */
  taken(count: number): void {
    this.#input = this.#input.slice(count);
    if (!this.#refused) return;
    this.#refused = false;
    this.wiring.room();
  }

  restore(guestOpen: boolean, input: Uint8Array): void {
    this.#guestOpen = guestOpen;
    this.#input = input.slice(0, INPUT_LIMIT);
    // The other end does not know yet.
    if (guestOpen) this.wiring.opened(true);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
