import { describe, expect, it } from 'vitest';
import type { VmStatus } from '../../engine/host/api.ts';
import type { NetworksState } from '../state/networks.ts';
import { missingOn, usersOf, vlanInWords } from './port-group-words.ts';

describe('port groups in words', () => {
  it('say their VLANs', () => {
    expect(vlanInWords({ mode: 'access', vlan: 0 })).toBe('none');
    expect(vlanInWords({ mode: 'access', vlan: 7 })).toBe('7');
    expect(vlanInWords({ mode: 'trunk' })).toBe('trunk: all');
    expect(vlanInWords({ mode: 'trunk', allowed: [12, 1, 2, 3, 7] })).toBe('trunk: 1–3, 7, 12');
  });

  it('say who is in them and where they are missing', () => {
    const vm = (name: string, portGroup?: string) =>
      ({ name, nics: [{ model: 'virtio-net', mac: '', portGroup }] }) as VmStatus;
    const vms = { a: vm('web'), b: vm('db', 'lab'), c: vm('app', 'VM Network') };
    expect(usersOf('VM Network', vms)).toEqual(['app', 'web']);
    expect(usersOf('lab', vms)).toEqual(['db']);
    const host = (...names: string[]) => ({ status: { portGroups: names.map((name) => ({ name })) } });
    const networks = { a: host('lab'), b: host() } as unknown as NetworksState;
    expect(missingOn('lab', networks, { b: 'host-b' })).toEqual(['host-b']);
  });
});
