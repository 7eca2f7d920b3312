// What an object of the inventory is called.
import type { FleetState } from './fleet.ts';
import type { TabRef } from './view.ts';

/** @returns undefined if it has gone */
export function titleOf(tab: TabRef, { hosts, vms }: FleetState): string | undefined {
  switch (tab.kind) {
    case 'datacenter':
      return 'Datacenter';
    case 'network':
      return 'Networking';
    case 'host':
      return hosts[tab.id]?.info.name;
    case 'vm':
      return vms[tab.id]?.name;
  }
}
