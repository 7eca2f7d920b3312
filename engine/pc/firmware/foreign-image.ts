// Recognises, by its first bytes, a file that was given as a kernel and is none, so that the message names the mistake.

interface Kind {
  /** Where the bytes stand. */
  at: number;
  bytes: string;
  name: string;
}

const MULTIBOOT2 = 0xe85250d6;
/** A multiboot 2 header lies within the first 32 KiB, on an 8-byte boundary (Multiboot2 Specification 2.0, §3.1). */
const MULTIBOOT2_SEARCHED = 32768;

/** Characters of `bytes` are bytes. Longer signatures before shorter ones that are part of them. */
const KINDS: readonly Kind[] = [
  { at: 0, bytes: '\x1f\x8b', name: 'a gzip file' },
  { at: 0, bytes: '\xfd7zXZ', name: 'an xz file' },
  { at: 0, bytes: '\x28\xb5\x2f\xfd', name: 'a zstd file' },
  { at: 0, bytes: 'BZh', name: 'a bzip2 file' },
  { at: 0, bytes: '\x02\x21\x4c\x18', name: 'an LZ4 file' },
  { at: 0, bytes: '\x04\x22\x4d\x18', name: 'an LZ4 file' },
  { at: 0, bytes: '\x5d\0\0', name: 'an LZMA file' },
  { at: 0, bytes: '070701', name: 'a cpio archive, as initial RAM disks are' },
  { at: 0, bytes: '070702', name: 'a cpio archive, as initial RAM disks are' },
  { at: 0, bytes: 'QFI\xfb', name: 'a qcow2 disk image' },
  { at: 0, bytes: 'KDMV', name: 'a VMDK disk image' },
  { at: 0, bytes: 'vhdxfile', name: 'a VHDX disk image' },
  { at: 0, bytes: 'conectix', name: 'a VHD disk image' },
  { at: 0, bytes: 'PK\x03\x04', name: 'a ZIP archive' },
  { at: 0, bytes: '!<arch>\n', name: 'an ar archive, as Debian packages are' },
  { at: 0, bytes: '\x27\x05\x19\x56', name: 'a U-Boot image' },
  { at: 0x38, bytes: 'ARM\x64', name: 'a Linux kernel for ARM processors' },
  { at: 0x101, bytes: 'ustar', name: 'a tar archive' },
  { at: 0x8001, bytes: 'CD001', name: 'a CD image' },
];

const PE_PROCESSORS: Record<number, string> = {
  332: 'i386',
  34404: 'x86-64',
  450: 'ARM',
  43620: 'AArch64',
};

/** With its article, to follow "it is"; undefined for a file that nothing is known of. */
export function foreignImage(file: Uint8Array): string | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return efiProgram(file, view) ?? KINDS.find((kind) => hasAt(file, kind))?.name ?? webPage(file) ?? bootSector(view);
}

/** Has it a header of that specification, whose loaders enter a kernel in another way? */
export function isMultiboot2(file: Uint8Array): boolean {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at + 16 <= Math.min(file.length, MULTIBOOT2_SEARCHED); at += 8) {
    if (view.getUint32(at, true) !== MULTIBOOT2) continue;
    const sum = [0, 4, 8, 12].reduce((total, word) => total + view.getUint32(at + word, true), 0);
    if (sum % 2 ** 32 === 0) return true;
  }
  return false;
}

function hasAt(file: Uint8Array, { at, bytes }: Kind): boolean {
  return [...bytes].every((byte, i) => file[at + i] === byte.charCodeAt(0));
}

/** Microsoft PE and COFF specification, §2 and §3. */
function efiProgram(file: Uint8Array, view: DataView): string | undefined {
  if (file.length < 64 || view.getUint16(0, true) !== 0x5a4d) return undefined;
  const header = view.getUint32(0x3c, true);
  if (header + 6 > file.length || view.getUint32(header, true) !== 0x4550) return 'a DOS program';
  const processor = PE_PROCESSORS[view.getUint16(header + 4, true)];
  return `an EFI or Windows program${processor ? ` for ${processor} processors` : ''}`;
}

/** What a server sends instead of a file that it does not have. */
function webPage(file: Uint8Array): string | undefined {
  const start = new TextDecoder('latin1').decode(file.subarray(0, 256));
  return /^\s*(<!doctype html|<html|<\?xml)/i.test(start) ? 'a web page; perhaps the address is wrong' : undefined;
}

function bootSector(view: DataView): string | undefined {
  if (view.byteLength < 512 || view.getUint16(0x1fe, true) !== 0xaa55) return undefined;
  return 'a boot sector or a disk image, which needs a BIOS to start it';
}
