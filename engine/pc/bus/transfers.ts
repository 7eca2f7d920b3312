// Transfers between devices and guest memory. No device touches guest memory inside a port or MMIO access, a timer or a
// call of its cable: it asks for a transfer, and the vCPU's run loop does it at its next safe point, after due timers and
// arrived frames.
//
// A page of the guest may be absent at that moment. A transfer that meets one (PageAbsentError) has done nothing, is put off,
// and is tried again at the next safe point; the transfers of other devices go on. So a transfer is made of units that
// are done wholly or not at all: each checks that everything it will touch is there (DmaMemory.require) before its first step
// that cannot be undone. That is enough: a page that is there goes away at no other time than at a safe point, before the
// transfers.
//
// Transfers are not saved. A device asks again for what may be due when its state is restored, and a transfer whose reason has
// gone meanwhile (the driver has reset the device) finds nothing to do.
import { type DmaMemory, PageAbsentError } from './device.ts';

/** Distinguished by identity: a device creates each of its transfers once. */
export type Transfer = () => void;

/** What a device sees of it. */
export interface TransferRequests {
  /** Asked for again before it has begun, it is done once. */
  request(transfer: Transfer): void;
}

export class Transfers implements TransferRequests {
  /** Guest memory, for devices: throws outside of a transfer. */
  readonly memory: DmaMemory;
  readonly #requested: () => void;
  /** Not tried since they were asked for, in that order. */
  readonly #fresh = new Set<Transfer>();
  /** Those that met an absent page, with its guest-physical address, in the order in which they were asked for. */
  readonly #putOff = new Map<Transfer, number>();
  #running = false;

  /** `requested`: there is a transfer that has not been tried. */
  constructor(memory: DmaMemory, requested: () => void = () => {}) {
    this.#requested = requested;
    this.memory = {
      read: (physical, into) => this.#open(memory).read(physical, into),
      write: (physical, bytes) => this.#open(memory).write(physical, bytes),
      require: (physical, size) => this.#open(memory).require(physical, size),
    };
  }

  /** Is there one that has not been tried since it was asked for? */
  get due(): boolean {
    return this.#fresh.size > 0;
  }

  /** Guest-physical addresses in absent pages, one for each transfer that waits. Guest memory has requested these pages. */
  get awaited(): readonly number[] {
    return [...this.#putOff.values()];
  }

  request(transfer: Transfer): void {
    if (this.#fresh.has(transfer) || this.#putOff.has(transfer)) return;
    this.#fresh.add(transfer);
    this.#requested();
  }

  /** At a safe point: tries every transfer that was asked for before the call, once. */
  runPending(): void {
    if (this.#fresh.size === 0 && this.#putOff.size === 0) return;
    for (const transfer of [...this.#putOff.keys(), ...this.#fresh]) {
      this.#putOff.delete(transfer);
      this.#fresh.delete(transfer);
      this.#try(transfer);
    }
  }

  /** The machine is being reset. */
  clear(): void {
    this.#fresh.clear();
    this.#putOff.clear();
  }

  #try(transfer: Transfer): void {
    this.#running = true;
    try {
      transfer();
    } catch (error) {
      if (!(error instanceof PageAbsentError)) throw error;
      // It may have asked for itself while it ran.
      this.#fresh.delete(transfer);
      this.#putOff.set(transfer, error.physical);
    } finally {
      this.#running = false;
    }
  }

  #open(memory: DmaMemory): DmaMemory {
    if (!this.#running)
      throw new Error('guest memory touched inside a port or MMIO access, or elsewhere outside a transfer');
    return memory;
  }
}
