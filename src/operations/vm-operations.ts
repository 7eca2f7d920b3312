// What can be done to a VM, each as a task on the host where the VM is.
import type { VmSpec, VmStatus } from '../../workers/api.ts';
import { formatDuration } from '../format.ts';
import { apiOf } from '../session/connections.ts';
import { refreshHost, takeMigration } from '../session/host-events.ts';
import { dropTargets } from '../state/notices.ts';
import { samples } from '../state/samples.ts';
import { update, useConsole } from '../state/store.ts';
import { closeTab } from '../state/view.ts';
import { cancelTask, runTask } from './run-task.ts';

function vmOf(vmId: string): VmStatus {
  const vm = useConsole.getState().fleet.vms[vmId];
  if (!vm) throw new Error('The VM is no longer there.');
  return vm;
}

async function onHost(label: string, vmId: string, work: (hostId: string) => Promise<void>): Promise<boolean> {
  const vm = vmOf(vmId);
  return runTask({ label, targetId: vmId, targetName: vm.name }, async () => {
    await work(vm.hostId);
    await refreshHost(vm.hostId);
    return undefined;
  });
}

/** Whatever was wrong with the VM in its present life will be over, or said again. */
function changePower(label: string, vmId: string, work: (hostId: string) => Promise<void>): Promise<boolean> {
  update('notices', (notices) => dropTargets(notices, [vmId]));
  return onHost(label, vmId, work);
}

export function powerOn(vmId: string): Promise<boolean> {
  return changePower('Power on', vmId, (hostId) => apiOf(hostId).powerOn(vmId));
}

export function powerOff(vmId: string): Promise<boolean> {
  return changePower('Power off', vmId, (hostId) => apiOf(hostId).powerOff(vmId));
}

export function resetVm(vmId: string): Promise<boolean> {
  return changePower('Reset', vmId, (hostId) => apiOf(hostId).reset(vmId));
}

export async function deleteVm(vmId: string): Promise<void> {
  const gone = await onHost('Delete', vmId, (hostId) => apiOf(hostId).deleteVm(vmId));
  if (!gone) return;
  samples.forget(vmId);
  update('notices', (notices) => dropTargets(notices, [vmId]));
  update('view', (view) => closeTab(view, `vm:${vmId}`));
}

/** @param thenPowerOn start it as soon as it exists */
export async function createVm(hostId: string, spec: VmSpec, thenPowerOn: boolean): Promise<void> {
  const created = await runTask({ label: 'Create VM', targetId: spec.id, targetName: spec.name }, async () => {
    await apiOf(hostId).createVm(spec);
    await refreshHost(hostId);
    return undefined;
  });
  if (created && thenPowerOn) await powerOn(spec.id);
}

/** Moves the running VM; progress comes as migration events. */
export async function migrateVm(vmId: string, targetHostId: string): Promise<void> {
  const vm = vmOf(vmId);
  const { hosts } = useConsole.getState().fleet;
  const source = apiOf(vm.hostId);
  await runTask(
    {
      label: `Migrate to ${hosts[targetHostId]?.info.name ?? targetHostId}`,
      targetId: vmId,
      targetName: vm.name,
      topic: 'Migrate',
      cancel: () => source.cancelMigration(vmId),
    },
    async () => {
      const statistics = await source.migrate(vmId, targetHostId);
      takeMigration(statistics);
      if (statistics.stage !== 'completed')
        throw new Error(statistics.error ?? `The migration was ${statistics.stage}.`);
      return statistics.downtimeMs === undefined ? undefined : `Downtime ${formatDuration(statistics.downtimeMs)}`;
    },
  );
}

/** Cancels the task that moves the VM, or what another console has begun. */
export async function cancelMigration(vmId: string): Promise<void> {
  const { tasks } = useConsole.getState();
  const task = tasks.find((t) => t.targetId === vmId && t.status === 'running' && t.cancellable);
  if (task) await cancelTask(task.id);
  else await onHost('Cancel migration', vmId, (hostId) => apiOf(hostId).cancelMigration(vmId));
}

/** Asks every other host whether the VM would fit. @returns host id → why not; undefined where it fits */
export async function admissions(vmId: string): Promise<Record<string, string | undefined>> {
  const vm = vmOf(vmId);
  const others = useConsole.getState().fleet.hostOrder.filter((id) => id !== vm.hostId);
  const answers = await Promise.all(
    others.map(async (id): Promise<[string, string | undefined]> => {
      try {
        return [id, await apiOf(id).admission(vm.memoryMiB)];
      } catch (error) {
        return [id, (error as Error).message];
      }
    }),
  );
  return Object.fromEntries(answers);
}
