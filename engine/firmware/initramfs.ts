// Checks an initrd before it is handed to a kernel: is it something the kernel can unpack (lib/decompress.c,
// init/initramfs.c), and, for the usual gzip, is it whole?
import { gunzipSync } from 'fflate';
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
    contents = gunzipSync(initrd);
  } catch (error) {
    throw new ImageError(
      `The initrd is truncated or corrupt: it cannot be unpacked (${(error as Error).message}). Fetch it again.`,
    );
  }
  // A boot loader's padding may follow the archive; then its trailer is not at the end and cannot be compared.
  const trailer = new DataView(initrd.buffer, initrd.byteOffset + initrd.length - GZIP_TRAILER, GZIP_TRAILER);
  const padded = trailer.getUint32(4, true) === 0 && trailer.getUint32(0, true) === 0;
  const whole = trailer.getUint32(4, true) === contents.length && trailer.getUint32(0, true) === crc32(contents);
  if (!whole && !padded) {
    throw new ImageError('The initrd is truncated or corrupt: its checksum is wrong. Fetch it again.');
  }
}

function startsWith(bytes: Uint8Array, magic: number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}
