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
