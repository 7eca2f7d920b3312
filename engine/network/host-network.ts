// A host's network: its switch, the uplink to the other hosts' switches, the subnet's responder when this host is elected,
// packet captures, and the bridge to v86. What a host worker needs to know of engine/network is here.

import type { OpenPort, Subnet } from '../cluster/subnet.ts';
import type { Timebase } from '../cluster/timebase.ts';
import { Capture } from './capture/capture.ts';
import { GuestPort } from './guest-port.ts';
import type { Link } from './link.ts';
import type { Frame } from './packet/ethernet.ts';
import { AddressBook } from './responders/address-book.ts';
import type { Election } from './responders/election.ts';
import type { LeaseStore } from './responders/lease-table.ts';
import { NameExchange } from './responders/name-exchange.ts';
import { DEFAULT_PLAN, type SubnetPlan } from './responders/subnet-plan.ts';
import { SubnetServices } from './responders/subnet-services.ts';
import type { PortCounters } from './switch/counters.ts';
import { type PortGroup, STRICT } from './switch/port-group.ts';
import type { SwitchPort } from './switch/switch-port.ts';
import { VirtualSwitch } from './switch/virtual-switch.ts';
import { type LineQuality, Uplink, type UplinkCounters } from './uplink.ts';
import { V86Bridge } from './v86-bridge.ts';

/** The port group that NICs are in unless told otherwise; the responder serves it. */
export const DEFAULT_PORT_GROUP: PortGroup = {
  name: 'VM Network',
  vlan: { mode: 'access', vlan: 0 },
  security: STRICT,
};

const UPLINK_GROUP: PortGroup = { name: 'Uplink', vlan: { mode: 'trunk' }, security: STRICT };
const CHANNEL = 'ethernet';
const DEFAULT_SUBNET = 'tabvisor';

export interface HostNetworkOptions {
  subnet: Subnet;
  /** Names the subnet among those of the origin. */
  subnetName?: string;
  link: Link;
  timebase: Timebase;
  openPort: OpenPort;
  election: Election;
  leaseStore: LeaseStore;
  /** Runs a task soon, after those that are due. */
  soon(task: () => void): void;
  portGroups?: readonly PortGroup[];
  plan?: SubnetPlan;
  /** Join v86's network of this number. */
  v86Network?: number;
  /** Mbit/s of the uplink that guests get even when migrations want all. */
  reservedMbits?: number;
  onProblem(title: string, detail: string): void;
}

export interface NicAttachment {
  /** What DNS calls it, too. */
  vmName: string;
  mac: string;
  /** Name of the port group; the default one if left out. */
  portGroup?: string;
  /** The VM is migrating here: see guest-port.ts. */
  arriving?: boolean;
  /** False if the NIC's queue is full. The frame must not be written to. */
  deliver(frame: Frame): boolean;
}

export interface NetworkStatus {
  ports: { name: string; portGroup: string; counters: PortCounters }[];
  uplink: UplinkCounters & { mbits: number };
}

export class HostNetwork {
  readonly #options: HostNetworkOptions;
  readonly #groups: Map<string, PortGroup>;
  readonly #switch: VirtualSwitch;
  readonly #uplink: Uplink;
  readonly #uplinkPort: SwitchPort;
  readonly #names: NameExchange;
  readonly #services: SubnetServices;
  readonly #bridge: V86Bridge | undefined;

  /** @throws RangeError for port groups or a plan that cannot be. */
  constructor(options: HostNetworkOptions) {
    this.#options = options;
    const { subnet, link, timebase, election, openPort, plan = DEFAULT_PLAN, portGroups = [] } = options;
    const { subnetName = DEFAULT_SUBNET } = options;
    const groups = [DEFAULT_PORT_GROUP, ...portGroups];
    this.#groups = new Map(groups.map((group) => [group.name, group]));
    this.#switch = new VirtualSwitch({ timebase, mtu: plan.mtu });
    this.#uplink = new Uplink({
      channel: subnet.privateChannel(CHANNEL),
      link,
      timebase,
      reservedMbits: options.reservedMbits,
      soon: options.soon,
      receive: (frame, origin) => this.#switch.transmit(this.#uplinkPort, frame, origin),
    });
    this.#uplinkPort = this.#switch.connect({
      name: 'uplink',
      group: UPLINK_GROUP,
      deliver: (frame, _origin, sender) => this.#uplink.send(frame, sender),
    });
    const book = new AddressBook();
    this.#names = new NameExchange(subnet, book);
    const served = { subnetName, network: this.#switch, group: this.#group(DEFAULT_PORT_GROUP.name), election };
    this.#services = new SubnetServices({
      ...served,
      plan,
      book,
      store: options.leaseStore,
      timebase,
      onElected: () => this.#names.ask(),
      onProblem: (detail) => options.onProblem('The subnet’s addresses', detail),
    });
    const { v86Network: networkId } = options;
    if (networkId !== undefined) this.#bridge = new V86Bridge({ ...served, networkId, openPort });
  }

  /** Connects a NIC. @throws Error if there is no such port group, RangeError for a malformed MAC address. */
  attachNic({ vmName, mac, portGroup = DEFAULT_PORT_GROUP.name, arriving, deliver }: NicAttachment): GuestPort {
    const { timebase, subnet } = this.#options;
    const port = new GuestPort({
      nodeId: subnet.nodeId,
      network: this.#switch,
      uplink: this.#uplink,
      timebase,
      name: vmName,
      mac,
      group: this.#group(portGroup),
      listening: arriving,
      deliver,
      onDetached: () => this.#names.remove(mac),
    });
    this.#names.set(mac, vmName);
    return port;
  }

  /** What the uplink's line does to guests' frames, beside the link's bandwidth and latency. */
  setLine(quality: LineQuality): void {
    this.#uplink.quality = quality;
  }

  status(): NetworkStatus {
    return {
      ports: [...this.#switch.ports].map(({ name, group, counters }) => ({ name, portGroup: group.name, counters })),
      uplink: { ...this.#uplink.counters, mbits: this.#uplink.throughputMbits() },
    };
  }

  /** Captures what passes a NIC, or everything on the subnet if none is given. */
  capture(nic?: GuestPort, snapLength?: number): Capture {
    const { timebase } = this.#options;
    return new Capture({ network: this.#switch, timebase, port: nic?.switchPort, snapLength });
  }

  close(): void {
    this.#services.stop();
    this.#bridge?.close();
    this.#uplink.close();
  }

  #group(name: string): PortGroup {
    const group = this.#groups.get(name);
    if (!group) throw new Error(`This host has no port group ${name}`);
    return group;
  }
}
