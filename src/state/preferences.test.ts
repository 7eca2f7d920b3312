import { describe, expect, it } from 'vitest';
import { defaultPreferences, parsePreferences } from './preferences.ts';

describe('preferences', () => {
  it('start with two hosts on a gigabit link', () => {
    const preferences = parsePreferences(null, true);
    expect(preferences).toEqual(defaultPreferences(true));
    expect(preferences.theme).toBe('dark');
    expect(preferences.hosts.map((host) => host.name)).toEqual(['host-a', 'host-b']);
    expect(preferences.link.bandwidthMbits).toBe(1000);
  });

  it('survive a round trip', () => {
    const chosen = { ...defaultPreferences(false), hosts: [{ name: 'big', memoryMiB: 2048 }], hasMigrated: true };
    expect(parsePreferences(JSON.stringify(chosen), true)).toEqual(chosen);
  });

  it('of before there were port groups, loss and jitter still load', () => {
    const old = { theme: 'dark', link: { bandwidthMbits: 100, latencyMs: 5 } };
    const preferences = parsePreferences(JSON.stringify(old), false);
    expect(preferences.link).toEqual({ bandwidthMbits: 100, latencyMs: 5, loss: 0, jitterMs: 0 });
    expect(preferences.portGroups).toEqual([]);
    expect(preferences.v86Network).toBeUndefined();
  });

  it('keep the network’s port groups, and drop what is none', () => {
    const group = {
      name: 'lab 7',
      vlan: { mode: 'trunk', allowed: [7, 8] },
      security: { promiscuous: true, forgedTransmits: false, macChanges: false },
    };
    const bad = { ...group, vlan: { mode: 'access', vlan: 5000 } };
    const stored = { portGroups: [group, bad, 'x'], v86Network: 3, link: { loss: 7 } };
    const preferences = parsePreferences(JSON.stringify(stored), false);
    expect(preferences.portGroups).toEqual([group]);
    expect(preferences.v86Network).toBe(3);
    expect(preferences.link.loss).toBe(0);
  });

  it('fall back field by field when what is stored makes no sense', () => {
    const stored = {
      theme: 'pink',
      hosts: [
        { name: '', memoryMiB: 256 },
        { name: 'ok', memoryMiB: 256 },
        { name: 'OK', memoryMiB: 512 },
        { name: 'half', memoryMiB: 3.5 },
        { name: 'vast', memoryMiB: 1e9 },
        { name: 'x'.repeat(5000), memoryMiB: 256 },
        { name: 'a\u202eb', memoryMiB: 256 },
        7,
      ],
      link: { latencyMs: -1, bandwidthMbits: 1e-9, loss: 2, jitterMs: 1e12 },
    };
    const preferences = parsePreferences(JSON.stringify(stored), false);
    expect(preferences.theme).toBe('light');
    expect(preferences.hosts).toEqual([{ name: 'ok', memoryMiB: 256 }]);
    expect(preferences.link).toEqual({ bandwidthMbits: 1000, latencyMs: 0.2, loss: 0, jitterMs: 0 });
    expect(parsePreferences('{{{', false)).toEqual(defaultPreferences(false));
  });
});
