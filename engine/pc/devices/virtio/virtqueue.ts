// A split virtqueue (virtio 1.2, §2.7), the device's side. The driver's rings lie in guest memory:
//
//   descriptor table   size × 16
//   available ring     flags u16, idx u16, ring u16 × size, used_event u16
//   used ring          flags u16, idx u16, (id u32, len u32) × size, avail_event u16
//
// A device works on a queue in a session (`VirtioTransport.withQueue`), and the queue itself sets the notification fields that
// the driver reads: a session that finds the queue empty has thereby asked to be notified of the next chain, and one that
// leaves chains behind says that it need not be (the device comes back by itself). Interrupts are decided at the end of a
// session. So no device can forget either.
//
// A session is part of a transfer (bus/transfers.ts), and its units are: taking chains and completing them. A session begins
// only when the rings are there, so `take` alone may meet an absent page (PageAbsentError), and so may the device with what the
// chain names; `complete` never does. Until it has completed the first of the chains that belong together, the device has
// changed nothing; `abandon` then leaves them as if they had never been taken.
//
// A device whose work takes longer than a session keeps chains (`keep`) and completes them in later ones.
//
// Packed rings (VIRTIO_F_RING_PACKED) are not offered: every driver of version 1.0 and later knows split ones.
//
// A ring that makes no sense (outside of RAM, or more entries than it can hold) breaks the queue: it does nothing more until
// the driver resets the device.
import type { DmaMemory } from '../../bus/device.ts';
import { type Chain, readChain } from './descriptor-chain.ts';
import type { VirtqueueState } from './persist.ts';

const NO_INTERRUPT = 1;
const NO_NOTIFY = 1;
const IDX = 2;
const RING = 4;
const USED_ENTRY = 8;

/** A queue as the registers show it. */
export interface QueueRegisters {
  size: number;
  enabled: boolean;
  /** Guest-physical addresses of the three parts. */
  readonly addresses: VirtqueueState['addresses'];
}

/** A queue in a device's hands, for the duration of a session. */
export interface QueueSession {
  /**
   * Takes the next chain that the driver has made available, malformed as the case may be. Undefined when there is none; the
   * driver has then been asked to notify of the next.
   */
  take(): Chain | MalformedChain | undefined;
  /** Leaves the last `count` chains taken to be taken again. */
  putBack(count: number): void;
  /** Gives a chain back to the driver; `written`: bytes put into its writable part. */
  complete(head: number, written: number): void;
  /** The chain taken last stays with the device when the session ends, as one that is completed in a later session. */
  keep(): void;
  /** As `complete`, for a chain that was kept. */
  completeKept(head: number, written: number): void;
  /** Reads a chain again that was kept by a device which has been restored since. */
  retake(head: number): Chain | MalformedChain;
}

export interface MalformedChain {
  head: number;
  malformed: true;
}

export class Virtqueue implements QueueRegisters, QueueSession {
  readonly maximumSize: number;
  readonly #memory: DmaMemory;
  readonly #word = new Uint8Array(2);
  readonly #usedEntry = new Uint8Array(USED_ENTRY);
  readonly #usedView = new DataView(this.#usedEntry.buffer);
  #s: VirtqueueState;
  /** Both sides have agreed on VIRTIO_F_EVENT_IDX. */
  eventIndex = false;
  /** The session has taken chains and has not found the queue empty since. */
  #leftover = false;
  /** Chains that the session has taken, and has neither completed nor put back. */
  #inHand = 0;

  constructor(memory: DmaMemory, maximumSize: number) {
    this.#memory = memory;
    this.maximumSize = maximumSize;
    this.#s = initialState(maximumSize);
  }

  get size(): number {
    return this.#s.size;
  }

  /** A power of two not above maximumSize; anything else leaves it as it is. */
  set size(size: number) {
    if (size >= 1 && size <= this.maximumSize && (size & (size - 1)) === 0) this.#s.size = size;
  }

  get enabled(): boolean {
    return this.#s.enabled;
  }

  set enabled(enabled: boolean) {
    this.#s.enabled = enabled;
  }

  get addresses(): VirtqueueState['addresses'] {
    return this.#s.addresses;
  }

  get broken(): boolean {
    return this.#s.broken;
  }

  reset(): void {
    this.#s = initialState(this.maximumSize);
    this.eventIndex = false;
  }

  // ---- A session

  /** Rings that do not lie in RAM break the queue. Throws PageAbsentError, with nothing done, when they are not there. */
  begin(): void {
    const s = this.#s;
    this.#leftover = false;
    this.#inHand = 0;
    if (!s.enabled || s.broken) return;
    const event = this.eventIndex ? 2 : 0;
    const { available, used } = s.addresses;
    const inRam =
      this.#memory.require(available, RING + 2 * s.size + event) &&
      this.#memory.require(used, RING + USED_ENTRY * s.size + event);
    if (!inRam) s.broken = true;
  }

  take(): Chain | MalformedChain | undefined {
    const s = this.#s;
    if (!s.enabled || s.broken) return undefined;
    // What the driver adds while it is being asked to notify, it may not notify of: hence the second look (§2.7.7.1).
    if (this.#waiting() === 0) this.#askForNotification();
    if (this.#waiting() === 0) {
      this.#leftover = false;
      return undefined;
    }
    const { available } = s.addresses;
    const head = this.#read16(available + RING + 2 * (s.availableIndex & (s.size - 1)));
    const chain = this.retake(head);
    s.availableIndex = (s.availableIndex + 1) & 0xffff;
    this.#inHand++;
    this.#leftover = true;
    return chain;
  }

  putBack(count: number): void {
    this.#inHand -= count;
    this.#s.availableIndex = (this.#s.availableIndex - count) & 0xffff;
  }

  retake(head: number): Chain | MalformedChain {
    const s = this.#s;
    return readChain(this.#memory, s.addresses.descriptors, s.size, head) ?? { head, malformed: true };
  }

  keep(): void {
    this.#inHand--;
  }

  complete(head: number, written: number): void {
    this.#inHand--;
    this.completeKept(head, written);
  }

  completeKept(head: number, written: number): void {
    const s = this.#s;
    const { used } = s.addresses;
    this.#usedView.setUint32(0, head, true);
    this.#usedView.setUint32(4, written, true);
    this.#memory.write(used + RING + USED_ENTRY * (s.usedIndex & (s.size - 1)), this.#usedEntry);
    s.usedIndex = (s.usedIndex + 1) & 0xffff;
    this.#write16(used + IDX, s.usedIndex);
  }

  /** The session ends early: a page was absent. What it has completed stays so; the next session takes the rest again. */
  abandon(): void {
    this.putBack(this.#inHand);
    // What the driver is to know is said when the chains are taken the next time.
    this.#leftover = false;
  }

  /** Ends the session. Does the driver want an interrupt for what was completed in it? */
  end(): boolean {
    const s = this.#s;
    if (!s.enabled || s.broken) return false;
    // With an event index nothing need be said: the driver has passed it, and notifies of nothing until it is moved.
    if (this.#leftover && !this.eventIndex) this.#write16(s.addresses.used, NO_NOTIFY);
    return this.#interruptDue();
  }

  save(): VirtqueueState {
    return structuredClone(this.#s);
  }

  restore(state: VirtqueueState): void {
    this.#s = structuredClone(state);
  }

  /** Chains that the driver has made available and the device has not taken. More than the ring holds breaks the queue. */
  #waiting(): number {
    const s = this.#s;
    const waiting = (this.#read16(s.addresses.available + IDX) - s.availableIndex) & 0xffff;
    if (waiting > s.size) s.broken = true;
    return s.broken ? 0 : waiting;
  }

  #askForNotification(): void {
    const s = this.#s;
    const { used } = s.addresses;
    if (this.eventIndex) this.#write16(used + RING + USED_ENTRY * s.size, s.availableIndex);
    else this.#write16(used, 0);
  }

  #interruptDue(): boolean {
    const s = this.#s;
    const { available } = s.addresses;
    const fresh = (s.usedIndex - s.signalledIndex) & 0xffff;
    if (fresh === 0) return false;
    s.signalledIndex = s.usedIndex;
    if (!this.eventIndex) return (this.#read16(available) & NO_INTERRUPT) === 0;
    const event = this.#read16(available + RING + 2 * s.size);
    return ((s.usedIndex - event - 1) & 0xffff) < fresh;
  }

  // The rings are in RAM, and there: begin() has seen to that.

  #read16(address: number): number {
    this.#memory.read(address, this.#word);
    return this.#word[0] | (this.#word[1] << 8);
  }

  #write16(address: number, value: number): void {
    this.#word[0] = value & 0xff;
    this.#word[1] = value >> 8;
    this.#memory.write(address, this.#word);
  }
}

function initialState(size: number): VirtqueueState {
  return {
    size,
    enabled: false,
    broken: false,
    addresses: { descriptors: 0, available: 0, used: 0 },
    availableIndex: 0,
    usedIndex: 0,
    signalledIndex: 0,
  };
}
