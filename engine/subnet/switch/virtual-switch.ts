// The virtual switch of a host (IEEE 802.1Q forwarding with the rules of vSphere's virtual switch).
//
// Invariants:
// - An address assigned to a NIC here is known without learning, and no frame from elsewhere can take it away.
// - A frame never leaves through the port it came in by, and ports that lead elsewhere are each the only way to their
//   segment: there can be no loop, and no spanning tree is needed.
// - A NIC's port is given frames for its own address and for groups. Unknown unicast goes where unknown addresses may be:
//   ports that lead elsewhere, and NICs that may forge or be promiscuous.
// - Listening ports get their copy before the frame leaves for another segment (guest-port.ts says why).

import type { Timebase } from '../../base/timebase.ts';
import { type Frame, HEADER_BYTES, TAG_BYTES, vlanOf, withoutTag } from '../packet/ethernet.ts';
import { countDrop, type DropReason } from './counters.ts';
import { isGroupAddress, MacTable, type MacTableOptions, macAt } from './mac-table.ts';
import { checkPortGroup, classify, type PortGroup } from './port-group.ts';
import { type Origin, type PortOptions, SwitchPort } from './switch-port.ts';

/** `transmitted`: from the port into the switch; `received`: from the switch to the port. */
export type Direction = 'transmitted' | 'received';

/** Sees each frame as it passes a port, tagged as it is there. */
export type Tap = (port: SwitchPort, direction: Direction, frame: Frame) => void;

export interface SwitchOptions extends MacTableOptions {
  timebase: Timebase;
  /** Longest payload of a frame, in bytes. */
  mtu?: number;
}

const DEFAULT_MTU = 1500;

export class VirtualSwitch {
  readonly #timebase: Timebase;
  readonly #longest: number;
  readonly #ports = new Set<SwitchPort>();
  readonly #table: MacTable<SwitchPort>;
  readonly #taps = new Set<Tap>();

  constructor({ timebase, mtu = DEFAULT_MTU, ...table }: SwitchOptions) {
    this.#timebase = timebase;
    this.#longest = HEADER_BYTES + mtu;
    this.#table = new MacTable(table);
  }

  get ports(): ReadonlySet<SwitchPort> {
    return this.#ports;
  }

  /** @throws RangeError for a MAC address or VLAN that there cannot be. */
  connect(options: PortOptions): SwitchPort {
    checkPortGroup(options.group);
    const port = new SwitchPort(options, this.#timebase.now());
    // Another port that leads elsewhere: a station heard on one may now be behind the other (802.1Q: a topology change).
    if (port.leadsElsewhere) for (const other of this.#ports) if (other.leadsElsewhere) this.#table.forget(other);
    this.#ports.add(port);
    return port;
  }

  disconnect(port: SwitchPort): void {
    this.#ports.delete(port);
    this.#table.forget(port);
  }

  /** Gives the port another port group, or a new version of its own. @throws RangeError for a VLAN that there cannot be. */
  reassign(port: SwitchPort, group: PortGroup): void {
    port.group = checkPortGroup(group);
    this.#table.forget(port);
  }

  /** Returns the function that removes the tap. */
  tap(tap: Tap): () => void {
    this.#taps.add(tap);
    return () => this.#taps.delete(tap);
  }

  /**
   * Takes a frame in from a port, with or without a tag, and forwards it. A frame that the port may not send is dropped and
   * counted. The caller must not write to the frame afterwards.
   */
  transmit(port: SwitchPort, frame: Frame, origin?: Origin): void {
    const admitted = this.#admit(port, frame);
    if (typeof admitted === 'string') {
      countDrop(port.counters, admitted);
      return;
    }
    port.counters.transmittedFrames += 1;
    port.counters.transmittedBytes += frame.length;
    for (const tap of this.#taps) tap(port, 'transmitted', frame);
    this.#forward(port, admitted.frame, admitted.vlan, origin);
  }

  #admit(port: SwitchPort, frame: Frame): { frame: Frame; vlan: number } | DropReason {
    if (!this.#ports.has(port) || port.state !== 'forwarding') return 'not-forwarding';
    if (frame.length < HEADER_BYTES) return 'runt';
    const tag = vlanOf(frame);
    if (frame.length > this.#longest + (tag === undefined ? 0 : TAG_BYTES)) return 'oversize';
    const vlan = classify(port.group.vlan, tag);
    if (vlan === undefined) return 'vlan';
    const source = macAt(frame, 6);
    if (isGroupAddress(source)) return 'group-source';
    if (!port.learns && source !== port.effective) return 'forged-transmit';
    return { frame: tag === undefined ? frame : withoutTag(frame), vlan };
  }

  #forward(from: SwitchPort, frame: Frame, vlan: number, origin: Origin | undefined): void {
    const now = this.#timebase.now();
    const [destination, source] = [macAt(frame, 0), macAt(frame, 6)];
    // A NIC here has precedence; once it has moved away, what was learned meanwhile says where to.
    if (from.learns) this.#table.learn(vlan, source, from, now);
    const group = isGroupAddress(destination);
    const known = group ? undefined : (this.#owner(vlan, destination) ?? this.#table.lookup(vlan, destination, now));
    if (!known && !from.mayFlood(now)) {
      countDrop(from.counters, 'storm');
      return;
    }
    const targets: SwitchPort[] = [];
    const elsewhere: SwitchPort[] = [];
    for (const port of this.#ports) {
      if (port === from || !port.takes(vlan) || !wants(port, destination, group, known)) continue;
      (port.leadsElsewhere ? elsewhere : targets).push(port);
    }
    for (const port of [...targets, ...elsewhere]) {
      const handed = port.hand(frame, vlan, origin, from);
      if (handed) for (const tap of this.#taps) tap(port, 'received', handed);
    }
  }

  /** The NIC here that has the address. */
  #owner(vlan: number, mac: number): SwitchPort | undefined {
    for (const port of this.#ports) {
      if (port.effective === mac && port.state === 'forwarding' && port.takes(vlan)) return port;
    }
    return undefined;
  }
}

function wants(port: SwitchPort, destination: number, group: boolean, known: SwitchPort | undefined): boolean {
  if (group || port === known) return true;
  if (port.state === 'listening') return port.effective === destination;
  return port.group.security.promiscuous || (!known && port.learns);
}
