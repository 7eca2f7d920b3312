import '../testing/browser-globals.ts';
import { describe, expect, it } from 'vitest';
import type { HostInfo, VmStatus } from '../../engine/host/api.ts';
import { addHost, applyStatus, emptyFleet } from '../state/fleet.ts';
import { confirmationOf } from './confirmation.ts';

const info: HostInfo = {
  id: 'h',
  name: 'host-a',
  memoryMiB: 512,
  link: { bandwidthMbits: 1000, latencyMs: 0.2, loss: 0, jitterMs: 0 },
  tabId: 't',
  startedAt: 0,
};
const disk = { model: 'ide-cd', medium: { name: 'tools.iso' }, overlayBytes: 2 << 20 };
const vm = (id: string, power: VmStatus['power']) =>
  ({ id, name: id, hostId: 'h', power, drives: [disk, disk] }) as unknown as VmStatus;
const fleet = applyStatus(
  addHost(emptyFleet, info, true),
  {
    info,
    vms: [vm('web', 'running'), vm('db', 'crashed')],
    memoryUsedMiB: 0,
    memoryFreeMiB: 512,
    cpu: 0,
    cpuReady: 0,
    cores: 2,
  },
  {},
  0,
);

describe('confirmations', () => {
  it('name what is lost', () => {
    expect(confirmationOf({ kind: 'confirm', what: 'power-off', vmId: 'web' }, fleet)?.text).toContain('its programs');
    expect(confirmationOf({ kind: 'confirm', what: 'power-off', vmId: 'db' }, fleet)?.text).toContain('registers');
    expect(confirmationOf({ kind: 'confirm', what: 'remove-host', hostId: 'h' }, fleet)?.text).toContain('db, web');
  });

  it('name what was written to disks, and the medium that a guest has locked', () => {
    expect(confirmationOf({ kind: 'confirm', what: 'delete-vm', vmId: 'db' }, fleet)?.text).toContain('4 MiB');
    const eject = confirmationOf({ kind: 'confirm', what: 'force-eject', vmId: 'web', drive: 1 }, fleet);
    expect(eject?.title).toBe('Eject tools.iso by force?');
  });

  it('vanish with their object', () => {
    expect(confirmationOf({ kind: 'confirm', what: 'reset', vmId: 'gone' }, fleet)).toBeUndefined();
  });
});
