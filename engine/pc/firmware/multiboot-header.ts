// The header by which a kernel says that it wants to be loaded as the Multiboot Specification 0.6.96 lays down (§3.1), and
// the image that results: by the header's own address fields (for formats such as a.out or none), else as ELF.
import { isElf, type LoadedImage, parseElf } from './elf-image.ts';
import { ImageError } from './image-error.ts';

const MAGIC = 0x1badb002;
/** The header lies within the first 8 KiB, on a 4-byte boundary. */
const SEARCHED = 8192;

const FLAG_PAGE_ALIGN = 1 << 0;
const FLAG_MEMORY_INFORMATION = 1 << 1;
const FLAG_VIDEO_MODE = 1 << 2;
const FLAG_ADDRESSES = 1 << 16;
/** A loader must refuse what it does not know of these. A video mode is only a wish. */
const MANDATORY = 0xffff;
const KNOWN = FLAG_PAGE_ALIGN | FLAG_MEMORY_INFORMATION | FLAG_VIDEO_MODE;

// Offsets in the header.
const HEADER_ADDRESS = 12;
const LOAD_ADDRESS = 16;
const LOAD_END_ADDRESS = 20;
const BSS_END_ADDRESS = 24;
const ENTRY_ADDRESS = 28;

/** Offset of the header, or -1. */
export function findMultibootHeader(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at + 12 <= Math.min(file.length, SEARCHED); at += 4) {
    if (view.getUint32(at, true) !== MAGIC) continue;
    if ((MAGIC + view.getUint32(at + 4, true) + view.getUint32(at + 8, true)) >>> 0 === 0) return at;
  }
  return -1;
}

/** `header`: its offset. Throws ImageError when the kernel asks for what a loader of this specification cannot give. */
export function loadMultiboot(file: Uint8Array, header: number): LoadedImage {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const flags = view.getUint32(header + 4, true);
  const unknown = flags & MANDATORY & ~KNOWN;
  if (unknown !== 0) {
    throw new ImageError(
      `The kernel's multiboot header asks for features that do not exist here (flags 0x${unknown.toString(16)}).`,
    );
  }
  if ((flags & FLAG_ADDRESSES) !== 0) return loadByAddresses(file, view, header);
  if (!isElf(file)) {
    throw new ImageError('The kernel has a multiboot header without addresses, but it is not an ELF file.');
  }
  return parseElf(file);
}

function loadByAddresses(file: Uint8Array, view: DataView, header: number): LoadedImage {
  if (header + ENTRY_ADDRESS + 4 > file.length) throw badAddresses('the header is cut off');
  const field = (offset: number) => view.getUint32(header + offset, true);
  const load = field(LOAD_ADDRESS);
  const start = header - (field(HEADER_ADDRESS) - load);
  if (field(HEADER_ADDRESS) < load || start < 0) throw badAddresses('its text begins before the file does');
  // Zero: all of the file, and no memory behind it.
  const loadEnd = field(LOAD_END_ADDRESS) || load + file.length - start;
  const end = field(BSS_END_ADDRESS) || loadEnd;
  if (loadEnd < load || end < loadEnd) throw badAddresses('they are out of order');
  if (start + loadEnd - load > file.length) throw badAddresses('they reach beyond the end of the file');
  const bytes = file.subarray(start, start + loadEnd - load);
  return { segments: [{ guestPhysical: load, bytes }], end, entry: field(ENTRY_ADDRESS) };
}

function badAddresses(why: string): ImageError {
  return new ImageError(`The address fields of the kernel's multiboot header are wrong: ${why}.`);
}
