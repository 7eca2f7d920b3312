// What the console says of port groups.

import type { PortGroup, VmStatus } from '../../engine/host/api.ts';
import { DEFAULT_PORT_GROUP } from '../../engine/subnet/switch/port-group.ts';
import type { NetworksState } from '../state/networks.ts';

export function vlanInWords(vlan: PortGroup['vlan']): string {
  if (vlan.mode === 'access') return vlan.vlan === 0 ? 'none' : String(vlan.vlan);
  return vlan.allowed ? `trunk: ${rangesInWords(vlan.allowed)}` : 'trunk: all';
}

/** 1, 2, 3, 7 → "1–3, 7". */
export function rangesInWords(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range && range[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}–${last}`)).join(', ');
}

/** Names of the VMs that have a card in the port group. */
export function usersOf(name: string, vms: Record<string, VmStatus>): string[] {
  return Object.values(vms)
    .filter((vm) => vm.nics.some(({ portGroup = DEFAULT_PORT_GROUP.name }) => portGroup === name))
    .map((vm) => vm.name)
    .sort();
}

/** Names of the hosts that do not have the port group: a VM in it cannot move there. */
export function missingOn(name: string, networks: NetworksState, hostNames: Record<string, string>): string[] {
  return Object.entries(networks)
    .filter(([, { status }]) => !status.portGroups.some((group) => group.name === name))
    .map(([hostId]) => hostNames[hostId] ?? hostId);
}
