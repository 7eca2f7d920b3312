// Takes what hosts report into the store, the sample history and the news of VMs. The only place where it enters.
import type { HostConnection, HostEvent, HostStatus, MigrationStatistics, VmStatus } from '../../engine/host/api.ts';
import { formatDuration } from '../format/format.ts';
import { conflictChanges, conflictsOf } from '../state/address-conflicts.ts';
import { POOL_WORDS, poolState } from '../state/address-pool.ts';
import { addHost, applyStatus, type HostView, removeHost, setSilence, withHostNames } from '../state/fleet.ts';
import { applyMigration, endMigrationsFrom, hasEnded } from '../state/migrations.ts';
import { applyNetwork, forgetNetwork, type NetworksState, responderOf } from '../state/networks.ts';
import { dropTargets } from '../state/notices.ts';
import { samples } from '../state/samples.ts';
import { notify, prefer, record, update, useConsole } from '../state/store.ts';
import { screenNews, serialOutput, serialRoom, speakerNews } from '../state/vm-news.ts';
import { apiOf, dropConnection, hasConnection, keepConnection } from './connections.ts';
import { takeGuestEvent } from './guest-events.ts';

/** Shows the host and follows its events until it goes. */
export function attachHost(connection: HostConnection, local: boolean): void {
  const { info } = connection;
  if (hasConnection(info.id)) {
    connection.close();
    return;
  }
  keepConnection(connection);
  update('fleet', (fleet) => addHost(fleet, info, local));
  record('info', info.name, local ? 'Host started in this tab' : 'Host joined from another tab');
  connection.onEvent(handleEvent);
  connection.onSilence((since) => takeSilence(info.id, since));
  connection.onClosed(() => hostGone(info.id));
  void refreshHost(info.id);
}

/** Asks the host for its status now instead of waiting for the next report. */
export async function refreshHost(hostId: string): Promise<void> {
  try {
    takeStatus(await apiOf(hostId).status());
  } catch {
    // The host went away meanwhile; `onClosed` reports it.
  }
}

/** The host is silent since then (epoch ms), or is heard again. */
function takeSilence(hostId: string, since: number | undefined): void {
  const host = useConsole.getState().fleet.hosts[hostId];
  if (!host) return;
  update('fleet', (fleet) => setSilence(fleet, hostId, since));
  const { name } = host.info;
  if (since === undefined) record('info', name, `${name} responds again`);
  else record('warning', name, `${name} is not responding: its tab may be frozen, or its computer busy`);
}

/** @param announced the person removed it, so nothing needs saying */
export function hostGone(hostId: string, announced = false): void {
  const { fleet } = useConsole.getState();
  const host = fleet.hosts[hostId];
  if (!host) return;
  update('migrations', (m) => endMigrationsFrom(m, hostId, `${host.info.name} has gone.`, Date.now()));
  const { migrations } = useConsole.getState();
  const { lost, fleet: next } = removeHost(fleet, hostId, migrations.byVm, Date.now());
  dropConnection(hostId);
  samples.forget(hostId);
  for (const vm of lost) samples.forget(vm.id);
  update('notices', (notices) =>
    dropTargets(
      notices,
      lost.map((vm) => vm.id),
    ),
  );
  if (announced) record('info', host.info.name, 'Host removed');
  else tellHostGone(host, lost);
  update('fleet', () => next);
  update('networks', (networks) => forgetNetwork(networks, hostId));
}

function tellHostGone({ info, local }: HostView, lost: VmStatus[]): void {
  if (lost.length === 0 && !local) {
    record('info', info.name, 'Left the subnet: its browser tab was closed. No VM was on it');
    return;
  }
  const names = lost.map((vm) => vm.name).join(', ');
  notify(
    lost.length > 0 ? 'danger' : 'warning',
    `${info.name} has gone`,
    lost.length > 0
      ? `Its tab was closed or its worker failed. Lost with it: ${names}.`
      : 'Its worker failed. No VM was on it.',
    info.id,
  );
}

function handleEvent(event: HostEvent): void {
  switch (event.type) {
    case 'status':
      takeStatus(event.status);
      break;
    case 'serial':
      serialOutput.announce(event.vmId);
      break;
    case 'serial-room':
      serialRoom.announce(event.vmId);
      break;
    case 'screen':
      screenNews.announce(event.vmId);
      break;
    case 'speaker':
      speakerNews.announce(event.vmId);
      break;
    case 'migration':
      takeMigration(event.statistics);
      break;
    case 'guest':
      takeGuestEvent(event.vmId, event.vmName, event.event);
      break;
    case 'problem':
      takeProblem(event);
      break;
  }
}

/** A quiet problem is an event only. One that concerns no VM is shown once, however many hosts of the subnet noticed it. */
function takeProblem({ title, detail, vmId, quiet }: Extract<HostEvent, { type: 'problem' }>): void {
  const { fleet, events, notices } = useConsole.getState();
  const named = withHostNames(detail, fleet);
  if (quiet) {
    if (!events.some((event) => event.text === `${title}: ${named}`)) record('warning', 'Subnet', `${title}: ${named}`);
  } else if (vmId !== undefined || !notices.some((notice) => notice.title === title && notice.detail === named)) {
    notify('danger', title, named, vmId);
  }
}

function takeStatus(status: HostStatus): void {
  const now = Date.now();
  update('fleet', (fleet) => applyStatus(fleet, status, useConsole.getState().migrations.byVm, now));
  const after = useConsole.getState().fleet.vms;
  for (const vm of status.vms) if (after[vm.id]?.hostId === status.info.id) samples.recordVm(vm, now);
  samples.recordHost(status, now);
  const before = useConsole.getState().networks;
  update('networks', (networks) => applyNetwork(networks, status.info.id, status.network, now));
  if (!status.network.responder) return;
  tellConflicts(conflictsOf(before));
  tellPool(before);
}

function tellPool(before: NetworksState): void {
  const pool = responderOf(useConsole.getState().networks)?.responder.pool;
  const poolBefore = responderOf(before)?.responder.pool;
  const state = pool ? poolState(pool) : 'room';
  if (state === (poolBefore ? poolState(poolBefore) : 'room')) return;
  record(state === 'room' ? 'info' : 'warning', 'Subnet', POOL_WORDS[state]);
}

/** @param before as the report before had them */
function tellConflicts(before: ReturnType<typeof conflictsOf>): void {
  const { networks, fleet } = useConsole.getState();
  const { began, over } = conflictChanges(before, conflictsOf(networks), fleet.vms);
  for (const words of began) record('warning', 'Subnet', `Address conflict: ${words}`);
  for (const address of over) record('info', 'Subnet', `Address conflict over: ${address} is used by one card`);
}

/** Also called with the final statistics that a migrate call resolves with. */
export function takeMigration(news: MigrationStatistics): void {
  const { migrations: before, fleet } = useConsole.getState();
  const statistics = news.error ? { ...news, error: withHostNames(news.error, fleet) } : news;
  update('migrations', (migrations) => applyMigration(migrations, statistics, Date.now()));
  if (useConsole.getState().migrations === before || !hasEnded(statistics.stage)) return;
  if (statistics.stage === 'completed') prefer({ hasMigrated: true });
  recordMigration(statistics);
  void refreshHost(statistics.sourceHostId);
  void refreshHost(statistics.targetHostId);
}

/** The end of a migration that another console began; that of this console's own is shown by its task. */
function recordMigration({ vmId, vmName, targetHostId, stage, downtimeMs, error }: MigrationStatistics): void {
  const { fleet, tasks } = useConsole.getState();
  if (tasks.some((task) => task.targetId === vmId && task.status === 'running' && task.cancellable)) return;
  const target = fleet.hostNames[targetHostId] ?? 'its target';
  const detail = error ?? (downtimeMs === undefined ? '' : `downtime ${formatDuration(downtimeMs)}`);
  const severity = stage === 'completed' ? 'success' : stage === 'failed' ? 'danger' : 'warning';
  record(severity, vmName, `Migration to ${target} ${stage}${detail && `: ${detail}`}`);
}
