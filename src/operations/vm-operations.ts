// What can be done to a VM, each as a task on the host where the VM is.
import { deferred } from '../../engine/base/deferred.ts';
import type { MigrationStatistics, VmSpec, VmStatus } from '../../engine/host/api.ts';
import { formatDuration } from '../format/format.ts';
import { apiOf } from '../session/connections.ts';
import { refreshHost, takeMigration } from '../session/host-events.ts';
import { silenceOf } from '../state/fleet.ts';
import { dropTargets } from '../state/notices.ts';
import { samples } from '../state/samples.ts';
import { update, useConsole } from '../state/store.ts';
import { closeTab } from '../state/view.ts';
import { cancelTask, runTask, type TaskSpec } from './run-task.ts';

function vmOf(vmId: string): VmStatus {
  const vm = useConsole.getState().fleet.vms[vmId];
  if (!vm) throw new Error('The VM is no longer there.');
  return vm;
}

/** Runs it as a task, and shows what has become of the VM. @returns whether it was done */
export async function onHost(
  label: string,
  vmId: string,
  work: (hostId: string) => Promise<void>,
  { cancel, topic }: Pick<TaskSpec, 'cancel' | 'topic'> = {},
): Promise<boolean> {
  const vm = vmOf(vmId);
  return runTask({ label, targetId: vmId, targetName: vm.name, cancel, topic }, async () => {
    await work(vm.hostId);
    await refreshHost(vm.hostId);
    return undefined;
  });
}

/** Whatever was wrong with the VM in its present life will be over, or said again. */
function changePower(...[label, vmId, work, options]: Parameters<typeof onHost>): Promise<boolean> {
  update('notices', (notices) => dropTargets(notices, [vmId]));
  return onHost(label, vmId, work, options);
}

export function powerOn(vmId: string): Promise<boolean> {
  const { hostId } = vmOf(vmId);
  return changePower('Power on', vmId, () => apiOf(hostId).powerOn(vmId), {
    cancel: () => apiOf(hostId).powerOff(vmId),
  });
}

/** Ends a start that has not come to its end yet, this console's or another's. */
export async function cancelStart(vmId: string): Promise<void> {
  const { tasks } = useConsole.getState();
  const task = tasks.find((t) => t.targetId === vmId && t.status === 'running' && t.cancellable);
  if (task) await cancelTask(task.id);
  else await powerOff(vmId);
}

export function powerOff(vmId: string): Promise<boolean> {
  return changePower('Power off', vmId, (hostId) => apiOf(hostId).powerOff(vmId));
}

/** The guest is asked: it may need a while for it, or not do it. */
export async function shutDownGuest(vmId: string): Promise<void> {
  await onHost('Shut down guest', vmId, (hostId) => apiOf(hostId).shutDownGuest(vmId));
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

/** Moves the running VM; progress comes as migration events. `downtimeLimitMs`: what is set for all moves if left out. */
export async function migrateVm(
  vmId: string,
  targetHostId: string,
  downtimeLimitMs = useConsole.getState().preferences.downtimeLimitMs,
): Promise<void> {
  const vm = vmOf(vmId);
  const { hosts } = useConsole.getState().fleet;
  const source = apiOf(vm.hostId);
  // As long as the source is silent, it does not report that the migration was cancelled at the target.
  const cancelledThere = deferred<never>();
  cancelledThere.promise.catch(() => {});
  await runTask(
    {
      label: `Migrate to ${hosts[targetHostId]?.info.name ?? targetHostId}`,
      targetId: vmId,
      targetName: vm.name,
      topic: 'Migrate',
      cancel: async () => {
        const reason = await cancelMoving(vmId, vm.hostId);
        if (reason !== undefined) cancelledThere.reject(new Error(reason));
      },
    },
    async () => {
      const moved = source.migrate(vmId, targetHostId, { downtimeLimitMs, ask: true });
      const statistics = await Promise.race([moved, cancelledThere.promise]);
      takeMigration(statistics);
      if (statistics.stage !== 'completed')
        throw new Error(statistics.error ?? `The migration was ${statistics.stage}.`);
      return statistics.downtimeMs === undefined ? undefined : `Downtime ${formatDuration(statistics.downtimeMs)}`;
    },
  );
}

/** @returns what is known if the source is silent: then the migration was cancelled at its target */
async function cancelMoving(vmId: string, sourceHostId: string): Promise<string | undefined> {
  const { fleet, migrations } = useConsole.getState();
  const moving = migrations.byVm[vmId];
  const silence = silenceOf(fleet, sourceHostId);
  if (!silence || !moving || moving.endedAt !== undefined) {
    await apiOf(sourceHostId).cancelMigration(vmId);
    return undefined;
  }
  const { statistics } = moving;
  await apiOf(statistics.targetHostId).cancelMigration(vmId);
  const target = fleet.hostNames[statistics.targetHostId];
  const error = `It was cancelled at ${target}. ${silence}: ${statistics.vmName} stays there, and goes on when it responds again.`;
  takeMigration({ ...statistics, stage: 'cancelled', error });
  return error;
}

/** The answer to a migration's question. */
export async function moveAnyway({ vmId, question }: MigrationStatistics): Promise<void> {
  if (question) await onHost('Move anyway', vmId, (hostId) => apiOf(hostId).agreeToDowntime(vmId, question.downtimeMs));
}

/** Cancels the task that moves the VM, or what another console has begun. */
export async function cancelMigration(vmId: string): Promise<void> {
  const { tasks } = useConsole.getState();
  const task = tasks.find((t) => t.targetId === vmId && t.status === 'running' && t.cancellable);
  if (task) await cancelTask(task.id);
  else await onHost('Cancel migration', vmId, async (hostId) => void (await cancelMoving(vmId, hostId)));
}
