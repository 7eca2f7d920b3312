// Addresses that several network cards use, as the subnet's responder found out, in words.
import type { NetworkStatus, VmStatus } from '../../engine/host/api.ts';
import { type NetworksState, responderOf } from './networks.ts';

type Conflict = NonNullable<NetworkStatus['responder']>['conflicts'][number];

/** All, or those of the cards with these MAC addresses. */
export function conflictsOf(networks: NetworksState, macs?: readonly string[]): Conflict[] {
  const all = responderOf(networks)?.responder.conflicts ?? [];
  const wanted = macs && new Set(macs.map((mac) => mac.toLowerCase()));
  return wanted ? all.filter(({ users }) => users.some(({ mac }) => wanted.has(mac))) : all;
}

/** "10.0.0.5 is used by db1 and web1". Cards without a VM that is known are named by DNS or by their MAC address. */
export function conflictInWords({ address, users }: Conflict, vms: Record<string, VmStatus>): string {
  const names = users.map(({ mac, name }) => vmWith(vms, mac)?.name ?? (name ? `${name} (${mac})` : mac)).sort();
  const last = names.pop();
  return `${address} is used by ${names.join(', ')} and ${last}`;
}

/** What began and what is over, in words, between two reports of who answers for the subnet. */
export function conflictChanges(
  before: readonly Conflict[],
  after: readonly Conflict[],
  vms: Record<string, VmStatus>,
): { began: string[]; over: string[] } {
  const wordsBefore = before.map((conflict) => conflictInWords(conflict, vms));
  const addresses = new Set(after.map(({ address }) => address));
  return {
    began: after.map((conflict) => conflictInWords(conflict, vms)).filter((words) => !wordsBefore.includes(words)),
    over: before.filter(({ address }) => !addresses.has(address)).map(({ address }) => address),
  };
}

function vmWith(vms: Record<string, VmStatus>, mac: string): VmStatus | undefined {
  return Object.values(vms).find((vm) => vm.nics.some((nic) => nic.mac.toLowerCase() === mac));
}
