// The actions of one object, kept up to date.
import { useMemo } from 'react';
import { silenceOf } from '../state/fleet.ts';
import { useConsole } from '../state/store.ts';
import type { TabRef } from '../state/view.ts';
import type { Action } from './action.ts';
import { datacenterActions } from './datacenter-actions.ts';
import { hostActions } from './host-actions.ts';
import { networkActions } from './network-actions.ts';
import { vmActions } from './vm-actions.ts';

export function useVmActions(vmId: string): Action[] {
  const power = useConsole((state) => state.fleet.vms[vmId]?.power);
  const hosts = useConsole((state) => state.fleet.hostOrder.length);
  const silence = useConsole(({ fleet }) => fleet.vms[vmId] && silenceOf(fleet, fleet.vms[vmId].hostId));
  return useMemo(() => (power ? vmActions(vmId, power, hosts, silence) : []), [vmId, power, hosts, silence]);
}

export function useHostActions(hostId: string): Action[] {
  const local = useConsole((state) => state.fleet.hosts[hostId]?.local ?? false);
  return useMemo(() => hostActions(hostId, local), [hostId, local]);
}

export function useTargetActions(target: TabRef): Action[] {
  const id = 'id' in target ? target.id : '';
  const vm = useVmActions(id);
  const host = useHostActions(id);
  const hosts = useConsole((state) => state.fleet.hostOrder.length);
  if (target.kind === 'vm') return vm;
  if (target.kind === 'host') return host;
  return target.kind === 'network' ? networkActions() : datacenterActions(hosts);
}
