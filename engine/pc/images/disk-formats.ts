// Recognises the formats that hold a disk's contents in a structure of their own, with the size of the disk in them.

import { hasAt, type ImageReader, u8, u32, u32be, u64, u64be } from './image-file.ts';
import { blocking, type RecognizedImage } from './recognized.ts';
import { sizeText } from './size-text.ts';

interface DiskFormat {
  name: string;
  matches(head: Uint8Array): boolean;
  /** Bytes. */
  virtualSize?(reader: ImageReader): Promise<number> | number;
  /** What qemu-img calls it; missing where it cannot read it. */
  qemuName?: string;
}

const SECTOR = 512;

const FORMATS: readonly DiskFormat[] = [
  {
    // QEMU docs/interop/qcow2.txt, "Header".
    name: 'qcow2 disk image',
    matches: (head) => hasAt(head, 0, 'QFI\xfb') && u32be(head, 4) >= 2,
    virtualSize: ({ head }) => u64be(head, 24),
    qemuName: 'qcow2',
  },
  {
    name: 'qcow disk image (version 1)',
    matches: (head) => hasAt(head, 0, 'QFI\xfb'),
    virtualSize: ({ head }) => u64be(head, 24),
    qemuName: 'qcow',
  },
  {
    // QEMU docs/interop/qed_spec.txt.
    name: 'QED disk image',
    matches: (head) => hasAt(head, 0, 'QED\0'),
    virtualSize: ({ head }) => u64(head, 48),
    qemuName: 'qed',
  },
  {
    // VMware Virtual Disks 5.0, "Hosted Sparse Extent Header": capacity in sectors.
    name: 'VMDK disk image',
    matches: (head) => hasAt(head, 0, 'KDMV') || hasAt(head, 0, 'COWD'),
    virtualSize: ({ head }) => (hasAt(head, 0, 'KDMV') ? u64(head, 12) : u32(head, 12)) * SECTOR,
    qemuName: 'vmdk',
  },
  {
    name: 'VMDK description, without the disk itself',
    matches: (head) => hasAt(head, 0, '# Disk DescriptorFile'),
    virtualSize: ({ head }) => extentSectors(head) * SECTOR,
    qemuName: 'vmdk',
  },
  {
    // [MS-VHDX] §2.2.1 and §2.6.2.4; the size stands in the metadata region, which its table names.
    name: 'VHDX disk image',
    matches: (head) => hasAt(head, 0, 'vhdxfile'),
    virtualSize: vhdxSize,
    qemuName: 'vhdx',
  },
  {
    // Virtual Hard Disk Image Format Specification, "Hard Disk Footer Format": a copy of it stands first.
    name: 'VHD disk image',
    matches: (head) => hasAt(head, 0, 'conectix'),
    virtualSize: ({ head }) => u64be(head, 48),
    qemuName: 'vpc',
  },
  {
    // VirtualBox's VDI header 1.1: signature at 40h, size of the disk at 170h.
    name: 'VDI disk image',
    matches: (head) => u32(head, 0x40) === 0xbeda107f,
    virtualSize: ({ head }) => u64(head, 0x170),
    qemuName: 'vdi',
  },
  {
    name: 'Parallels disk image',
    matches: (head) => hasAt(head, 0, 'WithoutFreeSpace') || hasAt(head, 0, 'WithouFreSpacExt'),
    virtualSize: ({ head }) => u32(head, 36) * SECTOR,
    qemuName: 'parallels',
  },
  {
    name: 'Bochs growing disk image',
    matches: (head) => hasAt(head, 0, 'Bochs Virtual HD Image'),
    qemuName: 'bochs',
  },
  { name: 'EnCase evidence file', matches: (head) => hasAt(head, 0, 'EVF\x09\x0d\x0a\xff\0') },
];

export async function diskFormat(reader: ImageReader): Promise<RecognizedImage | undefined> {
  const format = FORMATS.find(({ matches }) => matches(reader.head));
  if (!format) return undefined;
  const virtualSize = (await format.virtualSize?.(reader)) || undefined;
  return found(format.name, virtualSize, format.qemuName);
}

/** Formats that are told by their end alone. */
export async function diskFormatByTrailer(reader: ImageReader): Promise<RecognizedImage | undefined> {
  const tail = await reader.tail(SECTOR);
  // A fixed VHD is the raw disk with a footer: the footer is beyond the end of every disk in it, so that it does no harm.
  if (tail.length < SECTOR) return undefined;
  if (hasAt(tail, 0, 'koly')) {
    // Apple's UDIF trailer, "koly": sectors at 492.
    return found('macOS disk image (dmg)', u64be(tail, 492) * SECTOR, 'dmg');
  }
  return undefined;
}

/** Has the raw disk the footer of a fixed VHD behind it? */
export async function hasVhdFooter(reader: ImageReader): Promise<boolean> {
  return reader.size % SECTOR === 0 && hasAt(await reader.tail(SECTOR), 0, 'conectix');
}

function found(name: string, virtualSize: number | undefined, qemuName: string | undefined): RecognizedImage {
  const convert = qemuName
    ? ` Convert it first: qemu-img convert -f ${qemuName} -O raw FILE disk.img`
    : ' Convert it to a raw disk image first.';
  return {
    kind: 'disk-format',
    format: name,
    title: `${name}${virtualSize ? `, a disk of ${sizeText(virtualSize)}` : ''}`,
    problems: [blocking(`A ${name} cannot be used yet.${convert}`)],
    virtualSize,
  };
}

/** Sum of a descriptor's lines such as `RW 4192256 SPARSE "x-s001.vmdk"`. */
function extentSectors(head: Uint8Array): number {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 8192));
  return [...text.matchAll(/^(?:RW|RDONLY|NOACCESS) +(\d{1,12}) /gm)].reduce((sum, match) => sum + Number(match[1]), 0);
}

const VHDX_REGION_TABLE = 192 << 10;
const VHDX_METADATA_REGION = '\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e';
const VHDX_SIZE_ITEM = '\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8';
const VHDX_TABLE_ENTRIES = 64;

async function vhdxSize(reader: ImageReader): Promise<number> {
  const regions = await reader.bytes(VHDX_REGION_TABLE, 16 + VHDX_TABLE_ENTRIES * 32);
  for (let i = 0; i < Math.min(u8(regions, 8), VHDX_TABLE_ENTRIES); i++) {
    const at = 16 + i * 32;
    if (!hasAt(regions, at, VHDX_METADATA_REGION)) continue;
    const offset = u64(regions, at + 16);
    const items = await reader.bytes(offset, 32 + VHDX_TABLE_ENTRIES * 32);
    for (let item = 32; item < items.length; item += 32)
      if (hasAt(items, item, VHDX_SIZE_ITEM)) return u64(await reader.bytes(offset + u32(items, item + 16), 8), 0);
  }
  return 0;
}
