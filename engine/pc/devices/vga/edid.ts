// What the monitor says of itself: VESA Enhanced EDID Standard, release A revision 1 (structure 1.3). Drivers take its preferred mode first.

const LENGTH = 128;

/** A detailed timing (§3.10.2). Horizontal figures in pixels, vertical ones in lines. */
interface Timing {
  clockKhz: number;
  horizontal: { active: number; blank: number; front: number; sync: number };
  vertical: { active: number; blank: number; front: number; sync: number };
}

/** VESA DMT: 1024 × 768 at 60 Hz. */
const PREFERRED: Timing = {
  clockKhz: 65000,
  horizontal: { active: 1024, blank: 320, front: 24, sync: 136 },
  vertical: { active: 768, blank: 38, front: 3, sync: 6 },
};
const SIZE_MM = { width: 270, height: 203 };
/** Width in pixels, and the code of the ratio (§3.9); all at 60 Hz. */
const STANDARD: readonly [number, number][] = [
  [1920, 0b11], // 16:9
  [1920, 0b00], // 16:10
  [1600, 0b01], // 4:3
  [1440, 0b00],
  [1280, 0b10], // 5:4
  [1280, 0b00],
  [1280, 0b11],
  [1024, 0b01],
];
/** 640 × 480, 800 × 600 and 1024 × 768 at 60 Hz (§3.8). */
const ESTABLISHED = [0x21, 0x08, 0x00];
const NAME = 'tabvisor';
/** Three letters of five bits (§3.4.1). */
const MANUFACTURER = 'TBV';

export function edid(): Uint8Array {
  const bytes = new Uint8Array(LENGTH);
  bytes.set([0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00]);
  const letters = [...MANUFACTURER].reduce((value, letter) => (value << 5) | (letter.charCodeAt(0) - 64), 0);
  bytes.set([letters >> 8, letters & 0xff, 0x01, 0x00], 8);
  bytes.set([0, 34], 16); // week not said, 2024
  bytes.set([1, 3], 18);
  // Digital input; size in cm; gamma 2.2; RGB, the first timing is the preferred one
  bytes.set([0x80, Math.round(SIZE_MM.width / 10), Math.round(SIZE_MM.height / 10), 120, 0x0a], 20);
  // Chromaticity of sRGB (§3.7)
  bytes.set([0xee, 0x91, 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, 0x50, 0x54], 25);
  bytes.set(ESTABLISHED, 35);
  for (const [n, [width, ratio]] of STANDARD.entries()) bytes.set([width / 8 - 31, ratio << 6], 38 + 2 * n);
  bytes.set(detailed(PREFERRED), 54);
  // Range limits (§3.10.3): 50 to 75 Hz, 30 to 90 kHz, 200 MHz
  bytes.set([0, 0, 0, 0xfd, 0, 50, 75, 30, 90, 20, 0, 0x0a, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20], 72);
  bytes.set([0, 0, 0, 0xfc, 0, ...[...NAME.padEnd(13, ' ')].map((letter) => letter.charCodeAt(0))], 90);
  bytes[90 + 5 + NAME.length] = 0x0a;
  bytes.set([0, 0, 0, 0x10, 0], 108); // nothing
  bytes[LENGTH - 1] = -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
  return bytes;
}

function detailed({ clockKhz, horizontal: h, vertical: v }: Timing): number[] {
  const clock = clockKhz / 10;
  const { width, height } = SIZE_MM;
  return [
    ...[clock & 0xff, clock >> 8],
    ...[h.active & 0xff, h.blank & 0xff, ((h.active >> 8) << 4) | (h.blank >> 8)],
    ...[v.active & 0xff, v.blank & 0xff, ((v.active >> 8) << 4) | (v.blank >> 8)],
    ...[h.front & 0xff, h.sync & 0xff, ((v.front & 0x0f) << 4) | (v.sync & 0x0f)],
    ((h.front >> 8) << 6) | ((h.sync >> 8) << 4) | ((v.front >> 4) << 2) | (v.sync >> 4),
    ...[width & 0xff, height & 0xff, ((width >> 8) << 4) | (height >> 8)],
    ...[0, 0, 0x18], // no borders; digital separate sync
  ];
}
