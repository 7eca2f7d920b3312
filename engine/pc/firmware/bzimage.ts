// Reads and validates a Linux bzImage: the setup header that the kernel's boot protocol defines
// (Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header"). Nothing is placed in memory here; linux-boot.ts does.
//
// A file has three parts: the boot sector with the header at 0x1f1, the rest of the real-mode setup code, and from
// `payloadOffset` on the protected-mode kernel of `payloadSize` bytes. The checksum that protocol 2.08 put at its end is not
// asked for: images of other makers never had it, and Linux has dropped it.
import { checkProcessor, isElf } from './elf-image.ts';
import { foreignImage, isMultiboot2 } from './foreign-image.ts';
import { ImageError } from './image-error.ts';

/** Offsets of header fields, the same in the file and in the zero page. */
export const HEADER_START = 0x1f1;
const SETUP_SECTS = 0x1f1;
const SYSSIZE = 0x1f4;
const BOOT_FLAG = 0x1fe;
const JUMP_DISTANCE = 0x201;
const MAGIC = 0x202;
const VERSION = 0x206;
const KERNEL_VERSION = 0x20e;
const LOADFLAGS = 0x211;
const CODE32_START = 0x214;
const INITRD_ADDR_MAX = 0x22c;
const KERNEL_ALIGNMENT = 0x230;
const RELOCATABLE_KERNEL = 0x234;
const XLOADFLAGS = 0x236;
const CMDLINE_SIZE = 0x238;
const PREF_ADDRESS = 0x258;
const INIT_SIZE = 0x260;

const SECTOR = 512;
const PARAGRAPH = 16;
const HDRS = 0x53726448; // "HdrS"
const LOADED_HIGH = 1;
/** It has the 64-bit entry point: Linux for x86-64 sets it, since protocol 2.12. */
const XLF_KERNEL_64 = 1;
/** "6.1.0-54-686 (builder@host) #1 SMP date". */
const LINUX_VERSION = / #\d+/;
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

/** What is known of a kernel from its first bytes. */
export interface BzImageOutline {
  /** Boot protocol, major in the high byte: 0x20f is 2.15. */
  protocol: number;
  /** Where the protected-mode kernel begins and ends in the file. */
  payloadOffset: number;
  payloadEnd: number;
}

/**
 * `head`: the image, or its first 66 KiB, within which the kernel's version stands; `size`: of the whole image, bytes. Throws ImageError if it is
 * no bzImage, is truncated, or speaks a boot protocol older than 2.02 (Linux 2.4).
 */
export function checkBzImage(head: Uint8Array, size: number): BzImageOutline {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (isElf(head)) throw unusableElf(head);
  if (!isBzImage(head)) {
    const kind = foreignImage(head);
    if (kind) throw new ImageError(`The kernel is not a bzImage: it is ${kind}.`);
  }
  if (size < HEADER_START) {
    throw new ImageError(`The kernel is not a bzImage: it has only ${size} bytes.`);
  }
  if (size < SECTOR || view.getUint16(BOOT_FLAG, true) !== 0xaa55) {
    throw new ImageError('The kernel is not a bzImage: the boot sector signature AA55 is missing.');
  }
  if (size < PREF_ADDRESS || view.getUint32(MAGIC, true) !== HDRS) {
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

  checkEntry(view, protocol);

  const setupSectors = view.getUint8(SETUP_SECTS) || 4;
  const payloadOffset = (setupSectors + 1) * SECTOR;
  // Before 2.04 syssize has 16 bits and cannot be trusted; the file's end is the kernel's end.
  const declared = protocol >= 0x204 ? view.getUint32(SYSSIZE, true) * PARAGRAPH : size - payloadOffset;
  const end = payloadOffset + declared;
  // The last paragraph may be incomplete: syssize is rounded up.
  if (size <= payloadOffset || size <= end - PARAGRAPH) {
    throw new ImageError(
      `The kernel image is truncated: its header promises ${Math.max(end, payloadOffset + 1)} bytes, the file has ${size}. Fetch it again.`,
    );
  }
  return { protocol, payloadOffset, payloadEnd: Math.min(end, size) };
}

/** `file` is the whole image. Throws ImageError as `checkBzImage` does. */
export function parseBzImage(file: Uint8Array): BzImage {
  const { protocol, payloadOffset, payloadEnd } = checkBzImage(file, file.length);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const payload = file.subarray(payloadOffset, payloadEnd);

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

/** What the image calls itself, as "6.1.0-9-686 (builder@host) #1 SMP date"; empty if it does not. @param head as for `checkBzImage` */
export function kernelVersion(head: Uint8Array): string {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return view.byteLength < KERNEL_VERSION + 2 ? '' : versionText(view);
}

/** Is it Linux for x86-64? @param head as for `checkBzImage` */
export function isBzImageFor64Bits(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (!isBzImage(head) || view.byteLength < XLOADFLAGS + 2) return false;
  return view.getUint16(VERSION, true) >= 0x20c && (view.getUint16(XLOADFLAGS, true) & XLF_KERNEL_64) !== 0;
}

/** Throws ImageError unless its protected-mode part can be entered, in 32-bit mode, by the CPU that there is. */
function checkEntry(view: DataView, protocol: number): void {
  const name = versionText(view);
  if (isBzImageFor64Bits(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))) {
    throw new ImageError(
      `The kernel${name && ` (${name.split(' (')[0]})`} is for 64-bit processors (x86-64, amd64): this machine has a 32-bit one. Use a kernel for i386 or i686.`,
    );
  }
  // Loaders and tools that dress up as Linux kernels to be started by a boot loader, in real mode on top of a BIOS, declare
  // no protected-mode part or no entry to it. Linux always has both.
  const declared = protocol >= 0x204 ? view.getUint32(SYSSIZE, true) : view.getUint16(SYSSIZE, true);
  const entered = declared !== 0 && view.getUint32(CODE32_START, true) !== 0;
  if (name && !LINUX_VERSION.test(name) && !entered) {
    throw new ImageError(
      `The kernel (${name}) starts in real mode and calls the BIOS, which a kernel that is booted directly does not have. Use a kernel with a 32-bit entry.`,
    );
  }
}

/** What the image calls itself; empty if it does not. */
function versionText(view: DataView): string {
  const pointer = view.getUint16(KERNEL_VERSION, true);
  const start = pointer + SECTOR;
  if (pointer === 0 || start >= view.byteLength) return '';
  const bytes = new Uint8Array(view.buffer, view.byteOffset + start, Math.min(64, view.byteLength - start));
  return /^[\x20-\x7e]*/.exec(new TextDecoder('latin1').decode(bytes))?.[0].trim() ?? '';
}

/** An ELF file is booted by its multiboot header, which this one has not. */
function unusableElf(file: Uint8Array): ImageError {
  checkProcessor(file);
  return new ImageError(
    isMultiboot2(file)
      ? 'The kernel has a multiboot 2 header only; the loader here speaks multiboot 1.'
      : 'The kernel is an ELF file without a multiboot header (vmlinux), not a bzImage. Use the compressed image, usually named vmlinuz or bzImage.',
  );
}

function protocolName(protocol: number): string {
  return `${protocol >> 8}.${String(protocol & 0xff).padStart(2, '0')}`;
}
