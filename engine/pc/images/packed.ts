// Recognises compressed files and archives, and initial RAM disks: cpio archives, usually compressed. What is in a compressed file
// only its decompressor can say, which the caller has (workers/unpack).

import { hasAt, type ImageReader, latin1, u8, u16, u32, u64 } from './image-file.ts';
import { blocking, type PackedFormat, type RecognizedImage } from './recognized.ts';
import { sizeText } from './size-text.ts';

/** The first bytes of a compressed file's contents, or undefined if they cannot be had. */
export type PeekInto = (format: PackedFormat) => Promise<Uint8Array | undefined>;

interface Packer {
  format: PackedFormat;
  name: string;
  at: number;
  signature: string;
  unpackable?: boolean;
  /** Command that unpacks it, where that is not done here. */
  command?: string;
}

const PACKERS: readonly Packer[] = [
  { format: 'gzip', name: 'gzip', at: 0, signature: '\x1f\x8b\x08', unpackable: true },
  { format: 'zip', name: 'ZIP', at: 0, signature: 'PK\x03\x04', unpackable: true },
  { format: 'xz', name: 'xz', at: 0, signature: '\xfd7zXZ\0', unpackable: true },
  { format: 'zstd', name: 'zstd', at: 0, signature: '\x28\xb5\x2f\xfd', unpackable: true },
  { format: 'bzip2', name: 'bzip2', at: 0, signature: 'BZh', command: 'bunzip2 FILE' },
  { format: '7z', name: '7-Zip', at: 0, signature: '7z\xbc\xaf\x27\x1c', command: '7z x FILE' },
  { format: 'lz4', name: 'LZ4', at: 0, signature: '\x04\x22\x4d\x18', command: 'lz4 -d FILE' },
  { format: 'lz4', name: 'LZ4', at: 0, signature: '\x02\x21\x4c\x18', command: 'lz4 -d FILE' },
  { format: 'lzo', name: 'LZO', at: 0, signature: '\x89LZO\0\r\n\x1a\n', command: 'lzop -d FILE' },
  { format: 'rar', name: 'RAR', at: 0, signature: 'Rar!\x1a\x07', command: 'unrar x FILE' },
  { format: 'cab', name: 'cabinet', at: 0, signature: 'MSCF\0\0\0\0', command: 'cabextract FILE' },
  { format: 'lzma', name: 'LZMA', at: 0, signature: '\x5d\0\0', command: 'unlzma FILE' },
  { format: 'tar', name: 'tar', at: 0x101, signature: 'ustar', command: 'tar -xf FILE' },
];

/** What Linux's initramfs may be packed with (usr/Kconfig, init/initramfs.c). */
const OF_INITRDS = new Set<PackedFormat>(['gzip', 'xz', 'zstd', 'bzip2', 'lz4', 'lzma', 'lzo']);
/** `newc`, with or without checksums (Documentation/driver-api/early-userspace/buffer-format.rst). */
const CPIO = ['070701', '070702'];

export async function packed(reader: ImageReader, peekInto?: PeekInto): Promise<RecognizedImage | undefined> {
  const { head } = reader;
  if (isCpio(head)) return initrd(undefined);
  const packer = PACKERS.find(({ at, signature }) => hasAt(head, at, signature));
  if (!packer) return undefined;
  if (OF_INITRDS.has(packer.format)) {
    const contents = await peekInto?.(packer.format);
    if (contents && isCpio(contents)) return initrd(packer);
  }
  return packedFile(reader, packer);
}

/** The magic alone could be text: the fields behind it are hexadecimal too. */
function isCpio(bytes: Uint8Array): boolean {
  return CPIO.some((magic) => hasAt(bytes, 0, magic)) && /^[\da-fA-F]{104}$/.test(latin1(bytes, 6, 104));
}

function initrd(packer: Packer | undefined): RecognizedImage {
  return {
    kind: 'initrd',
    title: `Linux initial RAM disk${packer ? `, ${packer.name}` : ''}`,
    problems: [blocking('An initial RAM disk starts with a Linux kernel: choose the kernel (vmlinuz) too.')],
    packed: packer?.format,
  };
}

async function packedFile(reader: ImageReader, packer: Packer): Promise<RecognizedImage> {
  const unpackedSize = await declaredSize(reader, packer.format);
  const unpackable = packer.unpackable === true;
  const archive = ['zip', '7z', 'tar', 'rar', 'cab'].includes(packer.format);
  return {
    kind: 'packed',
    format: packer.format,
    title: `${packer.name} ${archive ? 'archive' : 'file'}${unpackedSize ? `, ${sizeText(unpackedSize)} unpacked` : ''}`,
    problems: unpackable
      ? []
      : [
          blocking(
            `A ${packer.name} ${archive ? 'archive' : 'file'} cannot be unpacked here. Unpack it first: ${packer.command}`,
          ),
        ],
    unpackable,
    unpackedSize,
  };
}

/** What the file says without being unpacked, bytes. */
async function declaredSize(reader: ImageReader, format: PackedFormat): Promise<number | undefined> {
  // RFC 1952 §2.3.1: ISIZE is modulo 2^32. Where more than that must be in it, nothing is said.
  if (format === 'gzip') {
    const size = u32(await reader.tail(4), 0);
    return size >= reader.size ? size : undefined;
  }
  return format === 'zstd' ? zstdContentSize(reader.head) : undefined;
}

/** RFC 8878 §3.1.1.1. */
function zstdContentSize(head: Uint8Array): number | undefined {
  const descriptor = u8(head, 4);
  const single = (descriptor & 0x20) !== 0;
  const at = 5 + (single ? 0 : 1) + [0, 1, 2, 4][descriptor & 3];
  const size = descriptor >> 6;
  if (size === 0) return single ? u8(head, at) : undefined;
  if (size === 1) return u16(head, at) + 256;
  return size === 2 ? u32(head, at) : u64(head, at);
}
