// Images as other programs make them; each test is skipped, with the reason in its name, where its program is missing.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recognize } from './recognize.ts';
import { memoryFile } from './testing/images.ts';

const SEARCHED = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'images-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const run = (tool: string, args: string[]) =>
  execFileSync(tool, args, { cwd: directory, env: SEARCHED, stdio: ['ignore', 'pipe', 'pipe'] });
const seen = (name: string) => recognize(memoryFile(new Uint8Array(readFileSync(join(directory, name)))));

function using(tool: string): (name: string, test: () => Promise<void>) => void {
  const missing = spawnSync(tool, ['--version'], { env: SEARCHED }).error !== undefined;
  return (name, test) => it.skipIf(missing)(missing ? `${name} (${tool} is missing)` : name, test);
}

function empty(name: string, mib: number): string {
  writeFileSync(join(directory, name), '');
  truncateSync(join(directory, name), mib << 20);
  return name;
}

describe('recognize: images of other programs', () => {
  for (const format of ['qcow2', 'qcow', 'vmdk', 'vhdx', 'vpc', 'vdi', 'qed'])
    using('qemu-img')(`qemu-img: ${format}`, async () => {
      run('qemu-img', ['create', '-q', '-f', format, `d.${format}`, '64M']);
      const info = JSON.parse(run('qemu-img', ['info', '--output=json', '-f', format, `d.${format}`]).toString());
      const found = await seen(`d.${format}`);
      expect(found).toMatchObject({ kind: 'disk-format', virtualSize: info['virtual-size'] });
      expect(found.problems[0].text).toContain(`-f ${format} `);
    });

  using('qemu-img')('qemu-img: a VHD of fixed size is a raw disk with a footer', async () => {
    run('qemu-img', ['create', '-q', '-f', 'vpc', '-o', 'subformat=fixed,force_size=on', 'fixed.vhd', '4M']);
    const bytes = new Uint8Array(readFileSync(join(directory, 'fixed.vhd')));
    bytes.set([0xeb, 0x3c, 0x90, 0x90], 0);
    bytes.set([1], 80);
    bytes.set([0x55, 0xaa], 510);
    expect((await recognize(memoryFile(bytes))).title).toContain('VHD of fixed size');
  });

  for (const [bits, mib] of [
    [12, 8],
    [16, 64],
    [32, 64],
  ])
    using('mkfs.fat')(`mkfs.fat: FAT${bits}`, async () => {
      run('mkfs.fat', ['-F', `${bits}`, empty('fat.img', mib)]);
      expect((await seen('fat.img')).title).toBe(`Disk, ${mib} MiB, FAT${bits} without partition table, does not boot`);
    });

  for (const type of ['ext2', 'ext3', 'ext4'])
    using('mke2fs')(`mke2fs: ${type}`, async () => {
      run('mke2fs', ['-q', '-F', '-t', type, empty('ext.img', 16)]);
      expect(await seen('ext.img')).toMatchObject({ kind: 'disk', fileSystem: type });
    });

  const cd = (name: string, ...args: string[]) => {
    mkdirSync(join(directory, 'cd/.disk'), { recursive: true });
    writeFileSync(join(directory, 'cd/.disk/info'), 'Debian GNU/Linux 12.5.0 "Bookworm" - Official i386 NETINST');
    writeFileSync(join(directory, 'cd/boot.img'), 'x'.repeat(2048));
    run('genisoimage', ['-quiet', '-V', name.toUpperCase(), '-o', `${name}.iso`, ...args, 'cd']);
    return seen(`${name}.iso`);
  };

  using('genisoimage')('genisoimage: a CD that boots', async () => {
    const found = await cd('boots', '-R', '-J', '-b', 'boot.img', '-no-emul-boot', '-boot-load-size', '4');
    expect(found).toMatchObject({
      title: 'ISO 9660, “BOOTS”, boots by BIOS',
      problems: [],
      bootEntries: [{ platform: 'bios', emulation: 'none', loadedBytes: 2048 }],
      proposal: { guestOs: 'Debian' },
    });
  });

  using('genisoimage')('genisoimage: a CD with files only', async () => {
    expect(await cd('data', '-r')).toMatchObject({ title: 'ISO 9660, “DATA”, does not boot' });
  });
});
