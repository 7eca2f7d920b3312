import { describe, expect, it } from 'vitest';
import type { HostInfo, MigrationStage, MigrationStatistics, VmStatus } from '../../engine/host/api.ts';
import {
  addHost,
  applyStatus,
  consolidation,
  emptyFleet,
  type FleetReport,
  type FleetState,
  removeHost,
  SETTLE_MS,
  vmsOfThisTab,
  withHostNames,
} from './fleet.ts';

const NOW = 1_000_000;

const info = (id: string): HostInfo => ({
  id,
  name: id,
  memoryMiB: 512,
  link: { bandwidthMbits: 1000, latencyMs: 0.2, loss: 0, jitterMs: 0 },
  tabId: 't',
  startedAt: 0,
});

const vm = (id: string, hostId: string, power: VmStatus['power'] = 'running') =>
  ({ id, name: id, hostId, power, memoryMiB: 128, cpu: 0.5 }) as VmStatus;

const status = (hostId: string, ...vms: VmStatus[]): FleetReport => ({
  info: info(hostId),
  vms,
  memoryUsedMiB: vms.length * 128,
  memoryFreeMiB: 512 - vms.length * 128,
  cpu: vms.length * 0.5,
  cpuReady: 0,
  cores: 2,
});

const move = (stage: MigrationStage, endedAt?: number) => ({
  v: { statistics: { vmId: 'v', sourceHostId: 'a', targetHostId: 'b', stage } as MigrationStatistics, endedAt },
});

function fleetOf(...statuses: FleetReport[]): FleetState {
  let fleet = addHost(addHost(emptyFleet, info('a'), true), info('b'), true);
  for (const s of statuses) fleet = applyStatus(fleet, s, {}, NOW);
  return fleet;
}

describe('fleet', () => {
  it('keeps what did not change as the same object', () => {
    const before = fleetOf(status('a', vm('v', 'a')), status('b', vm('w', 'b')));
    const after = applyStatus(before, status('b', { ...vm('w', 'b'), cpu: 0.9 }), {}, NOW);
    expect(after.vms.v).toBe(before.vms.v);
    expect(after.hosts.a).toBe(before.hosts.a);
    expect(after.vmsOfHost).toBe(before.vmsOfHost);
    expect(after.vms.w.cpu).toBe(0.9);
  });

  it('orders hosts by name, whichever is found first', () => {
    const fleet = ['host-10', 'host-b', 'host-9', 'host-a'].reduce((f, id) => addHost(f, info(id), true), emptyFleet);
    expect(fleet.hostOrder).toEqual(['host-9', 'host-10', 'host-a', 'host-b']);
  });

  it('ignores a host that has gone', () => {
    expect(applyStatus(emptyFleet, status('a', vm('v', 'a')), {}, NOW)).toBe(emptyFleet);
  });

  it('drops a VM that its host no longer lists', () => {
    const before = fleetOf(status('a', vm('v', 'a')));
    expect(applyStatus(before, status('a'), {}, NOW).vms).toEqual({});
  });

  it('shows a migrating VM at the source although the target lists it too', () => {
    const before = fleetOf(status('a', vm('v', 'a', 'migrating')));
    const after = applyStatus(before, status('b', vm('v', 'b', 'starting')), move('precopy'), NOW);
    expect(after.vms.v.hostId).toBe('a');
    expect(after.vmsOfHost).toMatchObject({ a: ['v'], b: [] });
  });

  it('keeps it on the screen between the source’s last and the target’s first word', () => {
    const before = fleetOf(status('a', vm('v', 'a', 'migrating')));
    const between = applyStatus(before, status('a'), move('completed', NOW), NOW + 10);
    expect(between.vms.v).toMatchObject({ hostId: 'b', power: 'running' });
    const gone = applyStatus(between, status('a'), move('completed', NOW), NOW + SETTLE_MS + 1);
    expect(gone.vms.v).toBeUndefined();
  });

  it('does not let an old status of the source pull it back', () => {
    let fleet = fleetOf(status('a', vm('v', 'a', 'migrating')));
    fleet = applyStatus(fleet, status('b', vm('v', 'b')), move('completed', NOW), NOW);
    expect(fleet.vms.v.hostId).toBe('b');
    fleet = applyStatus(fleet, status('a', vm('v', 'a', 'migrating')), move('completed', NOW), NOW + 5);
    expect(fleet.vms.v.hostId).toBe('b');
  });

  it('says which VMs went with a host', () => {
    const before = fleetOf(status('a', vm('v', 'a')), status('b', vm('w', 'b')));
    const { fleet, lost } = removeHost(before, 'a', {}, NOW);
    expect(lost.map((l) => l.id)).toEqual(['v']);
    expect(Object.keys(fleet.vms)).toEqual(['w']);
    expect(fleet.hostOrder).toEqual(['b']);
  });

  it('knows which VMs go with this tab, off or on', () => {
    const fleet = addHost(fleetOf(status('a', vm('v', 'a', 'off'))), info('far'), false);
    const both = applyStatus(fleet, status('far', vm('w', 'far')), {}, NOW);
    expect(vmsOfThisTab(both).map((lost) => lost.id)).toEqual(['v']);
  });

  it('remembers the names of hosts that have gone', () => {
    const before = addHost(emptyFleet, { ...info('host-c-17'), name: 'host-c' }, false);
    const { fleet } = removeHost(before, 'host-c-17', {}, NOW);
    expect(withHostNames('v stays: host-c-17 is shutting down.', fleet)).toBe('v stays: host-c is shutting down.');
  });

  it('counts computers replaced: powered-on VMs less the hosts that carry them', () => {
    const fleet = fleetOf(status('a', vm('v', 'a'), vm('w', 'a'), vm('x', 'a', 'off')), status('b'));
    expect(consolidation(fleet)).toMatchObject({
      vms: 3,
      poweredOn: 2,
      hosts: 2,
      hostsInUse: 1,
      ratio: 2,
      boxesReplaced: 1,
    });
    expect(consolidation(fleet)).toMatchObject({ cpu: 1.5, cores: 2, cpuReady: 0 });
    const more = applyStatus(fleet, { ...status('b'), cpu: 1, cpuReady: 0.5 }, {}, NOW);
    expect(consolidation(more)).toMatchObject({ cpu: 2, cores: 2, cpuReady: 1 });
    expect(consolidation(emptyFleet)).toMatchObject({ ratio: 0, boxesReplaced: 0 });
  });
});
