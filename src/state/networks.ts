// What each host last said about its network, with the rates since its report before. Apart from the fleet: counters change
// with every report, and only what shows a network wants them.
import type { NetworkStatus, NicSpec, PortGroup, VmStatus } from '../../engine/host/api.ts';

export type PortStatus = NetworkStatus['ports'][number];

/** Per second, over the time between a host's last two reports. */
export interface Rates {
  transmittedFrames: number;
  transmittedMbits: number;
  receivedFrames: number;
  receivedMbits: number;
}

export interface NetworkView {
  status: NetworkStatus;
  /** Epoch ms at which it came. */
  at: number;
  /** By port; missing for a port that the report before did not have. */
  rates: Record<string, Rates>;
  uplinkRates?: Rates;
}

/** By host id. */
export type NetworksState = Record<string, NetworkView>;

/** A port's identity on its host: several cards of one VM have one name. */
export function portKey({ name, mac }: PortStatus): string {
  return `${name} ${mac ?? ''}`;
}

/** Reports that follow each other faster give no rate worth showing, ms. */
const SHORTEST_MS = 100;

export function applyNetwork(
  networks: NetworksState,
  hostId: string,
  status: NetworkStatus,
  now: number,
): NetworksState {
  const before = networks[hostId];
  if (!before) return { ...networks, [hostId]: { status, at: now, rates: {} } };
  const ms = now - before.at;
  if (ms < SHORTEST_MS) return { ...networks, [hostId]: { ...before, status } };
  const portsBefore = new Map(before.status.ports.map((port) => [portKey(port), port.counters]));
  const rates: Record<string, Rates> = {};
  for (const port of status.ports) {
    const earlier = portsBefore.get(portKey(port));
    if (earlier) rates[portKey(port)] = ratesBetween(earlier, port.counters, ms);
  }
  const uplinkRates = ratesBetween(asPort(before.status), asPort(status), ms);
  return { ...networks, [hostId]: { status, at: now, rates, uplinkRates } };
}

export function forgetNetwork(networks: NetworksState, hostId: string): NetworksState {
  const { [hostId]: _gone, ...others } = networks;
  return others;
}

type Traffic = Pick<
  PortStatus['counters'],
  'transmittedFrames' | 'transmittedBytes' | 'receivedFrames' | 'receivedBytes'
>;

/** What the host sends onto the subnet is transmitted. */
function asPort({ uplink }: NetworkStatus): Traffic {
  return {
    transmittedFrames: uplink.sentFrames,
    transmittedBytes: uplink.sentBytes,
    receivedFrames: uplink.receivedFrames,
    receivedBytes: uplink.receivedBytes,
  };
}

/** Counters that went back belong to a port that was created again: no rate can be formed, it is 0. */
function ratesBetween(before: Traffic, after: Traffic, ms: number): Rates {
  const perSecond = (name: keyof Traffic) => (Math.max(0, after[name] - before[name]) * 1000) / ms;
  const mbits = (name: keyof Traffic) => (perSecond(name) * 8) / 1e6;
  return {
    transmittedFrames: perSecond('transmittedFrames'),
    transmittedMbits: mbits('transmittedBytes'),
    receivedFrames: perSecond('receivedFrames'),
    receivedMbits: mbits('receivedBytes'),
  };
}

type Responder = NonNullable<NetworkStatus['responder']>;

/** Who answers DHCP and DNS for the subnet: of two that have said so, the later holder. A frozen one says no more. */
export function responderOf(networks: NetworksState): { hostId: string; responder: Responder } | undefined {
  let latest: ReturnType<typeof responderOf>;
  for (const [hostId, { status }] of Object.entries(networks)) {
    const { responder } = status;
    if (responder && !(latest && latest.responder.term > responder.term)) latest = { hostId, responder };
  }
  return latest;
}

/** The address that DHCP gave the card, and the name that DNS knows it by. */
export function addressOf(networks: NetworksState, mac: string): { address?: string; dnsName?: string } {
  const responder = responderOf(networks)?.responder;
  const lease = responder?.leases.find((one) => one.mac === mac.toLowerCase());
  return { address: lease?.address, dnsName: lease?.name && `${lease.name}.${responder?.domain}` };
}

/** The VM's addresses and names, those of its first card first. */
export function addressesOf(networks: NetworksState, nics: readonly NicSpec[]): string {
  const texts = nics.map(({ mac }) => {
    const { address, dnsName } = addressOf(networks, mac);
    return [address, dnsName].filter(Boolean).join(', ');
  });
  return texts.filter(Boolean).join('; ');
}

/** The port groups of all hosts by name; where two hosts differ, the first one's. */
export function portGroupsOf(networks: NetworksState): PortGroup[] {
  const groups = new Map<string, PortGroup>();
  for (const { status } of Object.values(networks))
    for (const group of status.portGroups) if (!groups.has(group.name)) groups.set(group.name, group);
  return [...groups.values()];
}

/** All MAC addresses that are in use as far as is known: cards, also of VMs that are off, and leases. */
export function knownMacs(networks: NetworksState, vms: Record<string, VmStatus>): Set<string> {
  const cards = Object.values(vms).flatMap((vm) => vm.nics.map((nic) => nic.mac));
  const leases = responderOf(networks)?.responder.leases.map((lease) => lease.mac) ?? [];
  return new Set([...cards, ...leases].map((mac) => mac.toLowerCase()));
}
