// Checks an initrd before it is handed to a kernel: is it something the kernel can unpack (lib/decompress.c,
// init/initramfs.c), and, if it is gzip as usual, is it whole?
import { inflateSync } from 'fflate';
import { crc32 } from './crc32.ts';
import { ImageError } from './image-error.ts';

const GZIP = [0x1f, 0x8b];
/** First bytes of the other forms: cpio newc ("07070"), xz, zstd, bzip2, LZMA, LZ4, LZO. */
const OTHER_MAGICS = [
  [0x30, 0x37, 0x30, 0x37, 0x30],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  [0x28, 0xb5, 0x2f, 0xfd],
  [0x42, 0x5a, 0x68],
  [0x5d, 0x00, 0x00],
  [0x02, 0x21, 0x4c, 0x18],
  [0x89, 0x4c, 0x5a, 0x4f],
];
const GZIP_TRAILER = 8;
const GZIP_HEADER_CHECKSUM = 0x02;
const GZIP_EXTRA = 0x04;
const GZIP_NAME = 0x08;
const GZIP_COMMENT = 0x10;

/** Throws ImageError if the kernel could not unpack it. */
export function checkInitramfs(initrd: Uint8Array): void {
  if (startsWith(initrd, GZIP)) checkGzip(initrd);
  else if (!OTHER_MAGICS.some((magic) => startsWith(initrd, magic))) {
    throw new ImageError(
      'The initrd is not a cpio archive, plain or compressed (gzip, xz, zstd, bzip2, LZMA, LZ4, LZO).',
    );
  }
}

function checkGzip(initrd: Uint8Array): void {
  let contents: Uint8Array;
  try {
    contents = inflateSync(initrd.subarray(gzipHeaderLength(initrd)));
  } catch {
    throw damaged('it cannot be unpacked');
  }
  // The trailer holds checksum and size of the contents. If the size is another, more archives or padding follow the
  // first, which a kernel takes too; where they begin is not worth finding out here.
  const trailer = new DataView(initrd.buffer, initrd.byteOffset + initrd.length - GZIP_TRAILER, GZIP_TRAILER);
  if (trailer.getUint32(4, true) === contents.length && trailer.getUint32(0, true) !== crc32(contents)) {
    throw damaged('its checksum is wrong');
  }
}

/** RFC 1952, §2.3: ten bytes and what the flags announce. */
function gzipHeaderLength(archive: Uint8Array): number {
  const flags = archive[3];
  let length = 10;
  if (flags & GZIP_EXTRA) length += 2 + archive[length] + (archive[length + 1] << 8);
  for (const text of [GZIP_NAME, GZIP_COMMENT]) {
    if (flags & text) length = archive.indexOf(0, length) + 1;
  }
  return length + (flags & GZIP_HEADER_CHECKSUM ? 2 : 0);
}

function damaged(how: string): ImageError {
  return new ImageError(`The initrd is truncated or corrupt: ${how}. Fetch it again.`);
}

function startsWith(bytes: Uint8Array, magic: number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}
