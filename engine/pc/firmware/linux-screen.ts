// The screen of a machine that starts Linux directly. Its setup code, which would ask a VGA BIOS, does not run, and no font is loaded that a
// text mode could show. So the display adapter is put into a linear mode on the way to the kernel, as boot loaders do, and the kernel is told
// where the picture lies: its own console draws there (struct screen_info, include/uapi/linux/screen_info.h, VIDEO_TYPE_VLFB).
import { MIB } from '../../base/sizes.ts';
import { PRESET_MEMORY_BASE } from '../devices/vga/vga.ts';

const WIDTH = 1024;
const HEIGHT = 768;
const BITS_PER_PIXEL = 32;
const MEMORY_BYTES = 16 * MIB;

const VIDEO_TYPE_VLFB = 0x23;
/** Its kernel takes what lies above the picture for more room to scroll. */
const MEMORY_UNIT = 64 << 10;

const VBE_INDEX_PORT = 0x1ce;
const VBE_DATA_PORT = 0x1cf;
/** Registers of the Bochs VBE interface and their values; it is enabled last. */
const MODE: readonly (readonly [number, number])[] = [
  [1, WIDTH],
  [2, HEIGHT],
  [3, BITS_PER_PIXEL],
  [4, 0x41],
];

/** The beginning of struct boot_params. */
export function screenInfo(): Uint8Array {
  const bytes = new Uint8Array(0x40);
  const view = new DataView(bytes.buffer);
  view.setUint8(0x0f, VIDEO_TYPE_VLFB);
  view.setUint16(0x12, WIDTH, true);
  view.setUint16(0x14, HEIGHT, true);
  view.setUint16(0x16, BITS_PER_PIXEL, true);
  view.setUint32(0x18, PRESET_MEMORY_BASE, true);
  view.setUint32(0x1c, MEMORY_BYTES / MEMORY_UNIT, true);
  view.setUint16(0x24, (WIDTH * BITS_PER_PIXEL) / 8, true);
  // Sizes and places, in bits, of red, green, blue and what is left.
  bytes.set([8, 16, 8, 8, 8, 0, 8, 24], 0x26);
  view.setUint16(0x32, 1, true);
  return bytes;
}

/** 32-bit code that sets the mode and goes on at `entry`. It lies at `address`, and changes EAX, EDX and nothing else. */
export function setModeCode(address: number, entry: number): Uint8Array {
  const code = MODE.flatMap(([index, value]) => [...outWord(VBE_INDEX_PORT, index), ...outWord(VBE_DATA_PORT, value)]);
  const distance = new Uint8Array(Int32Array.of(entry - (address + code.length + 5)).buffer);
  return Uint8Array.of(...code, 0xe9, ...distance);
}

/** MOV DX, port; MOV AX, value; OUT DX, AX. */
function outWord(port: number, value: number): number[] {
  return [0x66, 0xba, port & 0xff, port >> 8, 0x66, 0xb8, value & 0xff, value >> 8, 0x66, 0xef];
}
