// Kernel modules in the guest: which ones, and the two tables that modprobe needs (modprobe(8), modules.dep(5)), made from what
// each module says of itself in its ELF section .modinfo: NUL-terminated "key=value" strings.
import { GuestBuildError } from '../packages/errors.ts';

/**
 * Disks, CD drives and their file systems, network cards, VLANs (802.1Q), the port of the guest's agent, the one that reports panics, the power
 * button, the PS/2 mouse and the devices under /dev/input, and what their drivers depend on. File names without .ko.
 */
export const MODULES = [
  'virtio',
  'virtio_ring',
  'virtio_pci_legacy_dev',
  'virtio_pci_modern_dev',
  'virtio_pci',
  'failover',
  'net_failover',
  'virtio_net',
  'virtio_console',
  'virtio_input',
  'virtio_blk',
  'crc16',
  'crc32c_generic',
  'libcrc32c',
  'mbcache',
  'jbd2',
  'ext4',
  'scsi_common',
  'scsi_mod',
  'libata',
  'ata_piix',
  'cdrom',
  'sr_mod',
  'isofs',
  'fat',
  'vfat',
  'nls_ascii',
  'nls_cp437',
  '8390',
  'ne2k-pci',
  'pvpanic',
  'pvpanic-mmio',
  'button',
  'psmouse',
  'evdev',
  'llc',
  'stp',
  'garp',
  'mrp',
  '8021q',
];

export interface KernelModule {
  /** As in MODULES. */
  file: string;
  /** Module names that it needs, directly. */
  depends: string[];
  /** Patterns of the device names ("pci:v00001AF4d*…") that it drives. */
  aliases: string[];
}

/** Throws GuestBuildError if it is no module. */
export function describeModule(file: string, elf: Uint8Array): KernelModule {
  const entries = sectionText(elf, '.modinfo')?.split('\0');
  if (entries === undefined) throw new GuestBuildError(`${file}.ko of the kernel package is no kernel module.`);
  const values = (key: string) =>
    entries.filter((entry) => entry.startsWith(`${key}=`)).map((entry) => entry.slice(key.length + 1));
  return {
    file,
    depends: values('depends').flatMap((list) => list.split(',').filter((name) => name !== '')),
    aliases: values('alias'),
  };
}

/** modules.dep: for each module, all that must be loaded before it. Throws GuestBuildError if one of them is not there. */
export function dependencyTable(modules: readonly KernelModule[]): string {
  const byName = new Map(modules.map((module) => [moduleName(module.file), module]));
  const all = (module: KernelModule): KernelModule[] =>
    module.depends.flatMap((name) => {
      const needed = byName.get(moduleName(name));
      if (needed === undefined) {
        throw new GuestBuildError(
          `The kernel's ${module.file} needs ${name} now, which the guest's list of modules lacks.`,
        );
      }
      return [needed, ...all(needed)];
    });
  return modules
    .map((module) => `${module.file}.ko: ${[...new Set(all(module))].map(({ file }) => `${file}.ko`).join(' ')}`)
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** modules.alias: which module drives which device. */
export function aliasTable(modules: readonly KernelModule[]): string {
  return modules
    .flatMap(({ file, aliases }) => aliases.map((alias) => `alias ${alias} ${moduleName(file)}\n`))
    .join('');
}

/** The kernel's own spelling. */
function moduleName(file: string): string {
  return file.replaceAll('-', '_');
}

/** Contents of a section of a 32-bit little-endian ELF file; undefined if it is none or has no such section. */
function sectionText(elf: Uint8Array, wanted: string): string | undefined {
  const bytes = Buffer.from(elf.buffer, elf.byteOffset, elf.byteLength);
  if (bytes.length < 52 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 1 || bytes[5] !== 1) return undefined;
  const [table, entrySize, count, namesIndex] = [32, 46, 48, 50].map((at, i) =>
    i === 0 ? bytes.readUInt32LE(at) : bytes.readUInt16LE(at),
  );
  const header = (index: number) => {
    const at = table + index * entrySize;
    return { name: bytes.readUInt32LE(at), offset: bytes.readUInt32LE(at + 16), size: bytes.readUInt32LE(at + 20) };
  };
  if (table + count * entrySize > bytes.length || namesIndex >= count) return undefined;
  const names = header(namesIndex).offset;
  for (let i = 0; i < count; i++) {
    const { name, offset, size } = header(i);
    const end = bytes.indexOf(0, names + name);
    if (bytes.toString('latin1', names + name, end) === wanted) return bytes.toString('latin1', offset, offset + size);
  }
  return undefined;
}
