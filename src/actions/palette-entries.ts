// Every action by name, for the command palette.
import { silenceOf } from '../state/fleet.ts';
import type { ConsoleState } from '../state/store.ts';
import { consoleActions, datacenterActions } from './datacenter-actions.ts';
import { hostActions } from './host-actions.ts';
import type { PaletteEntry } from './palette-search.ts';
import { vmActions } from './vm-actions.ts';

export function paletteEntries(fleet: ConsoleState['fleet']): PaletteEntry[] {
  const hosts = fleet.hostOrder.length;
  const entries: PaletteEntry[] = [...datacenterActions(hosts), ...consoleActions()].map((action) => ({
    key: action.id,
    action,
  }));
  for (const vm of Object.values(fleet.vms))
    for (const action of vmActions(vm.id, vm.power, hosts, silenceOf(fleet, vm.hostId)))
      entries.push({ key: `${action.id}:${vm.id}`, action, target: vm.name });
  for (const id of fleet.hostOrder) {
    const { info, local } = fleet.hosts[id];
    for (const action of hostActions(id, local)) entries.push({ key: `${action.id}:${id}`, action, target: info.name });
  }
  return entries.filter((entry) => entry.action.unavailable === undefined);
}
