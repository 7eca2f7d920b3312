// A packet capture on a host's switch: of one port, or of everything that passes, which with the uplink is the whole subnet.
// Keeps the newest frames in a bounded ring.

import type { Timebase } from '../../base/timebase.ts';
import type { Frame } from '../packet/ethernet.ts';
import type { SwitchPort } from '../switch/switch-port.ts';
import type { Direction, VirtualSwitch } from '../switch/virtual-switch.ts';
import { type CapturedPacket, encodePcapng } from './pcapng.ts';
import { type FrameSummary, summarise } from './summary.ts';

export interface CaptureOptions {
  network: VirtualSwitch;
  timebase: Timebase;
  /** Only what passes this port, both ways; else each frame once, where it enters the switch. */
  port?: SwitchPort;
  /** Bytes kept of each frame; 0 = all. */
  snapLength?: number;
  /** Bytes kept altogether; older frames give way. */
  capacityBytes?: number;
}

/** A frame in the live list. */
export interface CaptureLine extends FrameSummary {
  /** Counts all frames captured, from 1. */
  number: number;
  /** ms since the epoch. */
  timeMs: number;
  /** Name of the port that it passed. */
  port: string;
  /** Bytes. */
  length: number;
}

const DEFAULT_CAPACITY = 8 << 20;
/** What a kept frame costs beside its bytes. */
const OVERHEAD_BYTES = 64;

export class Capture {
  readonly #options: CaptureOptions;
  readonly #snapLength: number;
  readonly #capacity: number;
  readonly #untap: () => void;
  readonly #interfaces: { port: SwitchPort; dropped: number }[] = [];
  /** Those kept have the numbers up to `#count`, without a gap. */
  #ring: CapturedPacket[] = [];
  /** Index of the oldest frame still kept. */
  #first = 0;
  #bytes = 0;
  #count = 0;

  constructor(options: CaptureOptions) {
    this.#options = options;
    this.#snapLength = options.snapLength ?? 0;
    this.#capacity = options.capacityBytes ?? DEFAULT_CAPACITY;
    this.#untap = options.network.tap((port, direction, frame) => {
      const { port: only } = this.#options;
      if (only ? port === only : direction === 'transmitted') this.#keep(port, direction, frame);
    });
  }

  /** Frames captured, those that gave way included. */
  get captured(): number {
    return this.#count;
  }

  /** Frames that gave way to newer ones. */
  get dropped(): number {
    return this.#interfaces.reduce((sum, { dropped }) => sum + dropped, 0);
  }

  /** The newest frames after the one of this number, oldest first. */
  lines(after: number, limit: number): CaptureLine[] {
    const newest = Math.min(limit, this.#ring.length - this.#first, this.#count - after);
    const newer = this.#ring.slice(this.#ring.length - Math.max(0, newest));
    return newer.map((packet, index) => ({
      number: this.#count - newer.length + index + 1,
      timeMs: packet.timeMs,
      port: this.#interfaces[packet.interfaceIndex].port.name,
      length: packet.length,
      ...summarise(packet.bytes as Frame),
    }));
  }

  /** What is kept, as a file for Wireshark. */
  toPcapng(): Frame {
    const interfaces = this.#interfaces.map(({ port, dropped }) => ({ name: port.name, dropped }));
    return encodePcapng(interfaces, this.#ring.slice(this.#first), this.#snapLength);
  }

  /** Captures no more; what was captured stays. */
  stop(): void {
    this.#untap();
  }

  #keep(port: SwitchPort, direction: Direction, frame: Frame): void {
    const bytes = this.#snapLength > 0 ? frame.slice(0, this.#snapLength) : frame.slice();
    this.#count += 1;
    const packet: CapturedPacket = {
      interfaceIndex: this.#interfaceOf(port),
      timeMs: this.#options.timebase.now(),
      bytes,
      length: frame.length,
      direction: direction === 'received' ? 'inbound' : 'outbound',
    };
    this.#ring.push(packet);
    this.#bytes += bytes.length + OVERHEAD_BYTES;
    while (this.#bytes > this.#capacity) this.#dropOldest();
    if (this.#first > 1024 && this.#first * 2 > this.#ring.length) {
      this.#ring = this.#ring.slice(this.#first);
      this.#first = 0;
    }
  }

  #dropOldest(): void {
    const packet = this.#ring[this.#first];
    this.#first += 1;
    this.#bytes -= packet.bytes.length + OVERHEAD_BYTES;
    this.#interfaces[packet.interfaceIndex].dropped += 1;
  }

  #interfaceOf(port: SwitchPort): number {
    const index = this.#interfaces.findIndex((known) => known.port === port);
    return index >= 0 ? index : this.#interfaces.push({ port, dropped: 0 }) - 1;
  }
}
