// A split virtqueue (virtio 1.2, §2.7), the device's side. The driver's rings lie in guest memory:
//
//   descriptor table   size × 16
//   available ring     flags u16, idx u16, ring u16 × size, used_event u16
//   used ring          flags u16, idx u16, (id u32, len u32) × size, avail_event u16
//
// A ring that makes no sense (outside of RAM, or more entries than it can hold) breaks the queue: it does nothing more until
// the driver resets the device.
import type { DmaMemory } from '../../machine/device.ts';
import { type Chain, readChain } from './descriptor-chain.ts';
import type { VirtqueueState } from './persist.ts';

const NO_INTERRUPT = 1;
const NO_NOTIFY = 1;
const IDX = 2;
const RING = 4;
const USED_ENTRY = 8;

export class Virtqueue {
  readonly maximumSize: number;
  readonly #memory: DmaMemory;
  readonly #word = new Uint8Array(2);
  readonly #usedEntry = new Uint8Array(USED_ENTRY);
  readonly #usedView = new DataView(this.#usedEntry.buffer);
  #s: VirtqueueState;
  /** Both sides have agreed on VIRTIO_F_EVENT_IDX. */
  eventIndex = false;

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

  /** Guest-physical addresses of the three parts, as the registers show them. */
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

  /** Takes the next chain that the driver has made available: undefined when there is none, 'malformed' as the case may be. */
  take(): Chain | { head: number; malformed: true } | undefined {
    const s = this.#s;
    const { descriptors, available } = s.addresses;
    if (!s.enabled || s.broken) return undefined;
    const index = this.#read16(available + IDX);
    const waiting = (index - s.availableIndex) & 0xffff;
    if (waiting > s.size) s.broken = true;
    if (s.broken || waiting === 0) return undefined;
    const head = this.#read16(available + RING + 2 * (s.availableIndex & (s.size - 1)));
    if (s.broken) return undefined;
    s.availableIndex = (s.availableIndex + 1) & 0xffff;
    return readChain(this.#memory, descriptors, s.size, head) ?? { head, malformed: true };
  }

  /** Leaves the last `count` chains taken to be taken again. */
  putBack(count: number): void {
    this.#s.availableIndex = (this.#s.availableIndex - count) & 0xffff;
  }

  /** Gives a chain back to the driver; `written`: bytes put into its writable part. */
  complete(head: number, written: number): void {
    const s = this.#s;
    const { used } = s.addresses;
    this.#usedView.setUint32(0, head, true);
    this.#usedView.setUint32(4, written, true);
    if (!this.#memory.write(used + RING + USED_ENTRY * (s.usedIndex & (s.size - 1)), this.#usedEntry)) s.broken = true;
    s.usedIndex = (s.usedIndex + 1) & 0xffff;
    this.#write16(used + IDX, s.usedIndex);
  }

  /** Does the driver want to hear of what was completed since the last call? */
  interruptDue(): boolean {
    const s = this.#s;
    const { available } = s.addresses;
    const before = s.signalledIndex;
    const fresh = (s.usedIndex - before) & 0xffff;
    if (fresh === 0 || s.broken) return false;
    s.signalledIndex = s.usedIndex;
    if (!this.eventIndex) return (this.#read16(available) & NO_INTERRUPT) === 0;
    const event = this.#read16(available + RING + 2 * s.size);
    return ((s.usedIndex - event - 1) & 0xffff) < fresh;
  }

  /** Asks the driver to notify, or not to, when it makes more available. It may do so all the same. */
  setNotification(wanted: boolean): void {
    const s = this.#s;
    const { available, used } = s.addresses;
    if (!s.enabled || s.broken) return;
    if (!this.eventIndex) this.#write16(used, wanted ? 0 : NO_NOTIFY);
    else if (wanted) this.#write16(used + RING + USED_ENTRY * s.size, this.#read16(available + IDX));
  }

  save(): VirtqueueState {
    return structuredClone(this.#s);
  }

  restore(state: VirtqueueState): void {
    this.#s = structuredClone(state);
  }

  #read16(address: number): number {
    if (!this.#memory.read(address, this.#word)) {
      this.#s.broken = true;
      return 0;
    }
    return this.#word[0] | (this.#word[1] << 8);
  }

  #write16(address: number, value: number): void {
    this.#word[0] = value & 0xff;
    this.#word[1] = value >> 8;
    if (!this.#memory.write(address, this.#word)) this.#s.broken = true;
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
