// What is done to an adapter, here and in QEMU: accesses of ports and memory as data, what is read, and the picture at the end.

import { MODES, type ModeName, type ModeRegisters } from './modes.ts';

export type Step =
  | { do: 'out'; port: number; value: number; size: 1 | 2 | 4 }
  | { do: 'in'; port: number; size: 1 | 2 | 4 }
  /** Reads 3DAh, after which 3C0h takes an index. What it says is a matter of time. */
  | { do: 'look' }
  /** Writes `length` bytes of the sequence with that seed. */
  | { do: 'fill'; address: number; length: number; seed: number }
  | { do: 'write'; address: number; value: number; size: 1 | 2 | 4 }
  | { do: 'read'; address: number; size: 1 | 2 | 4 };

export interface Scenario {
  name: string;
  steps: readonly Step[];
  /** How many bits of each colour of the picture at its end are the same; 0: it does not count. */
  picture: number;
}

export const LINEAR_BASE = 0xe0000000;
export const MMIO_BASE = 0xe1000000;

/** The same bytes for each seed (Numerical Recipes' linear congruential generator). */
export function sequence(seed: number, length: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

export const LOOK: Step = { do: 'look' };
export const out = (port: number, value: number, size: 1 | 2 | 4 = 1): Step => ({ do: 'out', port, value, size });
export const input = (port: number, size: 1 | 2 | 4 = 1): Step => ({ do: 'in', port, size });
export const fill = (address: number, length: number, seed: number): Step => ({ do: 'fill', address, length, seed });
export const write = (address: number, value: number, size: 1 | 2 | 4 = 1): Step => ({
  ...{ do: 'write', address, value, size },
});
export const read = (address: number, size: 1 | 2 | 4 = 1): Step => ({ do: 'read', address, size });

export const sequencer = (index: number, value: number): Step => out(0x3c4, (value << 8) | index, 2);
export const graphics = (index: number, value: number): Step => out(0x3ce, (value << 8) | index, 2);
export const crtc = (index: number, value: number): Step => out(0x3d4, (value << 8) | index, 2);
export const attribute = (index: number, value: number): Step[] => [
  LOOK,
  out(0x3c0, index),
  out(0x3c0, value),
  out(0x3c0, 0x20),
];
export const vbe = (index: number, value: number): Step[] => [out(0x1ce, index, 2), out(0x1cf, value, 2)];
const readVbe = (index: number): Step[] => [out(0x1ce, index, 2), input(0x1cf, 2)];

const palette = (seed: number): Step[] => [
  out(0x3c8, 0),
  ...[...sequence(seed, 768)].map((value) => out(0x3c9, value & 0x3f)),
];

function registers({ output, sequencer: seq, crtc: crt, graphics: gc, attribute: attr }: ModeRegisters): Step[] {
  return [
    out(0x3c2, output),
    ...seq.map((value, index) => sequencer(index, value)),
    crtc(0x11, 0),
    ...crt.map((value, index) => crtc(index, value)),
    ...gc.map((value, index) => graphics(index, value)),
    LOOK,
    ...attr.flatMap((value, index) => [out(0x3c0, index), out(0x3c0, value)]),
    out(0x3c0, 0x20),
  ];
}

export const setMode = (name: ModeName, seed = 7): Step[] => [...registers(MODES[name]), ...palette(seed)];

/** Loads bytes of a sequence as fonts, and gives the way to the text back. */
export const loadFont = (seed: number, length = 0x2000): Step[] => [
  ...[sequencer(2, 4), sequencer(4, 6), graphics(4, 2), graphics(5, 0), graphics(6, 4)],
  fill(0xa0000, length, seed),
  ...[sequencer(2, 3), sequencer(4, 2), graphics(4, 0), graphics(5, 0x10), graphics(6, 0x0e)],
];

const configuration = (register: number, value: number): Step[] => [
  out(0xcf8, 0x80001000 + register, 4),
  out(0xcfc, value, 4),
];
const PLACED = [...configuration(0x10, LINEAR_BASE), ...configuration(0x18, MMIO_BASE), ...configuration(4, 3)];

const vbeMode = (width: number, height: number, bits: number, flags: number): Step[] => [
  ...vbe(4, 0),
  ...vbe(1, width),
  ...vbe(2, height),
  ...vbe(3, bits),
  ...vbe(4, flags),
  LOOK,
  out(0x3c0, 0x20),
];

/** Each plane gets a sequence of its own. */
const fillPlanes = (length: number, seed: number): Step[] =>
  [0, 1, 2, 3].flatMap((plane) => [sequencer(2, 1 << plane), fill(0xa0000, length, seed + plane)]);

const readBack = (index: number, data: number, count: number): Step[] =>
  Array.from({ length: count }, (_, n) => [out(index, n), input(data)]).flat();

/** Shows what each plane holds at some places. */
const readPlanes = (...addresses: number[]): Step[] => [
  graphics(5, 0),
  ...[0, 1, 2, 3].flatMap((plane) => [graphics(4, plane), ...addresses.map((address) => read(address))]),
];

const planar = (name: string, ...steps: Step[]): Scenario => ({
  name: `planar: ${name}`,
  picture: 0,
  steps: [
    ...setMode('12'),
    ...fillPlanes(64, 5),
    sequencer(2, 15),
    ...steps,
    ...[sequencer(2, 15), graphics(1, 0), graphics(3, 0), graphics(8, 0xff)],
    ...readPlanes(0xa0000, 0xa0001, 0xa0002, 0xa0003, 0xa0010),
  ],
});

/** QEMU widens colours of five and six bits in another way than we do. */
const picture = (name: string, ...steps: Step[]): Scenario => ({
  name: `picture: ${name}`,
  picture: name.includes('x15') ? 5 : 6,
  steps,
});

const TEXT = 0xb8000;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'registers: what is written is read back, and no other bits',
    picture: 0,
    steps: [
      out(0x3c2, 0x67),
      ...[0, 1, 2, 3, 4].map((index) => sequencer(index, 0xff)),
      ...readBack(0x3c4, 0x3c5, 5),
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((index) => graphics(index, 0xff)),
      ...readBack(0x3ce, 0x3cf, 9),
      crtc(0x11, 0),
      ...Array.from({ length: 0x19 }, (_, index) => crtc(index, (0x5a + index) & 0x7f)),
      ...readBack(0x3d4, 0x3d5, 0x19),
      input(0x3cc),
    ],
  },
  {
    name: 'registers: the attribute controller has one port, and a read of 3DAh says what comes next',
    picture: 0,
    steps: [
      out(0x3c2, 0x67),
      LOOK,
      ...Array.from({ length: 0x15 }, (_, index) => [out(0x3c0, index), out(0x3c0, 0xff)]).flat(),
      ...Array.from({ length: 0x15 }, (_, index) => [LOOK, out(0x3c0, index), input(0x3c1)]).flat(),
      ...[LOOK, out(0x3c0, 0x33), input(0x3c0), LOOK, input(0x3c0)],
    ],
  },
  {
    name: 'registers: write protection of the CRT controller spares line compare',
    picture: 0,
    steps: [
      ...setMode('text 80x25'),
      crtc(0x11, 0x80),
      ...Array.from({ length: 8 }, (_, index) => crtc(index, 0xe0 | index)),
      ...readBack(0x3d4, 0x3d5, 8),
    ],
  },
  {
    name: 'registers: CRT controller at 3B4h for monochrome',
    picture: 0,
    steps: [
      out(0x3c2, 0x66),
      out(0x3b4, 0x0a),
      out(0x3b5, 0x15),
      ...[out(0x3d4, 0x0a), out(0x3d5, 0x3f)],
      ...[out(0x3b4, 0x0a), input(0x3b5), input(0x3b4)],
    ],
  },
  {
    name: 'DAC: colours go in and out in threes',
    picture: 0,
    steps: [
      out(0x3c8, 0xfe),
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((value) => out(0x3c9, value)),
      ...[input(0x3c8), out(0x3c7, 0xff), input(0x3c7), ...Array.from({ length: 6 }, () => input(0x3c9))],
      ...[out(0x3c8, 0x10), input(0x3c7), out(0x3c9, 33), out(0x3c7, 0x10), ...[0, 1, 2].map(() => input(0x3c9))],
    ],
  },
  planar(
    'write mode 0 stores the byte',
    write(0xa0000, 0x5a),
    write(0xa0001, 0xc3a5, 2),
    write(0xa0010, 0x01234567, 4),
  ),
  planar('map mask', sequencer(2, 5), write(0xa0000, 0x5a), sequencer(2, 0), write(0xa0001, 0xff)),
  planar('set and reset', graphics(0, 0x06), graphics(1, 0x0c), write(0xa0000, 0x5a)),
  planar('bit mask with latches', read(0xa0002), graphics(8, 0x3c), write(0xa0000, 0x5a), write(0xa0001, 0xff)),
  planar('rotation', graphics(3, 3), write(0xa0000, 0x81)),
  planar('and', graphics(3, 0x08), read(0xa0003), write(0xa0000, 0x5a)),
  planar('or', graphics(3, 0x10), read(0xa0003), write(0xa0000, 0x5a)),
  planar('xor with rotation', graphics(3, 0x1d), read(0xa0003), write(0xa0000, 0x5a)),
  planar(
    'xor, set and reset, bit mask',
    ...[graphics(3, 0x18), graphics(0, 9), graphics(1, 0x0f), graphics(8, 0x7e)],
    ...[read(0xa0001), write(0xa0002, 0)],
  ),
  planar('write mode 1 copies latches', graphics(5, 1), read(0xa0010), write(0xa0000, 0xff), write(0xa0003, 0)),
  planar(
    'write mode 2',
    graphics(5, 2),
    read(0xa0010),
    graphics(8, 0xf0),
    write(0xa0000, 0x0a),
    graphics(3, 0x18),
    write(0xa0001, 0x05),
  ),
  planar(
    'write mode 3',
    graphics(5, 3),
    graphics(0, 0x0b),
    read(0xa0010),
    graphics(8, 0x7f),
    graphics(3, 2),
    write(0xa0000, 0xf0),
  ),
  planar(
    'write mode 3 with or',
    graphics(5, 3),
    graphics(0, 0x05),
    read(0xa0010),
    graphics(3, 0x10),
    write(0xa0001, 0x3c),
  ),
  planar(
    'read mode 1',
    graphics(5, 8),
    graphics(2, 0x05),
    graphics(7, 0x0f),
    ...[0, 1, 2, 3].map((n) => read(0xa0000 + n)),
    graphics(7, 0x05),
    ...[0, 1, 2].map((n) => read(0xa0000 + n)),
    graphics(7, 0),
    read(0xa0000),
  ),
  planar(
    'read mode 1 of several bytes',
    graphics(5, 8),
    graphics(2, 3),
    graphics(7, 3),
    read(0xa0000, 4),
    read(0xa0010, 2),
  ),
  {
    name: 'planar: odd and even addresses',
    picture: 0,
    steps: [
      ...setMode('text 80x25'),
      fill(TEXT, 32, 9),
      ...[0, 1, 2, 3, 30, 31].map((n) => read(TEXT + n)),
      read(TEXT + 8, 4),
      ...[sequencer(4, 6), graphics(6, 4)],
      ...readPlanes(0xa0000, 0xa0001, 0xa0002),
    ],
  },
  {
    name: 'windows: A0000h with 128 KiB, 64 KiB, B0000h, B8000h',
    picture: 0,
    steps: [
      ...setMode('12'),
      ...[1, 5, 9, 13].flatMap((value, n) => [
        graphics(6, value),
        ...[0xa0000, 0xb0000, 0xb8000].map((address) => write(address, 0x10 * n + 1)),
        ...[0xa0000, 0xb0000, 0xb8000].map((address) => read(address)),
      ]),
    ],
  },
  {
    name: 'chain 4: addresses count through the planes',
    picture: 0,
    steps: [
      ...setMode('13'),
      ...[fill(0xa0000, 64, 3), read(0xa0001, 4), write(0xa0002, 0x44332211, 4)],
      ...[sequencer(2, 5), write(0xa0008, 0xffffffff, 4), sequencer(2, 15), read(0xa0008, 4)],
      sequencer(4, 6),
      ...readPlanes(0xa0000, 0xa0001, 0xa0002),
    ],
  },
  {
    name: 'VBE: registers while it is off',
    picture: 0,
    steps: [
      ...readVbe(0),
      ...vbe(0, 0xb0c0),
      ...readVbe(0),
      ...vbe(0, 0x1234),
      ...readVbe(0),
      ...vbe(0, 0xb0c5),
      ...[1, 2, 3, 6, 8, 9].flatMap((index) => [...vbe(index, 1000 + index), ...readVbe(index)]),
      ...readVbe(4),
      ...readVbe(10),
      ...readVbe(11),
    ],
  },
  {
    name: 'VBE: what does not fit is made to',
    picture: 0,
    steps: [
      ...[
        [1023, 768, 32],
        [800, 600, 7],
        [640, 480, 4],
        [1920, 1200, 24],
      ].flatMap(([width, height, bits]) => [
        ...vbeMode(width, height, bits, 0x41),
        ...[1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap(readVbe),
        ...vbe(6, 1280),
        ...vbe(9, 300),
        ...vbe(8, 100),
        ...[6, 7, 8, 9].flatMap(readVbe),
      ]),
    ],
  },
  {
    name: 'VBE: no size at all',
    picture: 0,
    steps: [...vbeMode(0, 0, 8, 0x41), ...[1, 2, 3, 4, 5, 6].flatMap(readVbe)],
  },
  {
    name: 'VBE: registers of the VGA follow',
    picture: 0,
    steps: [
      ...setMode('text 80x25'),
      ...vbeMode(1024, 768, 16, 0x41),
      ...readBack(0x3c4, 0x3c5, 5),
      ...readBack(0x3ce, 0x3cf, 9),
      ...readBack(0x3d4, 0x3d5, 0x19),
      ...vbeMode(800, 600, 4, 1),
      ...readBack(0x3c4, 0x3c5, 5),
      ...readBack(0x3ce, 0x3cf, 9),
      ...readBack(0x3d4, 0x3d5, 0x19),
    ],
  },
  {
    name: 'VBE: banks, the linear memory, clearing and keeping',
    picture: 0,
    steps: [
      ...PLACED,
      out(0x3c2, 0x67),
      ...vbeMode(1024, 768, 8, 0x41),
      ...[write(LINEAR_BASE + 0x50000, 0x11223344, 4), ...vbe(5, 5), read(0xa0000, 4)],
      ...[write(0xa0004, 0x99), read(LINEAR_BASE + 0x50004), ...vbe(5, 0x100), ...readVbe(5)],
      ...vbe(4, 0),
      ...[...readVbe(5), ...vbe(4, 0xc1), read(LINEAR_BASE + 0x50000, 4)],
      ...vbe(4, 0),
      ...[...vbe(4, 0x41), read(LINEAR_BASE + 0x50000, 4)],
    ],
  },
  {
    name: 'MMIO: ports, VBE registers and what QEMU has there',
    picture: 0,
    steps: [
      ...PLACED,
      ...[write(MMIO_BASE + 0x402, 0x67), read(MMIO_BASE + 0x40c)],
      ...[write(MMIO_BASE + 0x404, 0x0702, 2), read(MMIO_BASE + 0x405), input(0x3c5)],
      ...[write(MMIO_BASE + 0x502, 640, 2), write(MMIO_BASE + 0x504, 480, 2), write(MMIO_BASE + 0x506, 16, 2)],
      ...[write(MMIO_BASE + 0x508, 0x41, 2), read(MMIO_BASE + 0x50c, 2), read(MMIO_BASE + 0x500, 2), ...readVbe(7)],
      ...[read(MMIO_BASE + 0x514, 2), read(MMIO_BASE + 0x600, 4), read(MMIO_BASE + 0x604, 4)],
      ...[read(MMIO_BASE, 4), read(MMIO_BASE + 4, 4)],
    ],
  },
  picture('text 80x25', ...setMode('text 80x25'), ...loadFont(21), fill(TEXT, 4000, 22)),
  picture('text 40x25', ...setMode('text 40x25'), ...loadFont(23), fill(TEXT, 2000, 24)),
  picture('text 80x50', ...setMode('text 80x50'), ...loadFont(25), fill(TEXT, 8000, 26)),
  picture(
    'text 80x25, from another start',
    ...setMode('text 80x25'),
    ...loadFont(21),
    fill(TEXT, 8000, 22),
    crtc(0x0c, 1),
    crtc(0x0d, 0x40),
  ),
  picture(
    'text 80x25, two fonts',
    ...setMode('text 80x25'),
    ...loadFont(27, 0x10000),
    fill(TEXT, 4000, 28),
    sequencer(3, 0x04),
  ),
  picture(
    'text 80x25, other fonts',
    ...setMode('text 80x25'),
    ...loadFont(27, 0x10000),
    fill(TEXT, 4000, 28),
    sequencer(3, 0x2d),
  ),
  picture('mode 4', ...setMode('4'), fill(TEXT, 0x4000, 31)),
  picture('mode 6', ...setMode('6'), fill(TEXT, 0x4000, 32)),
  picture('mode D', ...setMode('D'), ...fillPlanes(8000, 33)),
  picture('mode E', ...setMode('E'), ...fillPlanes(16000, 34)),
  picture('mode F', ...setMode('F'), ...fillPlanes(28000, 35)),
  picture('mode 10', ...setMode('10'), ...fillPlanes(28000, 36)),
  picture('mode 11', ...setMode('11'), ...fillPlanes(38400, 37)),
  picture('mode 12', ...setMode('12'), ...fillPlanes(38400, 38)),
  picture('mode 12, planes masked', ...setMode('12'), ...fillPlanes(38400, 38), ...attribute(0x12, 0x05)),
  picture(
    'mode 12, colour select',
    ...setMode('12'),
    ...fillPlanes(38400, 39),
    ...attribute(0x14, 0x0e),
    ...attribute(0x10, 0x81),
  ),
  picture('mode 12, another pitch', ...setMode('12'), ...fillPlanes(0x10000, 40), crtc(0x13, 0x32)),
  picture(
    'mode 12, line compare',
    ...setMode('12'),
    ...fillPlanes(0x10000, 41),
    crtc(0x0c, 0x20),
    crtc(0x18, 0x60),
    crtc(7, 0x3e),
    crtc(9, 0),
  ),
  picture('mode 13', ...setMode('13'), fill(0xa0000, 64000, 42)),
  picture('mode 13, from another start', ...setMode('13'), fill(0xa0000, 0x10000, 42), crtc(0x0d, 80)),
  picture('mode X', ...setMode('X'), ...fillPlanes(19200, 43)),
  picture('mode X, second page', ...setMode('X'), ...fillPlanes(38400, 44), crtc(0x0c, 0x4b)),
  ...[8, 15, 16, 24, 32].flatMap((bits) => [
    picture(
      `VBE 640x480x${bits}`,
      ...PLACED,
      ...palette(50),
      ...vbeMode(640, 480, bits, 0x41),
      fill(LINEAR_BASE, (640 * 480 * ((bits + 7) >> 3)) >> 2, 60 + bits),
    ),
    picture(
      `VBE 320x200x${bits}, virtual screen`,
      ...PLACED,
      ...palette(51),
      ...vbeMode(320, 200, bits, 0x41),
      ...vbe(6, 400),
      fill(LINEAR_BASE, 400 * 240 * ((bits + 7) >> 3), 70 + bits),
      ...vbe(8, 24),
      ...vbe(9, 30),
    ),
  ]),
  picture('VBE 1024x768x16', ...PLACED, ...vbeMode(1024, 768, 16, 0x41), fill(LINEAR_BASE, 200000, 80)),
  picture(
    'VBE 640x480x8 with 8-bit colours',
    ...PLACED,
    ...vbeMode(640, 480, 8, 0x61),
    out(0x3c8, 0),
    ...[...sequence(90, 768)].map((value) => out(0x3c9, value)),
    fill(LINEAR_BASE, 100000, 81),
  ),
];
