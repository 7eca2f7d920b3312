// A host's network: its switch, the uplink to the other hosts' switches, the subnet's responder when this host is elected,
// packet captures, and the bridge to v86. What a host worker needs to know of engine/subnet is here.

import { nameKey } from '../../base/object-name.ts';
import type { Timebase } from '../../base/timebase.ts';
import { Capture } from '../capture/capture.ts';
import type { OpenPort, Subnet } from '../carrier/subnet.ts';
import { GuestPort } from '../link/guest-port.ts';
import type { Link, MigrationTraffic } from '../link/link.ts';
import { type LineQuality, Uplink, type UplinkCounters } from '../link/uplink.ts';
import { V86Bridge } from '../link/v86-bridge.ts';
import type { Frame } from '../packet/ethernet.ts';
import type { Lives } from '../presence/lives.ts';
import type { Seal, TermLocks } from '../presence/office.ts';
import { AddressBook } from '../responders/address-book.ts';
import { CardRegistry } from '../responders/card-registry.ts';
import type { FencedLeaseStore } from '../responders/fenced-leases.ts';
import type { Lease } from '../responders/lease-table.ts';
import { NameExchange } from '../responders/name-exchange.ts';
import { type AddressPool, DEFAULT_PLAN, poolOf, type SubnetPlan, withPool } from '../responders/subnet-plan.ts';
import { SubnetServices } from '../responders/subnet-services.ts';
import type { Drops, PortCounters } from '../switch/counters.ts';
import { DEFAULT_PORT_GROUP, decodePortGroup, type PortGroup, STRICT } from '../switch/port-group.ts';
import type { SwitchPort } from '../switch/switch-port.ts';
import { VirtualSwitch } from '../switch/virtual-switch.ts';

const UPLINK_GROUP: PortGroup = { name: 'Uplink', vlan: { mode: 'trunk' }, security: STRICT };
/** Of the uplink, even when several migrations want all of it; migrations always have the rest, or equal parts. */
const GUESTS_SHARE = 0.25;
const MAXIMUM_PORT_GROUPS = 256;
const CHANNEL = 'ethernet';
const DEFAULT_SUBNET = 'tabvisor';

export interface HostNetworkOptions {
  subnet: Subnet;
  /** Names the subnet among those of the origin. */
  subnetName?: string;
  link: Link;
  timebase: Timebase;
  openPort: OpenPort;
  /** Who holds the offices of the subnet. */
  terms: TermLocks;
  leaseStore: FencedLeaseStore;
  /** Which hosts can never act again. */
  lives: Lives;
  /** Runs a task soon, after those that are due. */
  soon(task: () => void): void;
  portGroups?: readonly PortGroup[];
  plan?: SubnetPlan;
  /** Join v86's network of this number. */
  v86Network?: number;
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
  /** What the NIC has dropped itself. */
  cardDrops?(): Drops;
}

/** Another Ethernet, behind a port of this host's switch. */
export interface SegmentAttachment {
  /** For people. */
  name: string;
  portGroup: string;
  /** False if there is no room for the frame, which must not be written to. */
  deliver(frame: Frame): boolean;
}

export interface Segment {
  /** A frame from there. It must not be written to afterwards. */
  transmit(frame: Frame): void;
  detach(): void;
}

export interface PortStatus {
  /** The VM's name, or what the port leads to: `uplink`, `responder`, `v86-inbrowser-N`. */
  name: string;
  /** The NIC's own address; missing on ports that lead elsewhere. */
  mac?: string;
  portGroup: string;
  counters: PortCounters;
}

/** Several NICs use one address. */
export interface AddressConflictStatus {
  address: string;
  /** `name`: what DNS calls the NIC's VM. */
  users: { mac: string; name?: string }[];
}

export interface LeaseStatus extends Lease {
  /** What DNS calls the NIC's VM. */
  name?: string;
}

/** Plain structured-cloneable data. */
export interface NetworkStatus {
  ports: PortStatus[];
  portGroups: PortGroup[];
  /** Guests' frames, and beside them the migrations. */
  uplink: UplinkCounters & { mbits: number; migrations: MigrationTraffic };
  /** When this host answers DHCP and DNS for the subnet: since which term of that office, where, what it has given out. */
  responder?: {
    term: number;
    address: string;
    prefixLength: number;
    domain: string;
    leases: LeaseStatus[];
    conflicts: AddressConflictStatus[];
    /** What DHCP gives out: how many addresses, how many are free, and how many requests found none. */
    pool: AddressPool & { size: number; free: number; unanswered: number };
  };
  /** The bridge to v86, if there is one. `active`: it is this host that bridges. `foreign`: messages that were no frames. */
  v86?: { networkId: number; active: boolean; foreign: number };
}

export class HostNetwork {
  readonly #options: HostNetworkOptions;
  readonly #groups: Map<string, PortGroup>;
  readonly #switch: VirtualSwitch;
  readonly #uplink: Uplink;
  readonly #uplinkPort: SwitchPort;
  readonly #names: NameExchange;
  readonly #cards: CardRegistry;
  readonly #services: SubnetServices;
  readonly #book = new AddressBook();
  #bridge: V86Bridge | undefined;

  /** @throws RangeError for port groups or a plan that cannot be. */
  constructor(options: HostNetworkOptions) {
    this.#options = options;
    const { subnet, link, timebase, plan = DEFAULT_PLAN, portGroups = [] } = options;
    const groups = [DEFAULT_PORT_GROUP, ...portGroups];
    this.#groups = new Map(groups.map((group) => [group.name, group]));
    this.#switch = new VirtualSwitch({ timebase, mtu: plan.mtu });
    this.#uplink = new Uplink({
      channel: subnet.privateChannel(CHANNEL),
      link,
      timebase,
      reserved: GUESTS_SHARE,
      soon: options.soon,
      accepts: (seal) => this.#accepts(seal),
      receive: (frame, origin) => this.#switch.transmit(this.#uplinkPort, frame, origin),
    });
    this.#uplinkPort = this.#switch.connect({
      name: 'uplink',
      group: UPLINK_GROUP,
      deliver: (frame, _origin, sender) => this.#uplink.send(frame, sender, sender.seal),
    });
    this.#names = new NameExchange(subnet, this.#book);
    this.#cards = new CardRegistry({
      subnet,
      lives: options.lives,
      onChange: (deleted) => this.#services.cardsChanged(deleted),
    });
    this.#services = new SubnetServices({
      ...this.#served(),
      plan,
      book: this.#book,
      cards: this.#cards,
      lives: options.lives,
      store: options.leaseStore,
      onElected: () => {
        this.#names.ask();
        this.#cards.ask();
      },
      onProblem: (detail) => options.onProblem('The subnet’s addresses', detail),
    });
    this.setV86Network(options.v86Network);
  }

  /** Connects a NIC. @throws Error if there is no such port group, RangeError for a malformed MAC address. */
  attachNic({
    vmName,
    mac,
    portGroup = DEFAULT_PORT_GROUP.name,
    arriving,
    deliver,
    cardDrops,
  }: NicAttachment): GuestPort {
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
      cardDrops,
      onDetached: () => this.#names.remove(mac),
    });
    this.#names.set(mac, vmName);
    return port;
  }

  /** @throws Error if there is no such port group. */
  attachSegment({ name, portGroup, deliver }: SegmentAttachment): Segment {
    const port = this.#switch.connect({ name, group: this.#group(portGroup), deliver });
    return {
      transmit: (frame) => this.#switch.transmit(port, frame),
      detach: () => this.#switch.disconnect(port),
    };
  }

  /**
   * Creates a port group, or changes one and the ports in it.
   * @throws DecodeError or RangeError for what is no port group, or one too many.
   */
  setPortGroup(value: PortGroup): void {
    const group = decodePortGroup(value);
    for (const { name } of this.#groups.values()) {
      if (name !== group.name && nameKey(name) === nameKey(group.name))
        throw new RangeError(`There is already a port group named ${name}`);
    }
    if (!this.#groups.has(group.name) && this.#groups.size >= MAXIMUM_PORT_GROUPS)
      throw new RangeError(`A host has at most ${MAXIMUM_PORT_GROUPS} port groups`);
    this.#groups.set(group.name, group);
    for (const port of this.#switch.ports) {
      if (port !== this.#uplinkPort && port.group.name === group.name) this.#switch.reassign(port, group);
    }
  }

  /** @throws Error if there is none of that name, or it is in use. */
  removePortGroup(name: string): void {
    const group = this.#group(name);
    if (name === DEFAULT_PORT_GROUP.name) throw new Error(`${name} is where the subnet's own services are: it stays`);
    const users = [...this.#switch.ports].filter((port) => port.group === group).map((port) => port.name);
    if (users.length > 0) throw new Error(`${name} is in use by ${users.join(', ')}`);
    this.#groups.delete(name);
  }

  /** User-facing message: why a VM with these port groups cannot be here; undefined if it can. */
  missingPortGroup(names: readonly (string | undefined)[]): string | undefined {
    const missing = names.find((name) => name !== undefined && !this.#groups.has(name));
    return missing === undefined ? undefined : `there is no port group ${missing}`;
  }

  /** Joins v86's network of this number, or none. @throws RangeError for what is no number of a network. */
  setV86Network(networkId: number | undefined): void {
    if (networkId !== undefined && !(Number.isSafeInteger(networkId) && networkId >= 0)) {
      throw new RangeError('A network of v86 has a whole number from 0');
    }
    if (networkId === this.#bridge?.networkId) return;
    this.#bridge?.close();
    const { openPort } = this.#options;
    this.#bridge = networkId === undefined ? undefined : new V86Bridge({ ...this.#served(), networkId, openPort });
  }

  /** The cards of all VMs of this host, on or off or on their way here: they keep their addresses. */
  setCards(macs: readonly string[]): void {
    this.#cards.setOwn(macs);
  }

  /** A VM with these cards was deleted: its addresses are free. */
  cardsDeleted(macs: readonly string[]): void {
    this.#cards.deleted(macs);
  }

  /** Which addresses DHCP gives when this host answers. @throws DecodeError or RangeError, user-facing. */
  setAddressPool(pool: AddressPool): void {
    this.#services.plan = withPool(this.#services.plan, pool);
  }

  /** Takes back what is leased and not in use (lease-reclaimer.ts). Resolves with how many addresses. */
  releaseUnusedLeases(): Promise<number> {
    return this.#services.releaseUnused();
  }

  /** What the uplink's line does to guests' frames, beside the link's bandwidth and latency. */
  setLine(quality: LineQuality): void {
    this.#uplink.quality = quality;
  }

  status(): NetworkStatus {
    return {
      ports: [...this.#switch.ports].map(statusOf),
      portGroups: [...this.#groups.values()],
      uplink: {
        ...this.#uplink.counters,
        mbits: this.#uplink.throughputMbits(),
        migrations: this.#options.link.migrations,
      },
      ...this.#responderStatus(),
      ...this.#bridgeStatus(),
    };
  }

  /**
   * Captures what passes the NIC of this address, or everything on the subnet if none is given.
   * @throws Error if no such NIC is here.
   */
  capture(mac?: string): Capture {
    const { timebase } = this.#options;
    const port = mac === undefined ? undefined : [...this.#switch.ports].find((one) => one.mac === mac.toLowerCase());
    if (mac !== undefined && !port) throw new Error('The network card is not connected: its VM is off or elsewhere.');
    return new Capture({ network: this.#switch, timebase, port });
  }

  close(): void {
    this.#services.stop();
    this.#bridge?.close();
    this.#uplink.close();
    this.#cards.close();
  }

  /** What the subnet's services stand on. */
  #served() {
    const { subnetName = DEFAULT_SUBNET, subnet, timebase, terms } = this.#options;
    return { subnetName, subnet, timebase, terms, network: this.#switch, group: this.#group(DEFAULT_PORT_GROUP.name) };
  }

  /** What another host sent for an office counts unless a later holder is known. */
  #accepts({ office, term }: Seal): boolean {
    const offices = [this.#services.office, this.#bridge?.office];
    return offices.find((one) => one?.name === office)?.accepts(term) ?? true;
  }

  #responderStatus(): Pick<NetworkStatus, 'responder'> {
    const { leases, room, conflicts, office, plan } = this.#services;
    if (!leases || !room) return {};
    const { address, prefixLength, domain } = plan;
    const named = leases.map((lease) => ({ ...lease, name: this.#book.nameOf(lease.mac) }));
    const used = conflicts.map((conflict) => ({
      address: conflict.address,
      users: conflict.macs.map((mac) => ({ mac, name: this.#book.nameOf(mac) })),
    }));
    const pool = { ...poolOf(plan), ...room };
    return { responder: { term: office.term, address, prefixLength, domain, leases: named, conflicts: used, pool } };
  }

  #bridgeStatus(): Pick<NetworkStatus, 'v86'> {
    if (!this.#bridge) return {};
    const { networkId, active, foreign } = this.#bridge;
    return { v86: { networkId, active, foreign } };
  }

  #group(name: string): PortGroup {
    const group = this.#groups.get(name);
    if (!group) throw new Error(`This host has no port group ${name}`);
    return group;
  }
}

function statusOf({ name, mac, group, total }: SwitchPort): PortStatus {
  return { name, mac, portGroup: group.name, counters: total };
}
