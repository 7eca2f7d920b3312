// Selectors that several components use.
import { useSyncExternalStore } from 'react';
import type { VmStatus } from '../../engine/host/api.ts';
import type { HostView } from './fleet.ts';
import type { MigrationRecord } from './migrations.ts';
import { samples } from './samples.ts';
import { useConsole } from './store.ts';
import { stateOf, type VmState } from './vm-state.ts';

export function useVm(vmId: string): VmStatus | undefined {
  return useConsole((state) => state.fleet.vms[vmId]);
}

export function useHost(hostId: string): HostView | undefined {
  return useConsole((state) => state.fleet.hosts[hostId]);
}

export function useHostName(hostId: string): string {
  return useConsole((state) => state.fleet.hostNames[hostId] ?? hostId);
}

/** The word for how the VM is. */
export function useVmState(vmId: string): VmState {
  return useConsole(({ fleet }) => (fleet.vms[vmId] ? stateOf(fleet.vms[vmId], fleet) : 'off'));
}

/** The VM's migration while it is under way. */
export function useActiveMigration(vmId: string): MigrationRecord['statistics'] | undefined {
  return useConsole((state) => {
    const record = state.migrations.byVm[vmId];
    return record && record.endedAt === undefined ? record.statistics : undefined;
  });
}

/** Draws again after each new sample of the object; the value is the time of the latest one. */
export function useSampleTime(id: string): number {
  return useSyncExternalStore(
    (changed) => samples.subscribe(id, changed),
    () => samples.series(id).time.at(-1) ?? 0,
  );
}
