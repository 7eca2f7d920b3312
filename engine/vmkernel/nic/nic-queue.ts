// The cable between a network card in a vCPU's worker and its port in the host's worker: a ring of frames each way in shared
// memory, and who wakes whom.
//
//   word 0 BELL        waited on by the host; changed when it must wake
//   word 1 HOST_WAITS  the host has found its ring empty and wants the bell
//   word 2 GUEST_WAITS the vCPU has found its ring empty, or its own outgoing ring full, and wants its doorbell
//   word 3, 4 ADDRESS  the card's own address, as the guest's driver set it last: bytes 0..3 and 4..5, little-endian
//   word 5 ADDRESSES   how often it was set
//   words 6 to 9       frames that the card dropped: runts, oversize, malformed, unwanted, as NicCounters has them
//   then the ring from the guest, then the ring to the guest
//
// A side that is about to wait sets its flag, looks once more, and only then waits; the other side, after each change, takes
// the flag away and rings if it was set. So a busy side is never rung, and none waits for what is already there.

import { MAXIMUM_FRAME, type NicCounters } from '../../pc/bus/nic.ts';
import { Doorbell } from '../shared/doorbell.ts';
import { waitForChange } from '../shared/shared-wait.ts';
import type { YieldTask } from '../shared/yield-task.ts';
import { FrameRing } from './frame-ring.ts';

const BELL = 0;
const HOST_WAITS = 1;
const GUEST_WAITS = 2;
const ADDRESS = 3;
const ADDRESSES = 5;
const DROPS = 6;
const DROP_COUNTERS = ['runts', 'oversize', 'malformed', 'unwanted'] as const;
const HEADER_BYTES = 40;
/** Bytes each way: some 340 frames of full size. */
const CAPACITY = 512 * 1024;
/** Frames that the host takes before other work of its worker has its turn. */
const BATCH = 256;

/** Frames that a card dropped, by reason. */
export type CardDrops = Pick<NicCounters, (typeof DROP_COUNTERS)[number]>;

export function createNicQueue(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + 2 * FrameRing.bytesFor(CAPACITY));
}

function rings(buffer: SharedArrayBuffer): { fromGuest: FrameRing; toGuest: FrameRing } {
  return {
    fromGuest: new FrameRing(buffer, HEADER_BYTES, CAPACITY),
    toGuest: new FrameRing(buffer, HEADER_BYTES + FrameRing.bytesFor(CAPACITY), CAPACITY),
  };
}

/** The vCPU worker's end. */
export class GuestNicQueue {
  readonly #words: Int32Array;
  readonly #outgoing: FrameRing;
  readonly #incoming: FrameRing;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    const { fromGuest, toGuest } = rings(buffer);
    this.#outgoing = fromGuest;
    this.#incoming = toGuest;
  }

  /** False when there is no room; the doorbell is rung when there is. */
  transmit(frame: Uint8Array): boolean {
    if (!this.#outgoing.push(frame)) {
      Atomics.store(this.#words, GUEST_WAITS, 1);
      if (!this.#outgoing.push(frame)) return false;
    }
    this.#ringHost();
    return true;
  }

  /** The guest's driver set the card's address (6 bytes). Frames sent before count with the new one. */
  setAddress(mac: Uint8Array): void {
    const view = new DataView(mac.buffer, mac.byteOffset, mac.byteLength);
    Atomics.store(this.#words, ADDRESS, view.getInt32(0, true));
    Atomics.store(this.#words, ADDRESS + 1, view.getUint16(4, true));
    Atomics.add(this.#words, ADDRESSES, 1);
    this.#ringHost();
  }

  /** What the card has dropped up to now. */
  tellDrops(drops: CardDrops): void {
    for (const [n, reason] of DROP_COUNTERS.entries()) Atomics.store(this.#words, DROPS + n, drops[reason]);
  }

  /** Is there room for any frame? */
  get transmitReady(): boolean {
    return this.#outgoing.hasRoom(MAXIMUM_FRAME);
  }

  /** Offers arrived frames until one is refused or none is left; the doorbell is rung for the next one then. */
  receive(take: (frame: Uint8Array) => boolean): void {
    for (;;) {
      const frame = this.#incoming.peek();
      if (frame === undefined) {
        Atomics.store(this.#words, GUEST_WAITS, 1);
        if (this.#incoming.empty) return;
      } else if (take(frame)) this.#incoming.advance();
      else return;
    }
  }

  #ringHost(): void {
    if (Atomics.exchange(this.#words, HOST_WAITS, 0) !== 1) return;
    Atomics.add(this.#words, BELL, 1);
    Atomics.notify(this.#words, BELL);
  }
}

/** What the host does with what comes from the guest. */
export interface NicListener {
  /** The frame is the receiver's. */
  onFrame(frame: Uint8Array<ArrayBuffer>): void;
  /** The card has this address now (6 bytes). */
  onAddress(mac: Uint8Array): void;
}

/** The host worker's end. */
export class HostNicQueue {
  readonly #words: Int32Array;
  readonly #fromGuest: FrameRing;
  readonly #toGuest: FrameRing;
  readonly #doorbell: Doorbell;
  #refused = 0;
  #addresses = 0;
  #closed = false;

  /** `cpu`: machine address of the CPU block of the VM's vCPU. */
  constructor(buffer: SharedArrayBuffer, memory: WebAssembly.Memory, cpu: number) {
    this.#words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    const { fromGuest, toGuest } = rings(buffer);
    this.#fromGuest = fromGuest;
    this.#toGuest = toGuest;
    this.#doorbell = new Doorbell(memory, cpu);
  }

  /** Frames that found the ring to the guest full. */
  get dropped(): number {
    return this.#refused;
  }

  /** Frames that the card dropped, on their way to the guest or from it. */
  get cardDrops(): CardDrops {
    const [runts, oversize, malformed, unwanted] = DROP_COUNTERS.map((_, n) => Atomics.load(this.#words, DROPS + n));
    return { runts, oversize, malformed, unwanted };
  }

  /** Hands a frame to the guest. False when it was dropped: the guest does not keep up. */
  deliver(frame: Uint8Array): boolean {
    const taken = frame.length <= MAXIMUM_FRAME && this.#toGuest.push(frame);
    if (!taken) this.#refused++;
    this.#ringGuest();
    return taken;
  }

  /** Passes what comes from the guest to the listener, in order, until close(). */
  async run(listener: NicListener, yieldTask: YieldTask): Promise<void> {
    while (!this.#closed) {
      const bell = Atomics.load(this.#words, BELL);
      if (this.#drain(listener, BATCH) === BATCH) {
        await new Promise<void>((resolve) => yieldTask(resolve));
        continue;
      }
      Atomics.store(this.#words, HOST_WAITS, 1);
      if (this.#fromGuest.empty && !this.#addressIsNew)
        await waitForChange(this.#words, BELL, bell, Number.POSITIVE_INFINITY);
    }
  }

  /** What the guest has sent so far is still handed over; then run() ends. */
  close(listener: NicListener): void {
    this.#closed = true;
    this.#drain(listener, Number.POSITIVE_INFINITY);
    Atomics.add(this.#words, BELL, 1);
    Atomics.notify(this.#words, BELL);
  }

  get #addressIsNew(): boolean {
    return Atomics.load(this.#words, ADDRESSES) !== this.#addresses;
  }

  #drain(listener: NicListener, limit: number): number {
    if (this.#addressIsNew) this.#takeAddress(listener);
    let count = 0;
    for (let frame = this.#fromGuest.peek(); frame && count < limit; frame = this.#fromGuest.peek()) {
      listener.onFrame(frame.slice());
      this.#fromGuest.advance();
      count++;
    }
    if (count > 0) this.#ringGuest();
    return count;
  }

  #takeAddress(listener: NicListener): void {
    this.#addresses = Atomics.load(this.#words, ADDRESSES);
    const mac = new DataView(new ArrayBuffer(6));
    mac.setInt32(0, Atomics.load(this.#words, ADDRESS), true);
    mac.setUint16(4, Atomics.load(this.#words, ADDRESS + 1), true);
    listener.onAddress(new Uint8Array(mac.buffer));
  }

  #ringGuest(): void {
    if (Atomics.exchange(this.#words, GUEST_WAITS, 0) === 1) this.#doorbell.requestStop();
  }
}
