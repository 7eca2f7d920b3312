// The driver's side of a split virtqueue, written from the specification (virtio 1.2, §2.7). Tests only.
import type { GuestRam } from './guest-ram.ts';

export const NEXT = 1;
export const WRITE = 2;
export const INDIRECT = 4;

export interface Piece {
  /** Guest-physical. */
  address: number;
  length: number;
}

export interface Descriptor extends Piece {
  flags?: number;
  next?: number;
}

export class DriverQueue {
  readonly ram: GuestRam;
  readonly size: number;
  readonly descriptors: number;
  readonly available: number;
  readonly used: number;
  #seen = 0;

  /** Lays the three parts out from `base` on, as a legacy driver must; another may have its available ring elsewhere. */
  constructor(ram: GuestRam, base: number, size: number, available = base + 16 * size) {
    this.ram = ram;
    this.size = size;
    this.descriptors = base;
    this.available = available;
    this.used = (this.available + 6 + 2 * size + 4095) & ~4095;
  }

  get availableIndex(): number {
    return this.ram.view.getUint16(this.available + 2, true);
  }

  set availableIndex(index: number) {
    this.ram.view.setUint16(this.available + 2, index, true);
  }

  get usedIndex(): number {
    return this.ram.view.getUint16(this.used + 2, true);
  }

  get usedFlags(): number {
    return this.ram.view.getUint16(this.used, true);
  }

  /** What the device wants to be notified of (VIRTIO_F_EVENT_IDX). */
  get availableEvent(): number {
    return this.ram.view.getUint16(this.used + 4 + 8 * this.size, true);
  }

  set usedEvent(index: number) {
    this.ram.view.setUint16(this.available + 4 + 2 * this.size, index, true);
  }

  set availableFlags(flags: number) {
    this.ram.view.setUint16(this.available, flags, true);
  }

  describe(index: number, descriptor: Descriptor, table = this.descriptors): void {
    const { view } = this.ram;
    const at = table + 16 * index;
    view.setUint32(at, descriptor.address >>> 0, true);
    view.setUint32(at + 4, Math.floor(descriptor.address / 2 ** 32), true);
    view.setUint32(at + 8, descriptor.length, true);
    view.setUint16(at + 12, descriptor.flags ?? 0, true);
    view.setUint16(at + 14, descriptor.next ?? 0, true);
  }

  /** Makes the chain that begins at descriptor `head` available. */
  offer(head: number): void {
    const index = this.availableIndex;
    this.ram.view.setUint16(this.available + 4 + 2 * (index & (this.size - 1)), head, true);
    this.availableIndex = (index + 1) & 0xffff;
  }

  /** The used ring's entry of this index. */
  usedAt(index: number): { id: number; length: number } {
    const at = this.used + 4 + 8 * (index & (this.size - 1));
    return { id: this.ram.view.getUint32(at, true), length: this.ram.view.getUint32(at + 4, true) };
  }

  /** Chains given back since the last call. */
  collect(): { id: number; length: number }[] {
    const entries: { id: number; length: number }[] = [];
    for (; this.#seen !== this.usedIndex; this.#seen = (this.#seen + 1) & 0xffff) entries.push(this.usedAt(this.#seen));
    return entries;
  }
}
