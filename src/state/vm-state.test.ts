import { expect, it } from 'vitest';
import type { HostInfo } from '../../engine/host/api.ts';
import { addHost, emptyFleet, setSilence } from './fleet.ts';
import { stateOf } from './vm-state.ts';

const guest = { kind: 'panicked' as const, detail: '' };

it('shows the guest’s end while the VM is on, and the power state otherwise', () => {
  expect(stateOf({ power: 'running', hostId: 'a' }, emptyFleet)).toBe('running');
  expect(stateOf({ power: 'running', hostId: 'a', guest }, emptyFleet)).toBe('panicked');
  expect(stateOf({ power: 'migrating', hostId: 'a', guest }, emptyFleet)).toBe('migrating');
});

it('does not claim to know it while the host is silent', () => {
  const fleet = addHost(emptyFleet, { id: 'a', name: 'host-a', memoryMiB: 512 } as HostInfo, true);
  const silent = setSilence(fleet, 'a', 1);
  expect(stateOf({ power: 'running', hostId: 'a', guest }, silent)).toBe('unknown');
  expect(stateOf({ power: 'off', hostId: 'a' }, setSilence(silent, 'a', undefined))).toBe('off');
});
