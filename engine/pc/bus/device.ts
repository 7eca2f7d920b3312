// What a device is to the machine: ports, interrupt lines, time, and a saved form. Devices run in their vCPU's worker, know
// neither DOM nor CPU internals, and keep no module-level state.

/** One device of the PC. `save` returns plain structured-cloneable data, versioned; `restore` throws StateError on a form it does not know. */
export interface Device<State = unknown> {
  readonly name: string;
  reset(): void;
  save(): State;
  restore(state: State): void;
  /** Hands over output that is being gathered. */
  flush?(): void;
  /** Guest time goes on after it stood still, or was restored. */
  resumed?(): void;
}

/** Sizes are bytes: 1, 2 or 4. Reads return unsigned values. */
export interface PortHandler {
  read(port: number, size: number): number;
  write(port: number, size: number, value: number): void;
}

export interface PortBus {
  /** Throws if a port of the range is taken. */
  register(first: number, count: number, handler: PortHandler): void;
}

/** Guest time. Nanoseconds since power-on, monotonic, continued (not restarted) after a migration. */
export interface Clock {
  now(): number;
  /**
   * One-shot; the callback runs in the vCPU's worker between slices, never re-entrantly. `tolerance`: by how many ns it may be
   * late while the guest is idle (default 0), so that the timers of an idle guest can be served together.
   */
  schedule(deadline: number, callback: () => void, tolerance?: number): TimerHandle;
}
export interface TimerHandle {
  cancel(): void;
}

/** An input of the interrupt controller. Level-triggered semantics are the controller's business. */
export type InterruptLine = (level: boolean) => void;

/**
 * Guest-physical memory as a bus master reaches it, in the vCPU's worker, inside a transfer (transfers.ts). What is written is
 * entered in the dirty log and invalidates code decoded from there. False, with nothing done, when the range is not all RAM.
 * Throws PageAbsentError, with nothing done, when it is RAM and a page of it is absent.
 */
export interface DmaMemory {
  /** Fills `into` from `physical` on. */
  read(physical: number, into: Uint8Array): boolean;
  write(physical: number, bytes: Uint8Array): boolean;
  /** True: `size` bytes from `physical` on can be read and written until the transfer is over. */
  require(physical: number, size: number): boolean;
}

/** A page of RAM is not there now: the transfer that needs it is tried again later. */
export class PageAbsentError extends Error {
  override name = 'PageAbsentError';
  /** Guest-physical, in the absent page. */
  readonly physical: number;

  constructor(physical: number) {
    super(`the guest's page at 0x${physical.toString(16)} is absent`);
    this.physical = physical;
  }
}

/** Two devices want the same ports, memory or PCI function, or a device one that there is not. The message is a sentence without its end. */
export class PlaceTakenError extends Error {
  override name = 'PlaceTakenError';
}

export class StateError extends Error {
  override name = 'StateError';
}
