// What the subnet's hosts last said about themselves and their VMs, merged into one picture. Hosts report twice a second
// and independently, so during a migration two of them may list the same VM, and for a moment neither may: `placement`
// decides where it is shown. Objects that did not change keep their identity, so that a component which selects one host
// or one VM is not drawn again for the others' news.
import type { HostInfo, HostStatus, MigrationStatistics, VmStatus } from '../../engine/host/api.ts';

export interface HostView {
  info: HostInfo;
  /** It lives in this browser tab. */
  local: boolean;
  /** Has it sent its first status yet? */
  online: boolean;
  memoryUsedMiB: number;
  memoryFreeMiB: number;
  /** Cores: used, waited for, and those of the computer. */
  cpu: number;
  cpuReady: number;
  cores: number;
  /** It has been silent since then (epoch ms); what it last reported may be out of date. */
  silentSince?: number;
}

export interface FleetState {
  hosts: Record<string, HostView>;
  hostOrder: string[];
  vms: Record<string, VmStatus>;
  /** VM ids of each host in the order in which they are shown. */
  vmsOfHost: Record<string, string[]>;
  /** What each host last reported, before the merge. */
  reported: Record<string, VmStatus[]>;
  /** Names by host id, also of hosts that have gone: reports still name them. */
  hostNames: Record<string, string>;
}

/** What the fleet takes of a host's status; its network is state/networks.ts. */
export type FleetReport = Omit<HostStatus, 'network'>;

export const emptyFleet: FleetState = { hosts: {}, hostOrder: [], vms: {}, vmsOfHost: {}, reported: {}, hostNames: {} };

/** For so long after a migration its outcome outweighs what a host's older status says, ms. */
export const SETTLE_MS = 3000;

export interface MigrationMemory {
  statistics: MigrationStatistics;
  /** When it came to its end, if it did. */
  endedAt?: number;
}

export function addHost(fleet: FleetState, info: HostInfo, local: boolean): FleetState {
  const view: HostView = {
    info,
    local,
    online: false,
    memoryUsedMiB: 0,
    memoryFreeMiB: info.memoryMiB,
    cpu: 0,
    cpuReady: 0,
    cores: globalThis.navigator?.hardwareConcurrency ?? 1,
  };
  const hosts = { ...fleet.hosts, [info.id]: view };
  const others = fleet.hostOrder.filter((id) => id !== info.id);
  const hostOrder = [...others, info.id].sort((a, b) => byName(hosts[a].info.name, hosts[b].info.name));
  return { ...fleet, hosts, hostOrder, hostNames: { ...fleet.hostNames, [info.id]: info.name } };
}

/** Hosts know each other by identity; the user knows them by name. */
export function withHostNames(text: string, { hostNames }: FleetState): string {
  return Object.entries(hostNames).reduce((named, [id, name]) => named.replaceAll(id, name), text);
}

/** Returns the VMs that went with it. */
export function removeHost(
  fleet: FleetState,
  hostId: string,
  migrations: Record<string, MigrationMemory>,
  now: number,
): { fleet: FleetState; lost: VmStatus[] } {
  const { [hostId]: _host, ...hosts } = fleet.hosts;
  const { [hostId]: _reported, ...reported } = fleet.reported;
  const next = merge(
    { ...fleet, hosts, reported, hostOrder: fleet.hostOrder.filter((id) => id !== hostId) },
    migrations,
    now,
  );
  return { fleet: next, lost: Object.values(fleet.vms).filter((vm) => !(vm.id in next.vms)) };
}

export function applyStatus(
  fleet: FleetState,
  status: FleetReport,
  migrations: Record<string, MigrationMemory>,
  now: number,
): FleetState {
  const known = fleet.hosts[status.info.id];
  if (!known) return fleet;
  const view: HostView = {
    info: sameJson(known.info, status.info) ? known.info : status.info,
    local: known.local,
    online: true,
    memoryUsedMiB: status.memoryUsedMiB,
    memoryFreeMiB: status.memoryFreeMiB,
    cpu: status.cpu,
    cpuReady: status.cpuReady,
    cores: status.cores,
  };
  const hosts = sameJson(known, view) ? fleet.hosts : { ...fleet.hosts, [status.info.id]: view };
  return merge({ ...fleet, hosts, reported: { ...fleet.reported, [status.info.id]: status.vms } }, migrations, now);
}

/** @param since epoch ms; undefined when the host is heard again */
export function setSilence(fleet: FleetState, hostId: string, since: number | undefined): FleetState {
  const { silentSince: _before, ...host } = fleet.hosts[hostId] ?? {};
  if (!('info' in host)) return fleet;
  const view: HostView = since === undefined ? host : { ...host, silentSince: since };
  return { ...fleet, hosts: { ...fleet.hosts, [hostId]: view } };
}

/** User-facing message: why nothing can be asked of a host now; undefined if it responds. */
export function silenceOf(fleet: FleetState, hostId: string): string | undefined {
  const host = fleet.hosts[hostId];
  return host?.silentSince === undefined ? undefined : `${host.info.name} is not responding`;
}

function merge(fleet: FleetState, migrations: Record<string, MigrationMemory>, now: number): FleetState {
  const claims = new Map<string, VmStatus[]>();
  for (const hostId of fleet.hostOrder)
    for (const vm of fleet.reported[hostId] ?? []) claims.set(vm.id, [...(claims.get(vm.id) ?? []), vm]);
  for (const id of Object.keys(fleet.vms)) if (!claims.has(id)) claims.set(id, []);

  const vms: Record<string, VmStatus> = {};
  for (const [id, candidates] of claims) {
    const vm = placement(candidates, migrations[id], fleet.vms[id], now);
    if (!vm || !fleet.hosts[vm.hostId]) continue;
    vms[id] = fleet.vms[id] && sameJson(fleet.vms[id], vm) ? fleet.vms[id] : vm;
  }
  return { ...fleet, vms, vmsOfHost: groupByHost(vms, fleet) };
}

/**
 * Where one VM is shown, and in which state.
 * @param candidates what the hosts that list it say
 * @param previous what was shown so far
 */
export function placement(
  candidates: VmStatus[],
  migration: MigrationMemory | undefined,
  previous: VmStatus | undefined,
  now: number,
): VmStatus | undefined {
  const settling = migration && (migration.endedAt === undefined || now - migration.endedAt < SETTLE_MS);
  if (candidates.length === 0) {
    // Between the source's last and the target's first word about it.
    if (!settling || !previous) return undefined;
    const arrived = migration.statistics.stage === 'completed';
    if (!arrived) return previous;
    const { targetHostId, totalPages } = migration.statistics;
    return { ...previous, hostId: targetHostId, power: totalPages === 0 ? 'off' : 'running' };
  }
  if (settling) {
    const { stage, sourceHostId, targetHostId } = migration.statistics;
    const arrived = stage === 'completed' || stage === 'activate';
    const there = candidates.find((vm) => vm.hostId === (arrived ? targetHostId : sourceHostId));
    if (there) return there;
    // Only the source's old status is at hand: it must not pull the VM back.
    if (arrived && previous?.hostId === targetHostId) return previous;
  }
  return candidates.find((vm) => vm.power !== 'migrating' && vm.power !== 'off') ?? candidates[0];
}

/** What goes when this browser tab goes. */
export function vmsOfThisTab({ hosts, vms }: FleetState): VmStatus[] {
  return Object.values(vms).filter((vm) => hosts[vm.hostId]?.local);
}

function groupByHost(vms: Record<string, VmStatus>, fleet: FleetState): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const hostId of fleet.hostOrder) {
    const ids = Object.values(vms)
      .filter((vm) => vm.hostId === hostId)
      .sort((a, b) => byName(a.name, b.name))
      .map((vm) => vm.id);
    const before = fleet.vmsOfHost[hostId];
    groups[hostId] = before && sameJson(before, ids) ? before : ids;
  }
  return sameShallow(groups, fleet.vmsOfHost) ? fleet.vmsOfHost : groups;
}

function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function sameShallow(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** Statuses are small plain data with a fixed order of fields: comparing their text is exact and cheap. */
function sameJson(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

export interface Consolidation {
  vms: number;
  poweredOn: number;
  hosts: number;
  hostsInUse: number;
  /** Powered-on VMs per host that carries any. */
  ratio: number;
  /** Computers no longer needed: each powered-on VM would be one, each host in use still is one. */
  boxesReplaced: number;
  /** Cores that all VMs used, of how many, and what they waited for beside that. */
  cpu: number;
  cores: number;
  cpuReady: number;
  memoryUsedMiB: number;
  memoryMiB: number;
}

export function consolidation(fleet: FleetState): Consolidation {
  const on = Object.values(fleet.vms).filter((vm) => vm.power !== 'off' && vm.power !== 'crashed');
  const hosts = Object.values(fleet.hosts);
  const hostsInUse = new Set(on.map((vm) => vm.hostId)).size;
  const sum = (pick: (host: HostView) => number) => hosts.reduce((total, host) => total + pick(host), 0);
  const cores = Math.max(0, ...hosts.map((host) => host.cores));
  const used = sum((host) => host.cpu);
  return {
    vms: Object.keys(fleet.vms).length,
    poweredOn: on.length,
    hosts: hosts.length,
    hostsInUse,
    ratio: hostsInUse === 0 ? 0 : on.length / hostsInUse,
    boxesReplaced: on.length - hostsInUse,
    // Hosts reckon a moment apart from each other.
    cpu: Math.min(cores, used),
    cores,
    cpuReady: sum((host) => host.cpuReady) + Math.max(0, used - cores),
    memoryUsedMiB: sum((host) => host.memoryUsedMiB),
    memoryMiB: sum((host) => host.info.memoryMiB),
  };
}
