// Both ways in which a driver reaches a virtio function's registers (virtio 1.2, §4.1.4 and §4.1.4.10), and the sequence by
// which it starts the device (§3.1). Tests only.
import type { MmioBus } from '../../../bus/mmio-bus.ts';
import type { IoPortBus } from '../../../bus/port-bus.ts';
import type { FeatureSet } from '../features.ts';
import type { DriverQueue } from './driver-queue.ts';

export type Interface = 'modern' | 'legacy';

export interface Function {
  ports: IoPortBus;
  mmio: MmioBus;
  /** Where the guest has put the I/O BAR and the memory BAR. */
  io: number;
  memory: number;
}

const ACKNOWLEDGE = 1;
const DRIVER = 2;
const DRIVER_OK = 4;
const FEATURES_OK = 8;

export interface VirtioRegisters {
  offered(): FeatureSet;
  /** Resets the device and negotiates features. False: the device does not take them. */
  negotiate(features: FeatureSet): boolean;
  /** Most entries that a queue can have; for a legacy driver, those that it has. */
  queueSize(queue: number): number;
  place(queue: number, ring: DriverQueue): void;
  go(): void;
  notify(queue: number): void;
  /** Reading it acknowledges. */
  interruptStatus(): number;
  config(offset: number, size: number): number;
}

export function registersOf(kind: Interface, at: Function): VirtioRegisters {
  return kind === 'modern' ? new Modern(at) : new Legacy(at);
}

class Modern implements VirtioRegisters {
  readonly #at: Function;

  constructor(at: Function) {
    this.#at = at;
  }

  offered(): FeatureSet {
    const [low, high] = [0, 1].map((select) => {
      this.#write(0, 4, select);
      return this.#read(4, 4);
    });
    return { low, high };
  }

  negotiate({ low, high }: FeatureSet): boolean {
    this.#write(20, 1, 0);
    this.#write(20, 1, ACKNOWLEDGE | DRIVER);
    for (const [select, word] of [low, high].entries()) {
      this.#write(8, 4, select);
      this.#write(12, 4, word);
    }
    this.#write(20, 1, ACKNOWLEDGE | DRIVER | FEATURES_OK);
    return (this.#read(20, 1) & FEATURES_OK) !== 0;
  }

  queueSize(queue: number): number {
    this.#write(22, 2, queue);
    return this.#read(24, 2);
  }

  place(queue: number, ring: DriverQueue): void {
    this.#write(22, 2, queue);
    this.#write(24, 2, ring.size);
    this.#write(32, 4, ring.descriptors);
    this.#write(40, 4, ring.available);
    this.#write(48, 4, ring.used);
    this.#write(28, 2, 1);
  }

  go(): void {
    this.#write(20, 1, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
  }

  notify(queue: number): void {
    this.#write(0x3000 + 4 * queue, 2, queue);
  }

  interruptStatus(): number {
    return this.#read(0x1000, 1);
  }

  config(offset: number, size: number): number {
    return this.#read(0x2000 + offset, size);
  }

  #read(offset: number, size: number): number {
    return this.#at.mmio.read(this.#at.memory + offset, size);
  }

  #write(offset: number, size: number, value: number): void {
    this.#at.mmio.write(this.#at.memory + offset, size, value);
  }
}

class Legacy implements VirtioRegisters {
  readonly #at: Function;

  constructor(at: Function) {
    this.#at = at;
  }

  offered(): FeatureSet {
    return { low: this.#read(0, 4), high: 0 };
  }

  negotiate({ low }: FeatureSet): boolean {
    this.#write(18, 1, 0);
    this.#write(18, 1, ACKNOWLEDGE | DRIVER);
    this.#write(4, 4, low);
    return true;
  }

  queueSize(queue: number): number {
    this.#write(14, 2, queue);
    return this.#read(12, 2);
  }

  place(queue: number, ring: DriverQueue): void {
    this.#write(14, 2, queue);
    this.#write(8, 4, ring.descriptors / 4096);
  }

  go(): void {
    this.#write(18, 1, ACKNOWLEDGE | DRIVER | DRIVER_OK);
  }

  notify(queue: number): void {
    this.#write(16, 2, queue);
  }

  interruptStatus(): number {
    return this.#read(19, 1);
  }

  config(offset: number, size: number): number {
    return this.#read(20 + offset, size);
  }

  #read(offset: number, size: number): number {
    return this.#at.ports.read(this.#at.io + offset, size);
  }

  #write(offset: number, size: number, value: number): void {
    this.#at.ports.write(this.#at.io + offset, size, value);
  }
}
