// What a loader makes of an image: what must lie in the machine's memory when it starts, and where the CPU begins. Pure
// data; the vmkernel copies it.

/** Bytes that go to a guest-physical address before the guest starts. */
export interface Segment {
  guestPhysical: number;
  bytes: Uint8Array;
}

/**
 * The vCPU's state on entry. Protected mode without paging, interrupts disabled, A20 open; CS as csSelector, every other
 * segment register as dsSelector, both from the GDT; general registers not named here are zero.
 */
export interface InitialState {
  eip: number;
  eax?: number;
  ebx?: number;
  esi: number;
  esp: number;
  gdtBase: number;
  /** Size of the GDT in bytes, minus one. */
  gdtLimit: number;
  csSelector: number;
  dsSelector: number;
}

export interface BootImage {
  segments: Segment[];
  /** Without it the CPU begins as RESET leaves it, at the reset vector. */
  initialState?: InitialState;
  /** Read-only memory that ends at 4 GiB, and whose end lies below 1 MiB too (cpu/abi/layout.ts, ROM_BASE). Whole 64 KiB. */
  rom?: Uint8Array;
  /** Of cards, behind it. */
  optionRoms?: readonly Uint8Array[];
  /** The font of the text mode that a kernel finds, see vga-font.ts. */
  font?: Uint8Array;
}

/** The GDT that loaders leave for a kernel: null, null, flat code and flat data of 4 GiB. */
export const BOOT_GDT_SIZE = 4 * 8;
export const BOOT_CS = 0x10;
export const BOOT_DS = 0x18;
const CODE_DESCRIPTOR = 0x00cf9b000000ffffn; // base 0, limit 4 GiB, 32-bit, execute/read, accessed
const DATA_DESCRIPTOR = 0x00cf93000000ffffn; // the same, read/write

export function bootGdt(): Uint8Array {
  return new Uint8Array(new BigUint64Array([0n, 0n, CODE_DESCRIPTOR, DATA_DESCRIPTOR]).buffer);
}

/** End of conventional memory: above it the extended BIOS data area, then the hole for video memory and ROMs. */
export const CONVENTIONAL_END = 0x9fc00;
const BIOS_DATA = 0x400;
const VIDEO_HOLE = 0xa0000;
const BIOS_AREA = 0xe0000;
const EXTENDED = 0x100000;

// Offsets in the BIOS data area (IBM PC/AT Technical Reference, "BIOS data areas").
const BDA_COM1 = 0x00;
const BDA_EBDA_SEGMENT = 0x0e;
const BDA_EQUIPMENT = 0x10;
const BDA_BASE_MEMORY_KIB = 0x13;
const BDA_VIDEO_MODE = 0x49;
const BDA_COLUMNS = 0x4a;
const BDA_PAGE_SIZE = 0x4c;
const BDA_CURSOR_SHAPE = 0x60;
const BDA_CRTC_PORT = 0x63;
const BDA_LAST_ROW = 0x84;
const BDA_CHARACTER_HEIGHT = 0x85;
const BDA_SIZE = 0x100;
const TEXT_MODE = { mode: 3, columns: 80, rows: 25, pageSize: 4096, height: 16, cursor: 0x0607, crtcPort: 0x3d4 };
const COM1_PORT = 0x3f8;
const EQUIPMENT_FPU = 1 << 1;
const EQUIPMENT_POINTING_DEVICE = 1 << 2;
const EQUIPMENT_80_COLUMNS_IN_COLOR = 2 << 4;
const EQUIPMENT_ONE_SERIAL_PORT = 1 << 9;

const E820_RAM = 1;
const E820_RESERVED = 2;

/** What a BIOS would have left about the machine below 1 MiB, for programs that read it: its data area and the extended one. */
export function biosData(): Segment[] {
  const bytes = new Uint8Array(BDA_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint16(BDA_COM1, COM1_PORT, true);
  view.setUint16(BDA_EBDA_SEGMENT, CONVENTIONAL_END >> 4, true);
  view.setUint16(
    BDA_EQUIPMENT,
    EQUIPMENT_FPU | EQUIPMENT_POINTING_DEVICE | EQUIPMENT_80_COLUMNS_IN_COLOR | EQUIPMENT_ONE_SERIAL_PORT,
    true,
  );
  view.setUint8(BDA_VIDEO_MODE, TEXT_MODE.mode);
  view.setUint16(BDA_COLUMNS, TEXT_MODE.columns, true);
  view.setUint16(BDA_PAGE_SIZE, TEXT_MODE.pageSize, true);
  view.setUint16(BDA_CURSOR_SHAPE, TEXT_MODE.cursor, true);
  view.setUint16(BDA_CRTC_PORT, TEXT_MODE.crtcPort, true);
  view.setUint8(BDA_LAST_ROW, TEXT_MODE.rows - 1);
  view.setUint16(BDA_CHARACTER_HEIGHT, TEXT_MODE.height, true);
  view.setUint16(BDA_BASE_MEMORY_KIB, CONVENTIONAL_END >> 10, true);
  // The extended area begins with its own size in KiB.
  const extended = Uint8Array.of((VIDEO_HOLE - CONVENTIONAL_END) >> 10);
  return [
    { guestPhysical: BIOS_DATA, bytes },
    { guestPhysical: CONVENTIONAL_END, bytes: extended },
  ];
}

/** The machine's memory map in the terms of BIOS INT 15h, AX=E820h. `memoryEnd` in bytes. */
export function memoryMap(memoryEnd: number): { start: number; end: number; type: number }[] {
  return [
    { start: 0, end: CONVENTIONAL_END, type: E820_RAM },
    { start: CONVENTIONAL_END, end: VIDEO_HOLE, type: E820_RESERVED },
    { start: BIOS_AREA, end: EXTENDED, type: E820_RESERVED },
    { start: EXTENDED, end: memoryEnd, type: E820_RAM },
  ];
}
