// Reads and validates a Linux bzImage: the setup header that the kernel's boot protocol defines
// (Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header"). Nothing is placed in memory here; linux-boot.ts does.
//
// A file has three parts: the boot sector with the header at 0x1f1, the rest of the real-mode setup code, and from
// `payloadOffset` on the protected-mode kernel of `payloadSize` bytes. The checksum that protocol 2.08 put at its end is not
// asked for: images of other makers never had it, and Linux has given it up.
import { ImageError } from './image-error.ts';

/** Offsets of header fields, the same in the file and in the zero page. */
export const HEADER_START = 0x1f1;
const SETUP_SECTS = 0x1f1;
const SYSSIZE = 0x1f4;
const BOOT_FLAG = 0x1fe;
const JUMP_DISTANCE = 0x201;
const MAGIC = 0x202;
const VERSION = 0x206;
const LOADFLAGS = 0x211;
const INITRD_ADDR_MAX = 0x22c;
const KERNEL_ALIGNMENT = 0x230;
const RELOCATABLE_KERNEL = 0x234;
const CMDLINE_SIZE = 0x238;
const PREF_ADDRESS = 0x258;
const INIT_SIZE = 0x260;

const SECTOR = 512;
const PARAGRAPH = 16;
const HDRS = 0x53726448; // "HdrS"
const LOADED_HIGH = 1;
const OLDEST_PROTOCOL = 0x202;
/** Where a kernel that is not relocatable, or says nothing, expects its protected-mode part. */
const CLASSIC_ADDRESS = 0x100000;

export interface BzImage {
  /** Boot protocol, major in the high byte: 0x20f is 2.15. */
  protocol: number;
  /** The setup header as it stands in the file, to be copied to HEADER_START of the zero page. */
  header: Uint8Array;
  /** The protected-mode kernel, a view of the file. */
  payload: Uint8Array;
  /** Guest-physical address for the payload. */
  loadAddress: number;
  /** Bytes from loadAddress that the kernel uses before it looks at the memory map. */
  initSize: number;
  /** Highest address that a byte of the initrd may have. */
  initrdAddressMax: number;
  /** Longest command line in bytes, without its terminating zero. */
  commandLineMax: number;
}

/** Has it the signature of a Linux kernel, whether or not it is sound? */
export function isBzImage(file: Uint8Array): boolean {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return file.length >= MAGIC + 4 && view.getUint32(MAGIC, true) === HDRS;
}

/**
 * `file` is the whole image. Throws ImageError if it is no bzImage, is truncated, or speaks a boot protocol
 * older than 2.02 (Linux 2.4).
 */
export function parseBzImage(file: Uint8Array): BzImage {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < HEADER_START || (file.length >= 4 && view.getUint32(0) === 0x7f454c46)) {
    throw new ImageError(
      file.length < HEADER_START
        ? `The kernel is not a bzImage: it has only ${file.length} bytes.`
        : 'The kernel is an ELF file without a multiboot header (vmlinux), not a bzImage. Use the compressed image, usually named vmlinuz or bzImage.',
    );
  }
  if (file.length < SECTOR || view.getUint16(BOOT_FLAG, true) !== 0xaa55) {
    throw new ImageError('The kernel is not a bzImage: the boot sector signature AA55 is missing.');
  }
  if (file.length < PREF_ADDRESS || view.getUint32(MAGIC, true) !== HDRS) {
    throw new ImageError('The kernel is not a bzImage: the header signature "HdrS" is missing.');
  }
  const protocol = view.getUint16(VERSION, true);
  if (protocol < OLDEST_PROTOCOL) {
    throw new ImageError(
      `The kernel speaks boot protocol ${protocolName(protocol)}; ${protocolName(OLDEST_PROTOCOL)} (Linux 2.4) or later is needed.`,
    );
  }
  if (!(view.getUint8(LOADFLAGS) & LOADED_HIGH)) {
    throw new ImageError('The kernel is a zImage, which loads below 1 MiB. Use a bzImage.');
  }

  const setupSectors = view.getUint8(SETUP_SECTS) || 4;
  const payloadOffset = (setupSectors + 1) * SECTOR;
  // Before 2.04 syssize has 16 bits and cannot be trusted; the file's end is the kernel's end.
  const declared = protocol >= 0x204 ? view.getUint32(SYSSIZE, true) * PARAGRAPH : file.length - payloadOffset;
  const end = payloadOffset + declared;
  // The last paragraph may be incomplete: syssize is rounded up.
  if (file.length <= payloadOffset || file.length <= end - PARAGRAPH) {
    throw new ImageError(
      `The kernel image is truncated: its header promises ${end} bytes, the file has ${file.length}. Fetch it again.`,
    );
  }
  const payload = file.subarray(payloadOffset, Math.min(end, file.length));

  const relocatable = protocol >= 0x205 && view.getUint8(RELOCATABLE_KERNEL) !== 0;
  const preferred = protocol >= 0x20a ? Number(view.getBigUint64(PREF_ADDRESS, true)) : CLASSIC_ADDRESS;
  const alignment = relocatable ? Math.max(view.getUint32(KERNEL_ALIGNMENT, true), 1) : 1;
  return {
    protocol,
    header: file.slice(HEADER_START, MAGIC + view.getUint8(JUMP_DISTANCE)),
    payload,
    // A relocatable kernel decompresses to its preferred address wherever it was put; there it need not move.
    loadAddress: relocatable ? Math.ceil(preferred / alignment) * alignment : CLASSIC_ADDRESS,
    initSize: Math.max(protocol >= 0x20a ? view.getUint32(INIT_SIZE, true) : 0, payload.length),
    initrdAddressMax: protocol >= 0x203 ? view.getUint32(INITRD_ADDR_MAX, true) : 0x37ffffff,
    commandLineMax: protocol >= 0x206 ? view.getUint32(CMDLINE_SIZE, true) : 255,
  };
}

function protocolName(protocol: number): string {
  return `${protocol >> 8}.${String(protocol & 0xff).padStart(2, '0')}`;
}
