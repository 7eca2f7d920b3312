// A hard disk that boots Linux as people's do: a partition table, a FAT partition with SYSLINUX, the kernel and the initramfs in it.
// SYSLINUX comes from Debian's packages "syslinux" and "syslinux-common", fetched without root into .cache/; they find mtools on the
// system, which must have that and dosfstools.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrivateApt } from '../../guests/packages/apt.ts';
import type { LinuxImage } from './guest-image.ts';

const CACHE = fileURLToPath(new URL('../../.cache/syslinux', import.meta.url));
const DEBIAN_RELEASE = 'bookworm';
const MBR_CODE = 'usr/lib/syslinux/mbr/mbr.bin';

const SECTOR = 512;
const DISK_BYTES = 64 << 20;
/** Of the partition, aligned to 1 MiB. */
const FIRST_SECTOR = 2048;
const PARTITION_TABLE = 0x1be;
const FAT16_LBA = 0x0e;
const ACTIVE = 0x80;

/** On the screen and on the serial port. */
const configuration = (commandLine: string) => `SERIAL 0 115200
DEFAULT linux
PROMPT 0
LABEL linux
  KERNEL vmlinuz
  INITRD initrd.gz
  APPEND ${commandLine}
`;

/** Throws what is missing, or what one of the tools says. */
export function makeBootDisk(image: string, { kernel, initrd, commandLine }: LinuxImage): void {
  const syslinux = fetchSyslinux();
  mkdirSync(dirname(image), { recursive: true });
  const file = openSync(image, 'w');
  try {
    truncateSync(image, DISK_BYTES);
    writeSync(file, masterBootRecord(readFileSync(join(syslinux, MBR_CODE)), DISK_BYTES / SECTOR), 0, undefined, 0);
  } finally {
    closeSync(file);
  }
  const offset = FIRST_SECTOR * SECTOR;
  const blocks = (DISK_BYTES - offset) / 1024;
  const geometry = ['--offset', String(FIRST_SECTOR), '-F', '16', '-h', String(FIRST_SECTOR)];
  run('mkfs.vfat', 'dosfstools', ['--invariant', ...geometry, image, String(blocks)]);
  const partition = `${image}@@${offset}`;
  const settings = join(dirname(image), 'syslinux.cfg');
  writeFileSync(settings, configuration(commandLine));
  for (const [from, to] of [
    [settings, 'syslinux.cfg'],
    [kernel.path, 'vmlinuz'],
    [initrd.path, 'initrd.gz'],
  ])
    run('mcopy', 'mtools', ['-i', partition, from, `::${to}`]);
  run(join(syslinux, 'usr/bin/syslinux'), 'libc6', ['--install', '--offset', String(offset), image]);
}

/** The first sector of a disk of so many sectors with one partition, which is active. */
export function masterBootRecord(code: Uint8Array, diskSectors: number): Uint8Array {
  const record = new Uint8Array(SECTOR);
  if (code.length > PARTITION_TABLE - 6) throw new RangeError('The boot code covers the partition table.');
  record.set(code);
  // Cylinders, heads and sectors say nothing: whoever reads them is to take the sector numbers instead.
  record.set([ACTIVE, 0xfe, 0xff, 0xff, FAT16_LBA, 0xfe, 0xff, 0xff], PARTITION_TABLE);
  const view = new DataView(record.buffer);
  view.setUint32(PARTITION_TABLE + 8, FIRST_SECTOR, true);
  view.setUint32(PARTITION_TABLE + 12, diskSectors - FIRST_SECTOR, true);
  view.setUint16(SECTOR - 2, 0xaa55, true);
  return record;
}

/** Folder of the unpacked packages, for the processor of this machine. */
function fetchSyslinux(): string {
  const folder = join(CACHE, 'unpacked');
  const installer = join(folder, 'usr/bin/syslinux');
  if (spawnSync(installer, ['--version']).error === undefined) return folder;
  const architecture = run('dpkg', 'dpkg', ['--print-architecture']).trim();
  mkdirSync(CACHE, { recursive: true });
  const apt = new PrivateApt(join(CACHE, 'apt'), architecture, DEBIAN_RELEASE);
  apt.update();
  for (const name of ['syslinux', 'syslinux-common'])
    run('dpkg-deb', 'dpkg', ['--extract', apt.download(apt.show(name)), folder]);
  return folder;
}

/** What it prints. */
function run(command: string, debianPackage: string, args: string[]): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    // The tools of file systems are not on everyone's path.
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, MTOOLS_SKIP_CHECK: '1' },
  });
  if (error === undefined && status === 0) return stdout;
  throw new Error(
    `The disk to boot from could not be made: ${command} (Debian's ${debianPackage}): ${error?.message ?? stderr}`,
  );
}
