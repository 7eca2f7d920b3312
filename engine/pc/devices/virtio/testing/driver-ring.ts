// A driver's split virtqueue that keeps to what the specification obliges a driver to and no more (virtio 1.2, §2.7.7,
// §2.7.10, §2.7.13): it notifies the device only when the device asked for that, and has itself interrupted only when it
// asked. With a device that fails to ask, it waits for ever. Tests only.
import { DriverQueue, INDIRECT, NEXT, type Piece, WRITE } from './driver-queue.ts';
import type { GuestRam } from './guest-ram.ts';

const NO_INTERRUPT = 1;
const NO_NOTIFY = 1;
const DESCRIPTOR_BYTES = 16;
/** Room in the indirect table of each head. */
const LONGEST_CHAIN = 8;

export interface RingOptions {
  /** Agreed on VIRTIO_F_EVENT_IDX. */
  eventIndex: boolean;
  /** Agreed on VIRTIO_F_INDIRECT_DESC. */
  indirect: boolean;
  /** Where the ring lies, and the indirect tables behind each other. */
  base: number;
  tables: number;
}

export class DriverRing {
  readonly queue: DriverQueue;
  readonly #options: RingOptions;
  readonly #free: number[];
  /** By head, the descriptors that its chain has in the ring. */
  readonly #chains = new Map<number, number[]>();
  /** Next entry of the used ring to look at. */
  #seen = 0;
  /** The available index when the driver last considered a notification. */
  #considered = 0;

  constructor(ram: GuestRam, size: number, options: RingOptions) {
    this.#options = options;
    this.queue = new DriverQueue(ram, options.base, size);
    this.#free = Array.from({ length: size }, (_, i) => i);
  }

  /** Chains that the device has. */
  get outstanding(): number {
    return this.#chains.size;
  }

  hasRoom(pieces: number): boolean {
    return this.#free.length >= this.#descriptors(pieces);
  }

  /** Makes a chain available, for which there must be room. Returns its head. */
  add(readable: readonly Piece[], writable: readonly Piece[]): number {
    const pieces = [...readable.map((piece) => ({ ...piece, flags: 0 })), ...writable.map(toWrite)];
    if (!this.hasRoom(pieces.length)) throw new Error('the ring is full');
    const indices = this.#free.splice(0, this.#descriptors(pieces.length));
    const [head] = indices;
    if (indices.length < pieces.length) {
      const table = this.#options.tables + head * LONGEST_CHAIN * DESCRIPTOR_BYTES;
      this.#describe(pieces, [...pieces.keys()], table);
      this.queue.describe(head, { address: table, length: pieces.length * DESCRIPTOR_BYTES, flags: INDIRECT });
    } else this.#describe(pieces, indices);
    this.#chains.set(head, indices);
    this.queue.offer(head);
    return head;
  }

  /** Has the device asked to be notified of what was made available since the last call? */
  mustNotify(): boolean {
    const index = this.queue.availableIndex;
    const fresh = (index - this.#considered) & 0xffff;
    this.#considered = index;
    if (fresh === 0) return false;
    if (!this.#options.eventIndex) return (this.queue.usedFlags & NO_NOTIFY) === 0;
    return passes(this.queue.availableEvent, index, fresh);
  }

  /** Takes back a chain that the device has used. */
  takeUsed(): { head: number; length: number } | undefined {
    if (this.queue.usedIndex === this.#seen) return undefined;
    const { id, length } = this.queue.usedAt(this.#seen);
    const indices = this.#chains.get(id);
    if (!indices) throw new Error(`the device gave back ${id}, which it did not have`);
    this.#chains.delete(id);
    this.#free.push(...indices);
    this.#seen = (this.#seen + 1) & 0xffff;
    return { head: id, length };
  }

  /** Asks for an interrupt when `ahead` more chains have been used. True: look again, some have been already. */
  enableInterrupts(ahead = 1): boolean {
    this.queue.availableFlags = 0;
    this.queue.usedEvent = (this.#seen + ahead - 1) & 0xffff;
    return ((this.queue.usedIndex - this.#seen) & 0xffff) >= ahead;
  }

  /** With an event index the flag means nothing: the event stays behind (virtio 1.2, §2.7.7.1). */
  disableInterrupts(): void {
    if (!this.#options.eventIndex) this.queue.availableFlags = NO_INTERRUPT;
  }

  #describe(pieces: readonly (Piece & { flags: number })[], indices: readonly number[], table?: number): void {
    for (const [i, { address, length, flags }] of pieces.entries()) {
      const last = i === pieces.length - 1;
      const descriptor = { address, length, flags: flags | (last ? 0 : NEXT), next: last ? 0 : indices[i + 1] };
      this.queue.describe(indices[i], descriptor, table);
    }
  }

  #descriptors(pieces: number): number {
    return this.#options.indirect ? 1 : pieces;
  }
}

function toWrite(piece: Piece): Piece & { flags: number } {
  return { ...piece, flags: WRITE };
}

/** vring_need_event() of the specification (§2.7.7.1): is `event` among the `fresh` entries before `index`? */
function passes(event: number, index: number, fresh: number): boolean {
  return ((index - event - 1) & 0xffff) < fresh;
}
