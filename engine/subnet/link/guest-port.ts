// A NIC's place on the network, and how it moves to another host's switch without losing or doubling a frame.
//
// At the source: `hold` before the vCPU stops; then `handOver` once the VM belongs to the target, or `resume` if it stays.
// At the target: created listening when the VM is expected; `activate` when it runs, with the point that `hold` returned.
//
// Which frames the guest has had follows from the numbers that each host gives the frames it puts on the
// subnet (uplink.ts). The target, listening, keeps copies of what the subnet carries for the NIC; the source says up to which
// number of each host the guest was served. So:
// - a frame that went over the subnet, before, during or after the move: the target has it, and gives it to the guest exactly
//   if its number says that the source did not;
// - a frame between two guests of the source never was on the subnet: the source holds it and sends it after the guest.
// Buffers are bounded; what does not fit is lost, as on any Ethernet, and TCP sends it again.

import { count, DecodeError, fields, identifier } from '../../base/decode.ts';
import type { Timebase } from '../../base/timebase.ts';
import { type Frame, withTag } from '../packet/ethernet.ts';
import { addCounters, countDrop, type Drops, decodeCounters, type PortCounters } from '../switch/counters.ts';
import { isGroupAddress, macAt } from '../switch/mac-table.ts';
import type { PortGroup } from '../switch/port-group.ts';
import type { Origin, SwitchPort } from '../switch/switch-port.ts';
import type { VirtualSwitch } from '../switch/virtual-switch.ts';
import { announce } from './announce.ts';
import { FrameBuffer } from './frame-buffer.ts';
import type { Uplink } from './uplink.ts';

/** Longer than any frame is on its way, ms. */
const FLIGHT_MS = 10_000;

/** How far a guest had been served when its source stopped it. */
export interface HandoverPoint {
  /** By node, the number of its first frame that the guest was not given. */
  next: Map<string, number>;
  /** What its port had counted: the target's goes on from there. */
  counters: PortCounters;
}

/** Validates a point that came from another host. @throws DecodeError */
export function decodeHandoverPoint(value: unknown): HandoverPoint {
  const { next, counters } = fields(value);
  if (!(next instanceof Map)) throw new DecodeError('next is not a map');
  return {
    next: new Map([...next].map(([node, number]) => [identifier(node, 'node'), count(number, 'number')])),
    counters: decodeCounters(counters),
  };
}

export interface GuestPortOptions {
  nodeId: string;
  network: VirtualSwitch;
  uplink: Uplink;
  timebase: Timebase;
  name: string;
  mac: string;
  group: PortGroup;
  /** The VM is on its way here. */
  listening?: boolean;
  /** False if the NIC's queue is full. The frame must not be written to. */
  deliver(frame: Frame): boolean;
  /** What the NIC has dropped itself. */
  cardDrops?(): Drops;
  /** The NIC has left this host. */
  onDetached(): void;
}

export class GuestPort {
  readonly #options: GuestPortOptions;
  readonly #port: SwitchPort;
  readonly #waiting = new FrameBuffer();
  #held = false;
  /** What the guest was given at its source. */
  #served: HandoverPoint['next'] = new Map();
  #stopAnnouncing = () => {};
  #stopForgetting = () => {};

  constructor(options: GuestPortOptions) {
    this.#options = options;
    const { name, mac, group, listening, cardDrops } = options;
    this.#port = options.network.connect({
      name,
      mac,
      group,
      listening,
      cardDrops,
      deliver: (frame, origin) => this.#receive(frame, origin),
    });
  }

  get name(): string {
    return this.#options.name;
  }

  get mac(): string {
    return this.#options.mac;
  }

  get counters(): Readonly<PortCounters> {
    return this.#port.counters;
  }

  /** From the guest. The frame must not be written to afterwards. */
  transmit(frame: Frame): void {
    this.#options.network.transmit(this.#port, frame);
  }

  /** The guest's driver set another address. */
  changeMac(mac: string): void {
    this.#port.changeMac(mac);
  }

  /** Keeps what comes for the guest from now on. Whatever was delivered before is the NIC's, and part of its state. */
  hold(): HandoverPoint {
    this.#held = true;
    const { nodeId, uplink } = this.#options;
    return {
      next: new Map([...uplink.received, [nodeId, uplink.position]]),
      counters: structuredClone(this.#port.counters),
    };
  }

  /** The guest goes on here: gives it what was kept. */
  resume(): void {
    this.#held = false;
    for (const { frame } of this.#waiting.take()) this.#give(frame);
  }

  /** The guest is the target's: leaves the switch and sends after it what only this host could know of. */
  handOver(): void {
    const waiting = this.#waiting.take();
    this.detach();
    for (const { frame, origin } of waiting) {
      if (!origin && !isGroupAddress(macAt(frame, 0))) this.#options.uplink.send(this.#tagged(frame), this);
    }
  }

  /** The guest runs here: gives it what it has not had, and announces where it is. */
  activate(point: HandoverPoint): void {
    const { timebase } = this.#options;
    addCounters(this.#port.counters, point.counters);
    this.#port.state = 'forwarding';
    this.#served = point.next;
    this.#stopForgetting = timebase.after(FLIGHT_MS, () => {
      this.#served = new Map();
    });
    for (const { frame, origin } of this.#waiting.take()) if (!this.#wasServed(origin)) this.#give(frame);
    this.#stopAnnouncing = announce(this.mac, timebase, (frame) => this.transmit(frame));
  }

  detach(): void {
    this.#stopAnnouncing();
    this.#stopForgetting();
    this.#options.network.disconnect(this.#port);
    this.#options.onDetached();
  }

  #receive(frame: Frame, origin: Origin | undefined): boolean {
    if (this.#port.state === 'listening') {
      const { nodeId, uplink } = this.#options;
      if (this.#waiting.isFull) {
        this.#waiting.dropOldest();
        countDrop(this.#port.counters, 'arriving');
      }
      // The switch hands this copy over before the uplink has numbered the frame: it will get the next number.
      this.#waiting.add({ frame, origin: origin ?? { node: nodeId, number: uplink.position } });
      return true;
    }
    // Given at the source, and still on its way to here.
    if (this.#wasServed(origin)) return true;
    if (!this.#held) return this.#options.deliver(frame);
    if (this.#waiting.isFull) return false;
    this.#waiting.add({ frame, origin });
    return true;
  }

  #wasServed(origin: Origin | undefined): boolean {
    return origin !== undefined && origin.number < (this.#served.get(origin.node) ?? 0);
  }

  #give(frame: Frame): void {
    if (!this.#options.deliver(frame)) countDrop(this.#port.counters, 'queue-full');
  }

  /** As the uplink carries it. */
  #tagged(frame: Frame): Frame {
    const { vlan } = this.#options.group;
    return vlan.mode === 'access' && vlan.vlan !== 0 ? withTag(frame, vlan.vlan) : frame;
  }
}
