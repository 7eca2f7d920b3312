// A port of the virtual switch: who is behind it, what it may do and what it has counted. The switch decides where frames
// go; the port says what it takes and hands over.
//
// A port with an address of its own belongs to one NIC. A port without one leads to another segment (the uplink, a bridge):
// the senders there are learned.

import { macBytes } from '../../base/mac-address.ts';
import { type Frame, withTag } from '../packet/ethernet.ts';
import type { Seal } from '../presence/office.ts';
import { countDrop, type Drops, newCounters, type PortCounters, withDrops } from './counters.ts';
import { macAt } from './mac-table.ts';
import { carries, type PortGroup } from './port-group.ts';
import { TokenBucket } from './token-bucket.ts';

/** Where a frame of the subnet came from: the node that sent it, and the number that node gave it. */
export interface Origin {
  node: string;
  number: number;
}

/**
 * False: there is no room for the frame, which is dropped and counted. The frame must not be written to.
 * @param sender the port by which it came in.
 */
export type Deliver = (frame: Frame, origin: Origin | undefined, sender: SwitchPort) => boolean;

export interface PortOptions {
  /** For people: the NIC's VM, or what the port leads to. */
  name: string;
  group: PortGroup;
  /** The NIC's own address; left out for a port that leads to another segment. */
  mac?: string;
  /** Starts out listening: see SwitchPort.state. */
  listening?: boolean;
  /** The service behind it speaks for an office: its frames leave this host with this seal. */
  seal?: Seal;
  deliver: Deliver;
  /** What the NIC behind it has dropped itself, on the way to the guest or from it. */
  cardDrops?(): Drops;
}

/** Flooded frames that one NIC may cause: each costs every port of the subnet. */
const STORM_FRAMES_PER_SECOND = 10_000;
const STORM_BURST = 2_000;

export class SwitchPort {
  readonly name: string;
  /** Changed by the switch only (VirtualSwitch.reassign). */
  group: PortGroup;
  readonly counters: PortCounters = newCounters();
  readonly seal: Seal | undefined;
  /**
   * `listening`: the NIC is about to move here. It is given copies of what the network carries for it; the address is not
   * taken over yet, and nothing is accepted from it.
   */
  state: 'forwarding' | 'listening';
  /** The NIC's own address; undefined for a port that leads to another segment. */
  readonly mac: string | undefined;
  /** The same as a number; undefined for a port that leads to another segment. */
  readonly assigned: number | undefined;
  /** The address that its frames go to and come from: the assigned one unless the guest changed it and may. */
  effective: number | undefined;
  #mayReceive = true;
  readonly #deliver: Deliver;
  readonly #cardDrops: () => Drops;
  readonly #storm: TokenBucket;

  constructor(options: PortOptions, nowMs: number) {
    const { name, group, mac, listening = false, seal, deliver, cardDrops = () => ({}) } = options;
    this.name = name;
    this.group = group;
    this.seal = seal;
    this.state = listening ? 'listening' : 'forwarding';
    this.mac = mac?.toLowerCase();
    this.assigned = mac === undefined ? undefined : macAt(macBytes(mac), 0);
    this.effective = this.assigned;
    this.#deliver = deliver;
    this.#cardDrops = cardDrops;
    this.#storm = new TokenBucket(STORM_FRAMES_PER_SECOND, STORM_BURST, nowMs);
  }

  /** The counters of port and NIC together. */
  get total(): PortCounters {
    return withDrops(this.counters, this.#cardDrops());
  }

  get leadsElsewhere(): boolean {
    return this.assigned === undefined;
  }

  /** Whether addresses other than its own may be behind it. */
  get learns(): boolean {
    return this.leadsElsewhere || this.group.security.forgedTransmits;
  }

  /**
   * The guest's driver set another address. If the policy refuses that, the port gives the guest nothing until the address
   * is the assigned one again (vSphere Networking, "MAC Address Changes").
   */
  changeMac(mac: string): void {
    const address = macAt(macBytes(mac), 0);
    const accepted = this.group.security.macChanges || address === this.assigned;
    this.#mayReceive = accepted;
    if (accepted) this.effective = address;
  }

  takes(vlan: number): boolean {
    return carries(this.group.vlan, vlan);
  }

  /** May it have another frame flooded? */
  mayFlood(nowMs: number): boolean {
    return this.leadsElsewhere || this.#storm.take(nowMs);
  }

  /** Returns the frame as it was handed over, or undefined if it was dropped. @param frame without a tag. */
  hand(frame: Frame, vlan: number, origin: Origin | undefined, sender: SwitchPort): Frame | undefined {
    const { counters, group } = this;
    if (!this.#mayReceive) {
      countDrop(counters, 'mac-change');
      return undefined;
    }
    const outgoing = group.vlan.mode === 'trunk' && vlan !== 0 ? withTag(frame, vlan) : frame;
    if (!this.#deliver(outgoing, origin, sender)) {
      countDrop(counters, 'queue-full');
      return undefined;
    }
    counters.receivedFrames += 1;
    counters.receivedBytes += outgoing.length;
    return outgoing;
  }
}
