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

  it('fall back field by field when what is stored makes no sense', () => {
    const stored = {
      theme: 'pink',
      hosts: [{ name: '', memoryMiB: 1 }, { name: 'ok', memoryMiB: 256 }, 7],
      link: { latencyMs: -1 },
    };
    const preferences = parsePreferences(JSON.stringify(stored), false);
    expect(preferences.theme).toBe('light');
    expect(preferences.hosts).toEqual([{ name: 'ok', memoryMiB: 256 }]);
    expect(preferences.link).toEqual({ bandwidthMbits: 1000, latencyMs: 0.2 });
    expect(parsePreferences('{{{', false)).toEqual(defaultPreferences(false));
  });
});
