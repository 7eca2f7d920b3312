import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currentManifest, describeFile, type Guest, isUndamaged, type Manifest } from './manifest.ts';

const kernel = new Uint8Array([1, 2, 3, 4]);
const bios = new Uint8Array([5, 6]);
const manifest: Manifest = {
  recipe: 'now',
  firmware: {
    ...{ name: 'SeaBIOS', version: '1', bios: 'bios.bin', vgaBios: 'vga.bin', packages: [] },
    files: { 'bios.bin': describeFile(bios) },
  },
  guests: [
    {
      name: 'linux',
      os: 'Debian',
      kernel: 'vmlinuz',
      initrd: 'initrd.gz',
      commandLine: 'console=ttyS0',
      memoryMiB: 128,
      files: { vmlinuz: describeFile(kernel) },
      packages: [],
    },
  ],
};

describe('currentManifest', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'guests-'));
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'vmlinuz'), kernel);
    writeFileSync(join(folder, 'bios.bin'), bios);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is the manifest when the recipe is the same and every file is as described', () => {
    expect(currentManifest(folder, 'now')).toEqual(manifest);
  });

  it('is nothing after a change of the recipe', () => {
    expect(currentManifest(folder, 'other')).toBeUndefined();
  });

  it('is nothing when a file is gone, cut short or altered', () => {
    writeFileSync(join(folder, 'vmlinuz'), new Uint8Array([1, 2, 3, 5]));
    expect(currentManifest(folder, 'now')).toBeUndefined();
    truncateSync(join(folder, 'vmlinuz'), 3);
    expect(currentManifest(folder, 'now')).toBeUndefined();
    rmSync(join(folder, 'vmlinuz'));
    expect(currentManifest(folder, 'now')).toBeUndefined();
  });

  it('is nothing when firmware is not as described', () => {
    writeFileSync(join(folder, 'bios.bin'), new Uint8Array([5, 7]));
    expect(currentManifest(folder, 'now')).toBeUndefined();
  });

  it('keeps guests made on demand as long as their files are there in the right size', () => {
    const disk = {
      name: 'disk',
      os: 'Debian',
      drives: [{ model: 'ide-hd', file: 'disk.img' }],
      memoryMiB: 256,
      packages: [],
    };
    const made: Guest = { ...disk, files: { 'disk.img': describeFile(new Uint8Array(9)) }, recipe: 'its own' };
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, guests: [...manifest.guests, made] }));
    expect(currentManifest(folder, 'now')).toEqual(manifest);
    writeFileSync(join(folder, 'disk.img'), new Uint8Array(9));
    expect(currentManifest(folder, 'now')?.guests[1]).toEqual(made);
    expect(isUndamaged(folder, made)).toBe(true);
    writeFileSync(join(folder, 'disk.img'), new Uint8Array(9).fill(1));
    expect(isUndamaged(folder, made)).toBe(false);
    truncateSync(join(folder, 'disk.img'), 8);
    expect(currentManifest(folder, 'now')).toEqual(manifest);
  });

  it('is nothing when the manifest itself is missing or no manifest', () => {
    for (const text of ['', '{"recipe":"now"', 'null', '{"recipe":"now","guests":[]}']) {
      writeFileSync(join(folder, 'manifest.json'), text);
      expect(currentManifest(folder, 'now')).toBeUndefined();
    }
    rmSync(join(folder, 'manifest.json'));
    expect(currentManifest(folder, 'now')).toBeUndefined();
  });
});
