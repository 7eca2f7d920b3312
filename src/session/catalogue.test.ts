import { describe, expect, it } from 'vitest';
import { parseManifest } from './catalogue.ts';

const linux = {
  name: 'linux',
  os: 'Debian 12',
  kernel: 'linux/vmlinuz',
  initrd: 'linux/initrd.gz',
  commandLine: 'console=ttyS0',
  memoryMiB: 128,
};

describe('guest catalogue', () => {
  it('finds images beside the manifest, whatever path the site has', () => {
    const { guests } = parseManifest({ guests: [linux] }, 'https://example.org/sub/path/?x');
    expect(guests[0].kernel).toEqual({ kind: 'url', url: 'https://example.org/sub/path/guests/linux/vmlinuz' });
    expect(guests[0]).toMatchObject({ os: 'Debian 12', memoryMiB: 128, commandLine: 'console=ttyS0' });
  });

  it('leaves out what is not a guest and says when it cannot read the manifest', () => {
    expect(parseManifest({ guests: [{ name: 'half' }, linux] }, 'http://h/').guests).toHaveLength(1);
    expect(parseManifest('nonsense', 'http://h/').problem).toContain('npm run guests');
  });

  it('takes guests that boot from drives where there is firmware for them', () => {
    const cd = {
      name: 'memtest',
      os: 'Memtest86+',
      drives: [{ model: 'ide-cd', file: 'memtest/cd.iso' }],
      memoryMiB: 64,
    };
    const firmware = { bios: 'bios', vgaBios: 'vga', files: { bios: { size: 262_144 }, vga: { size: 39_936 } } };
    const [guest] = parseManifest({ guests: [cd], firmware }, 'http://h/').guests;
    expect(guest.kernel).toBeUndefined();
    expect(guest.drives?.specs).toEqual([
      {
        model: 'ide-cd',
        properties: { bus: 1, unit: 0 },
        medium: { name: 'cd.iso', source: { kind: 'url', url: 'http://h/guests/memtest/cd.iso' } },
      },
    ]);
    expect(guest.drives?.firmware.biosKiB).toBe(256);
    expect(parseManifest({ guests: [cd] }, 'http://h/').guests).toEqual([]);
    for (const drives of ['x', [null], [{ model: 'ide-cd' }]])
      expect(parseManifest({ guests: [{ ...cd, drives }], firmware }, 'http://h/').guests).toEqual([]);
  });

  it('finds firmware with the sizes of its ROMs, and does without', () => {
    const files = { bios: { size: 262_144 }, vga: { size: 39_936 } };
    const firmware = { bios: 'bios', vgaBios: 'vga', files };
    expect(parseManifest({ guests: [linux], firmware }, 'http://h/').firmware).toEqual({
      bios: { kind: 'url', url: 'http://h/guests/bios' },
      biosKiB: 256,
      vgaBios: { kind: 'url', url: 'http://h/guests/vga' },
      vgaBiosKiB: 64,
    });
    for (const bad of [undefined, 'nonsense', { ...firmware, files: { bios: files.bios } }])
      expect(parseManifest({ guests: [linux], firmware: bad }, 'http://h/').firmware).toBeUndefined();
  });
});
