// What was done to QEMU's isa-fdc and is done to ours: port accesses, memory before and after, time that passes. A scenario begins
// with the machine just switched on. Tests only.

/** `in`: its answer is recorded. `irq`: whether IRQ 6 came since it was asked last. `memory`: so is a checksum of what lies there. */
export type Step =
  | { do: 'out'; port: number; value: number }
  | { do: 'in'; port: number }
  | { do: 'irq' }
  | { do: 'wait' }
  | { do: 'fill'; address: number; bytes: readonly number[]; times: number }
  | { do: 'memory'; address: number; length: number }
  /** The sector of the image, as the next reader would get it. */
  | { do: 'disk'; sector: number };

export interface Scenario {
  name: string;
  /** KB of the disk in drive A; undefined: a drive without a disk. */
  kb: number | undefined;
  readOnly?: boolean;
  steps: readonly Step[];
}

/** Byte `i` of sector `sector` of every image. */
export function imageByte(sector: number, i: number): number {
  return (sector * 31 + i * 7 + (sector >> 8) + (i >> 8)) & 0xff;
}

export function image(kb: number): Uint8Array {
  const bytes = new Uint8Array(kb * 1024);
  for (let at = 0; at < bytes.length; at++) bytes[at] = imageByte(at >> 9, at & 511);
  return bytes;
}

/** As FNV-1a, 32 bits. */
export function checksum(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => Math.imul(sum ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
}

const out = (port: number, value: number): Step => ({ do: 'out', port, value });
const input = (port: number): Step => ({ do: 'in', port });
const repeat = (count: number, step: Step): Step[] => Array.from({ length: count }, () => step);
const WAIT: Step = { do: 'wait' };
const IRQ: Step = { do: 'irq' };
const STATUS = input(0x3f4);
const DATA = input(0x3f5);
const BUFFER = 0x20000;

const bytes = (...values: number[]): Step[] => values.map((value) => out(0x3f5, value));
/** A command that answers at once. */
const ask = (values: number[], answers: number): Step[] => [
  ...bytes(...values),
  STATUS,
  ...repeat(answers, DATA),
  STATUS,
];
/** A command with seven results and an interrupt. */
const run = (...values: number[]): Step[] => [...bytes(...values), WAIT, STATUS, IRQ, ...repeat(7, DATA), IRQ, STATUS];
const SENSE = ask([0x08], 2);
const seek = (...values: number[]): Step[] => [...bytes(...values), WAIT, IRQ, ...SENSE, IRQ];

function dma(mode: number, length: number, address = BUFFER): Step[] {
  const count = length - 1;
  return [
    out(0x0a, 0x06),
    out(0x0c, 0),
    ...[out(0x04, address & 0xff), out(0x04, (address >> 8) & 0xff), out(0x81, address >> 16)],
    ...[out(0x05, count & 0xff), out(0x05, count >> 8)],
    out(0x0b, mode),
    out(0x0a, 0x02),
  ];
}
const READ = 0x46;
const WRITE = 0x4a;
const memory = (length: number, address = BUFFER): Step => ({ do: 'memory', address, length });
const disk = (sector: number): Step => ({ do: 'disk', sector });
const fill = (values: number[], times: number): Step => ({ do: 'fill', address: BUFFER, bytes: values, times });

/** As firmware and drivers begin. `rate`: for the configuration control register. */
const begin = (rate = 0): Step[] => [
  ...[out(0xd6, 0xc0), out(0xd4, 0), out(0x08, 0)],
  ...[out(0x3f2, 0x00), out(0x3f2, 0x1c), WAIT],
  ...repeat(4, out(0x3f5, 0x08)).flatMap((step) => [step, DATA, DATA]),
  ...bytes(0x03, 0xaf, 0x02),
  out(0x3f7, rate),
  ...bytes(0x07, 0x00),
  WAIT,
  ...[out(0x3f5, 0x08), DATA, DATA],
];
/** READ or WRITE with its options; drive A, sectors of 512 bytes. */
const access = (code: number, c: number, h: number, r: number, eot: number, select = h << 2): Step[] =>
  run(code, select, c, h, r, 2, eot, 0x1b, 0xff);

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'reset and its four interrupts',
    kb: 1440,
    steps: [
      ...[out(0x3f2, 0), out(0x3f2, 0x0c), WAIT, STATUS, IRQ],
      ...[...SENSE, IRQ, ...SENSE, ...SENSE, ...SENSE],
      ...ask([0x08], 1),
    ],
  },
  {
    name: 'reset by the data rate select register',
    kb: 1440,
    steps: [...begin(), out(0x3f4, 0x80), WAIT, IRQ, ...SENSE, IRQ],
  },
  {
    name: 'digital output reads back',
    kb: 1440,
    steps: [out(0x3f2, 0x1c), input(0x3f2), out(0x3f2, 0x2d), input(0x3f2)],
  },
  {
    name: 'version, part, invalid commands',
    kb: 1440,
    steps: [...begin(), ...[0x10, 0x18, 0x00, 0x1f, 0x9f].flatMap((code) => ask([code], 1))],
  },
  {
    name: 'DUMPREG shows SPECIFY, CONFIGURE, LOCK and PERPENDICULAR',
    kb: 1440,
    steps: [
      ...begin(),
      ...[...ask([0x0e], 10), ...ask([0x13, 0, 0x57, 0x21], 0), ...ask([0x12, 0x84], 0), ...ask([0x94], 1)],
      ...ask([0x0e], 10),
    ],
  },
  {
    name: 'a reset leaves what is locked',
    kb: 1440,
    steps: [
      ...[...begin(), ...ask([0x13, 0, 0x47, 0x21], 0), ...ask([0x94], 1), out(0x3f2, 0x18), out(0x3f2, 0x1c), WAIT],
      ...[...SENSE, ...ask([0x0e], 10), ...ask([0x14], 1)],
    ],
  },
  {
    name: 'a reset clears what is not locked',
    kb: 1440,
    steps: [
      ...[...begin(), ...ask([0x13, 0, 0x47, 0x21], 0), out(0x3f2, 0x18), out(0x3f2, 0x1c), WAIT, ...SENSE],
      ...ask([0x0e], 10),
    ],
  },
  { name: 'SAVE', kb: 1440, steps: [...begin(), ...ask([0x2e], 15)] },
  { name: 'POWERDOWN MODE', kb: 1440, steps: [...begin(), ...ask([0x17, 0x03], 1)] },
  {
    name: 'SENSE DRIVE STATUS of both drives and heads',
    kb: 1440,
    steps: [...begin(), ...ask([0x04, 0x00], 1), ...ask([0x04, 0x04], 1), ...ask([0x04, 0x01], 1)],
  },
  {
    name: 'SENSE DRIVE STATUS, write-protected',
    kb: 1440,
    readOnly: true,
    steps: [...begin(), ...ask([0x04, 0x00], 1)],
  },
  {
    name: 'SEEK, track 0 and RECALIBRATE',
    kb: 1440,
    steps: [
      ...begin(),
      ...[...seek(0x0f, 0, 40), ...ask([0x04, 0], 1), ...seek(0x0f, 4, 79), ...seek(0x07, 0), ...ask([0x04, 0], 1)],
    ],
  },
  {
    name: 'RELATIVE SEEK in and out',
    kb: 1440,
    steps: [...begin(), ...seek(0xcf, 0, 10), ...seek(0x8f, 0, 4)],
  },
  {
    name: 'the disk-change line falls with a step',
    kb: 1440,
    steps: [...begin(), input(0x3f7), ...seek(0x0f, 0, 1), input(0x3f7), ...seek(0x07, 0), input(0x3f7)],
  },
  {
    name: 'the disk-change line without a disk',
    kb: undefined,
    steps: [...begin(), input(0x3f7), ...seek(0x0f, 0, 1), input(0x3f7)],
  },
  {
    name: 'READ DATA, one sector',
    kb: 1440,
    steps: [...begin(), ...dma(READ, 512), ...access(0xe6, 0, 0, 1, 1), memory(600)],
  },
  {
    name: 'READ DATA, a track, ended by terminal count',
    kb: 1440,
    steps: [...begin(), ...dma(READ, 9216), ...access(0xe6, 3, 1, 1, 18), memory(9216), input(0x08)],
  },
  {
    name: 'READ DATA, both heads with MT',
    kb: 1440,
    steps: [...begin(), ...dma(READ, 18432), ...access(0xe6, 2, 0, 1, 18), memory(18432)],
  },
  {
    name: 'READ DATA, terminal count in the middle of a track',
    kb: 1440,
    steps: [...begin(), ...dma(READ, 1536), ...access(0x46, 1, 0, 5, 18), memory(2048)],
  },
  {
    name: 'READ DATA, terminal count in the middle of a sector',
    kb: 1440,
    steps: [...begin(), ...dma(READ, 700), ...access(0xe6, 1, 0, 5, 18), memory(1024)],
  },
  {
    name: 'READ DATA to EOT without terminal count',
    kb: 1440,
    steps: [...begin(), ...dma(READ, 4096), ...access(0x46, 0, 0, 15, 18), memory(4096)],
  },
  {
    name: 'READ DATA, no such sector',
    kb: 1440,
    steps: [...begin(), ...dma(READ, 512), ...access(0xe6, 0, 0, 19, 19), memory(512)],
  },
  {
    name: 'READ DATA, no such cylinder',
    kb: 1440,
    steps: [...begin(), ...dma(READ, 512), ...access(0xe6, 84, 0, 1, 1)],
  },
  {
    name: 'READ DATA at the wrong data rate',
    kb: 1440,
    steps: [...begin(2), ...dma(READ, 512), ...access(0xe6, 0, 0, 1, 1), memory(512)],
  },
  {
    name: 'READ DATA of 720 KB',
    kb: 720,
    steps: [...begin(2), ...dma(READ, 512), ...access(0xe6, 79, 1, 9, 9), memory(512)],
  },
  {
    name: 'READ DATA of 360 KB',
    kb: 360,
    steps: [...begin(1), ...dma(READ, 512), ...access(0xe6, 39, 1, 9, 9), memory(512)],
  },
  {
    name: 'READ DATA of 1.2 MB',
    kb: 1200,
    steps: [...begin(0), ...dma(READ, 512), ...access(0xe6, 79, 1, 15, 15), memory(512)],
  },
  {
    name: 'READ DATA of 2.88 MB',
    kb: 2880,
    steps: [...begin(3), ...dma(READ, 512), ...access(0xe6, 79, 1, 36, 36), memory(512)],
  },
  {
    name: 'READ DATA downwards',
    kb: 1440,
    steps: [...begin(), ...dma(0x66, 512, BUFFER + 511), ...access(0xe6, 0, 0, 1, 1), memory(512)],
  },
  {
    name: 'READ DATA with DMA that verifies',
    kb: 1440,
    steps: [...begin(), ...dma(0x42, 512), ...access(0xe6, 0, 0, 1, 1), memory(512)],
  },
  {
    name: 'READ DATA without DMA',
    kb: 1440,
    steps: [
      ...[...begin(), ...bytes(0x03, 0xaf, 0x03), ...bytes(0x46, 0, 0, 0, 2, 2, 2, 0x1b, 0xff), WAIT, STATUS, IRQ],
      ...[...repeat(511, DATA), STATUS, DATA, WAIT, IRQ, STATUS, ...repeat(7, DATA), IRQ, STATUS],
    ],
  },
  {
    name: 'READ DATA without a disk',
    kb: undefined,
    steps: [...begin(), ...dma(READ, 512), ...access(0xe6, 0, 0, 1, 1)],
  },
  {
    name: 'WRITE DATA, two sectors, and back',
    kb: 1440,
    steps: [
      ...[...begin(), fill([1, 2, 3, 4, 5], 300), ...dma(WRITE, 1024), ...access(0xc5, 5, 0, 3, 4), disk(182)],
      ...[disk(183), disk(184), ...dma(READ, 1024, 0x30000)],
      ...[...access(0xe6, 5, 0, 3, 4), memory(1024, 0x30000)],
    ],
  },
  {
    name: 'WRITE DATA to EOT, the next sector is in the result',
    kb: 1440,
    steps: [...begin(), fill([7], 512), ...dma(WRITE, 512), ...access(0xc5, 5, 1, 18, 18), disk(215)],
  },
  {
    name: 'WRITE DATA, write-protected',
    kb: 1440,
    readOnly: true,
    steps: [...begin(), fill([7], 512), ...dma(WRITE, 512), ...access(0xc5, 0, 0, 1, 1), disk(0)],
  },
  {
    name: 'WRITE DATA without DMA',
    kb: 1440,
    steps: [
      ...[...begin(), ...bytes(0x03, 0xaf, 0x03), ...bytes(0x45, 0, 0, 0, 2, 2, 2, 0x1b, 0xff), WAIT, STATUS, IRQ],
      ...Array.from({ length: 512 }, (_, i) => out(0x3f5, (i * 3) & 0xff)),
      ...[WAIT, IRQ, STATUS, ...repeat(7, DATA), IRQ, STATUS, disk(1)],
    ],
  },
  { name: 'READ ID', kb: 1440, steps: [...begin(), ...seek(0x0f, 0, 7), ...run(0x4a, 4)] },
  { name: 'READ ID at the wrong data rate', kb: 1440, steps: [...begin(1), ...run(0x4a, 0)] },
  { name: 'READ ID without a disk', kb: undefined, steps: [...begin(), ...run(0x4a, 0)] },
  {
    name: 'VERIFY, counted',
    kb: 1440,
    steps: [...begin(), ...run(0xd6, 0x80, 0, 0, 1, 2, 18, 0x1b, 4)],
  },
  {
    name: 'FORMAT TRACK',
    kb: 1440,
    steps: [
      ...[...begin(), ...seek(0x0f, 0, 1)],
      ...Array.from(
        { length: 18 },
        (_, i): Step => ({ do: 'fill', address: BUFFER + 4 * i, bytes: [1, 0, i + 1, 2], times: 1 }),
      ),
      ...[...dma(WRITE, 72), ...run(0x4d, 0, 2, 18, 0x6c, 0xf6), disk(36)],
    ],
  },
  {
    name: 'READ DELETED DATA',
    kb: 1440,
    steps: [...begin(), ...dma(READ, 512), ...access(0x4c, 0, 0, 1, 1), memory(512)],
  },
  {
    name: 'READ TRACK',
    kb: 1440,
    steps: [...begin(), ...dma(READ, 1024), ...access(0x42, 4, 0, 1, 18), memory(1024)],
  },
  { name: 'no drive B', kb: 1440, steps: [...begin(), ...seek(0x07, 1), ...run(0x4a, 1)] },
];
