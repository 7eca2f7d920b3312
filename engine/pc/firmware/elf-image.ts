// Reads the loadable segments of an ELF executable for the i386 (System V ABI, Intel386 supplement; TIS ELF 1.2, part 2).
// Segments go to their physical addresses, as a boot loader places a kernel; nothing is relocated.
import type { Segment } from './boot-image.ts';
import { ImageError } from './image-error.ts';

const HEADER_SIZE = 52;
const PROGRAM_HEADER_SIZE = 32;
const CLASS_32 = 1;
const LITTLE_ENDIAN = 1;
const MACHINE_386 = 3;
/** Names of e_machine. */
const PROCESSORS: Record<number, string> = {
  2: 'SPARC',
  [MACHINE_386]: 'an i386 of another width or byte order',
  8: 'MIPS',
  20: 'PowerPC',
  21: 'PowerPC64',
  22: 'S/390',
  40: 'ARM',
  42: 'SuperH',
  43: 'SPARC V9',
  50: 'IA-64',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
  258: 'LoongArch',
};
const PT_LOAD = 1;
const PF_X = 1;

// Offsets in the file header.
const E_CLASS = 4;
const E_DATA = 5;
const E_MACHINE = 18;
const E_ENTRY = 24;
const E_PHOFF = 28;
const E_PHENTSIZE = 42;
const E_PHNUM = 44;
// Offsets in a program header.
const P_TYPE = 0;
const P_OFFSET = 4;
const P_VADDR = 8;
const P_PADDR = 12;
const P_FILESZ = 16;
const P_MEMSZ = 20;
const P_FLAGS = 24;

export interface LoadedImage {
  /** What the file brings; memory between and after is zero. */
  segments: Segment[];
  /** First address after the image, memory that must be zero included. */
  end: number;
  /** Physical address of the entry point. */
  entry: number;
}

export function isElf(file: Uint8Array): boolean {
  return file.length >= 4 && file[0] === 0x7f && file[1] === 0x45 && file[2] === 0x4c && file[3] === 0x46;
}

/** Throws ImageError for an ELF file whose code is not the i386's. */
export function checkProcessor(file: Uint8Array): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < HEADER_SIZE) throw truncated();
  const littleEndian = file[E_DATA] === LITTLE_ENDIAN;
  const machine = view.getUint16(E_MACHINE, littleEndian);
  if (file[E_CLASS] === CLASS_32 && littleEndian && machine === MACHINE_386) return;
  const name = PROCESSORS[machine] ?? `number ${machine}`;
  throw new ImageError(
    `The kernel is an ELF file for another processor (${name}): a 32-bit one for the i386 is needed.`,
  );
}

/** Throws ImageError for a file that is no 32-bit little-endian executable for the i386, or is truncated. */
export function parseElf(file: Uint8Array): LoadedImage {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < HEADER_SIZE) throw truncated();
  checkProcessor(file);
  const first = view.getUint32(E_PHOFF, true);
  const size = view.getUint16(E_PHENTSIZE, true);
  const count = view.getUint16(E_PHNUM, true);
  if (size < PROGRAM_HEADER_SIZE || first + count * size > file.length) throw truncated();

  const virtualEntry = view.getUint32(E_ENTRY, true);
  const image: LoadedImage = { segments: [], end: 0, entry: virtualEntry };
  for (let header = first; header < first + count * size; header += size) {
    const field = (offset: number) => view.getUint32(header + offset, true);
    if (field(P_TYPE) !== PT_LOAD) continue;
    const bytes = file.subarray(field(P_OFFSET), field(P_OFFSET) + field(P_FILESZ));
    if (bytes.length < field(P_FILESZ)) throw truncated();
    const offset = virtualEntry - field(P_VADDR);
    if ((field(P_FLAGS) & PF_X) !== 0 && offset >= 0 && offset < bytes.length) image.entry = field(P_PADDR) + offset;
    if (bytes.length > 0) image.segments.push({ guestPhysical: field(P_PADDR), bytes });
    image.end = Math.max(image.end, field(P_PADDR) + field(P_MEMSZ));
  }
  if (image.segments.length === 0) throw new ImageError('The kernel is an ELF file with nothing to load in it.');
  return image;
}

function truncated(): ImageError {
  return new ImageError('The kernel is an ELF file that is truncated. Fetch it again.');
}
