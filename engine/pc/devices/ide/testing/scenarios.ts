// For tests: what the trace of QEMU's piix3-ide covers. A disk of 4 MiB and a CD of 1 MiB.
import { BAR0, COMMAND } from '../../pci/config-space.ts';
import { CD, CD_MASTER, DISK, DISK_MASTER, pattern } from './ide-bench.ts';
import type { Scenario, Step } from './scenario.ts';

export const DISK_IMAGE = pattern(4 << 20, 1);
export const CD_IMAGE = pattern(1 << 20, 2);

const LBA = 0xe0;
const TABLE = 0x1000;
const BUFFER = 0x4000;

/** Registers 1 to 6; left out: 0, the device LBA's. */
interface Registers {
  features?: number;
  count?: number;
  low?: number;
  mid?: number;
  high?: number;
  device?: number;
}

function set(base: number, { features = 0, count = 0, low = 0, mid = 0, high = 0, device = LBA }: Registers): Step[] {
  return [features, count, low, mid, high, device].map((value, n) => ['out', base + 1 + n, value]);
}

/** Writes the registers and the command, and waits. */
function command(base: number, code: number, registers: Registers = {}): Step[] {
  return [...set(base, registers), ['out', base + 7, code], ['wait', base]];
}

/** Of a 48-bit command: the registers that are written first, then the others. */
function extended(base: number, code: number, first: Registers, second: Registers): Step[] {
  return [...set(base, first), ...command(base, code, second)];
}

/** All registers, the status last. */
function registers(base: number): Step[] {
  return [1, 2, 3, 4, 5, 6, 7].map((offset) => ['in', base + offset]);
}

const line = (base: number): Step => ['line', base === DISK ? 14 : 15];

/** A block of data with the interrupt before it and the state behind it. */
function dataIn(base: number, words: number): Step[] {
  return [line(base), ...registers(base), line(base), ['words', base, words], ['wait', base]];
}

function packet(bytes: readonly number[], limit = 0xfffe, features = 0): Step[] {
  const padded = Buffer.alloc(12);
  padded.set(bytes);
  return [
    ...command(CD, 0xa0, { features, mid: limit & 0xff, high: limit >> 8, device: 0xa0 }),
    ...registers(CD),
    ['put', CD, padded.toString('hex')],
    ['wait', CD],
  ];
}

/** A packet whose reply has that many words. */
function asked(bytes: readonly number[], words: number, limit = 0xfffe): Step[] {
  return [...packet(bytes, limit), ...dataIn(CD, words), line(CD), ...registers(CD), line(CD)];
}

/** A packet without data, or that fails, and the sense data. */
function tried(bytes: readonly number[]): Step[] {
  return [...packet(bytes), line(CD), ...registers(CD), line(CD), ...asked([0x03, 0, 0, 0, 18], 9)];
}

/** The bus masters' registers at their place, and a table of [address, bytes]. */
function master(base: number, table: readonly (readonly [number, number])[]): Step[] {
  const bytes = Buffer.alloc(8 * table.length);
  for (const [n, [address, size]] of table.entries()) {
    bytes.writeUInt32LE(address, 8 * n);
    bytes.writeUInt16LE(size & 0xffff, 8 * n + 4);
    if (n === table.length - 1) bytes.writeUInt16LE(0x8000, 8 * n + 6);
  }
  return [
    ...configured(BAR0 + 16, 4, DISK_MASTER | 1),
    ...configured(COMMAND, 2, 5),
    ['store', TABLE, bytes.toString('hex')],
    ['out', base + 2, 6],
    ['out', base + 4, TABLE, 4],
    ['in', base],
    ['in', base + 2],
    ['in', base + 4, 4],
  ];
}

function configured(offset: number, size: number, value: number): Step[] {
  return [
    ['out', 0xcf8, (0x80000900 | (offset & 0xfc)) >>> 0, 4],
    ['out', 0xcfc + (offset & 3), value, size],
  ];
}

/** Starts the bus master, waits, and stops it. */
function run(base: number, drive: number, direction: number): Step[] {
  return [
    ['out', base, 1 | direction],
    ['done', drive],
    ['in', base + 2],
    line(drive),
    ...registers(drive),
    line(drive),
    ['out', base, 0],
    ['in', base + 2],
    ['out', base + 2, 6],
    ['in', base + 2],
  ];
}

const TO_MEMORY = 8;
const sector = (seed: number) => Buffer.from(pattern(512, seed)).toString('hex');
const reset = (base: number): Step[] => [
  ['out', base + 0x206, 4],
  ['in', base + 0x206],
  ['out', base + 0x206, 0],
  ['wait', base],
  ...registers(base),
];

export const SCENARIOS: readonly Scenario[] = [
  { name: 'power-on', steps: [...registers(DISK), ...registers(CD), line(DISK), line(CD)] },
  {
    name: 'registers can be written and read',
    steps: [...set(DISK, { count: 1, low: 2, mid: 3, high: 4, device: 5 }), ...registers(DISK)],
  },
  {
    name: 'previous contents of registers',
    steps: [
      ...set(DISK, { features: 1, count: 2, low: 3, mid: 4, high: 5 }),
      ...set(DISK, { features: 6, count: 7, low: 8, mid: 9, high: 10 }),
      ...registers(DISK),
      ['out', 0x3f6, 0x80],
      ...registers(DISK),
      ['out', DISK + 3, 1],
      ...registers(DISK),
    ],
  },
  {
    name: 'device 1 is absent',
    steps: [...command(DISK, 0xec, { device: 0xf0 }), ...registers(DISK), line(DISK), ['in', DISK, 2]],
  },
  { name: 'software reset', steps: [...command(DISK, 0xec), ...reset(DISK), ...reset(CD)] },
  { name: 'EXECUTE DEVICE DIAGNOSTIC', steps: [...command(DISK, 0x90), line(DISK), ...registers(DISK), line(DISK)] },
  {
    name: 'IDENTIFY DEVICE',
    steps: [
      ...command(DISK, 0xec),
      line(DISK),
      ...registers(DISK),
      ...Array.from({ length: 256 }, (): Step => ['in', DISK, 2]),
      ['wait', DISK],
      ...registers(DISK),
    ],
  },
  {
    name: 'READ SECTORS, one',
    steps: [...command(DISK, 0x20, { count: 1, low: 5 }), ...dataIn(DISK, 256), line(DISK), ...registers(DISK)],
  },
  {
    name: 'READ SECTORS, three',
    steps: [
      ...command(DISK, 0x20, { count: 3, low: 0xff, mid: 1 }),
      ...dataIn(DISK, 256),
      ...dataIn(DISK, 256),
      ...dataIn(DISK, 256),
      line(DISK),
      ...registers(DISK),
    ],
  },
  {
    name: 'READ SECTORS, cylinder, head and sector',
    steps: [
      ...command(DISK, 0x21, { count: 1, low: 9, mid: 2, device: 0xa3 }),
      ...dataIn(DISK, 256),
      ...registers(DISK),
    ],
  },
  {
    name: 'READ SECTORS EXT',
    steps: [
      ...extended(DISK, 0x24, {}, { count: 2, low: 7, mid: 1 }),
      ...dataIn(DISK, 256),
      ...dataIn(DISK, 256),
      ...registers(DISK),
    ],
  },
  {
    name: 'READ MULTIPLE',
    steps: [
      ...command(DISK, 0xc6, { count: 4 }),
      ...registers(DISK),
      ...command(DISK, 0xc4, { count: 6, low: 1 }),
      ...dataIn(DISK, 1024),
      ...dataIn(DISK, 512),
      line(DISK),
      ...registers(DISK),
    ],
  },
  {
    name: 'SET MULTIPLE MODE, refused',
    steps: [
      ...command(DISK, 0xc6, { count: 5 }),
      ...registers(DISK),
      ...command(DISK, 0xc6, { count: 32 }),
      ...registers(DISK),
    ],
  },
  {
    name: 'WRITE SECTORS',
    steps: [
      ...command(DISK, 0x30, { count: 2, low: 9 }),
      line(DISK),
      ...registers(DISK),
      ['put', DISK, sector(50)],
      ['wait', DISK],
      line(DISK),
      ...registers(DISK),
      ['put', DISK, sector(51)],
      ['wait', DISK],
      line(DISK),
      ...registers(DISK),
      ...command(DISK, 0x20, { count: 2, low: 9 }),
      ...dataIn(DISK, 256),
      ...dataIn(DISK, 256),
    ],
  },
  {
    name: 'WRITE MULTIPLE EXT',
    steps: [
      ...command(DISK, 0xc6, { count: 2 }),
      ['in', DISK + 7],
      ...extended(DISK, 0x39, {}, { count: 3, low: 20 }),
      line(DISK),
      ['put', DISK, sector(60) + sector(61)],
      ['wait', DISK],
      line(DISK),
      ...registers(DISK),
      ['put', DISK, sector(62)],
      ['wait', DISK],
      line(DISK),
      ...registers(DISK),
      ...command(DISK, 0x20, { count: 1, low: 22 }),
      ...dataIn(DISK, 256),
    ],
  },
  {
    name: 'past the end',
    steps: [...command(DISK, 0x20, { count: 1, high: 1 }), line(DISK), ...registers(DISK), line(DISK)],
  },
  {
    name: 'READ DMA',
    steps: [
      ...master(DISK_MASTER, [
        [BUFFER, 512],
        [BUFFER + 0x800, 512],
      ]),
      ...command(DISK, 0xc8, { count: 2, low: 3 }),
      ...run(DISK_MASTER, DISK, TO_MEMORY),
      ['load', BUFFER, 512],
      ['load', BUFFER + 0x800, 512],
    ],
  },
  {
    name: 'READ DMA, 64 KiB in one descriptor',
    steps: [
      ...master(DISK_MASTER, [[0x20000, 0]]),
      ...extended(DISK, 0x25, {}, { count: 128 }),
      ...run(DISK_MASTER, DISK, TO_MEMORY),
      ['load', 0x20000, 0x10000],
    ],
  },
  {
    name: 'READ DMA, descriptors longer than the data',
    steps: [
      ...master(DISK_MASTER, [[BUFFER, 1024]]),
      ...command(DISK, 0xc8, { count: 1, low: 3 }),
      ...run(DISK_MASTER, DISK, TO_MEMORY),
      ['load', BUFFER, 1024],
    ],
  },
  {
    name: 'READ DMA, descriptors shorter than the data',
    steps: [
      ...master(DISK_MASTER, [[BUFFER, 512]]),
      ...command(DISK, 0xc8, { count: 2, low: 3 }),
      ...run(DISK_MASTER, DISK, TO_MEMORY),
    ],
  },
  {
    name: 'READ DMA, odd addresses and counts',
    steps: [
      ...master(DISK_MASTER, [
        [BUFFER + 2, 0x7f],
        [BUFFER + 0x801, 0x183],
      ]),
      ...command(DISK, 0xc8, { count: 1, low: 3 }),
      ...run(DISK_MASTER, DISK, TO_MEMORY),
      ['load', BUFFER, 0x90],
      ['load', BUFFER + 0x800, 0x190],
    ],
  },
  {
    name: 'WRITE DMA',
    steps: [
      ['store', BUFFER, sector(70)],
      ...master(DISK_MASTER, [
        [BUFFER, 0x100],
        [BUFFER + 0x100, 0x100],
      ]),
      ...command(DISK, 0xca, { count: 1, low: 30 }),
      ...run(DISK_MASTER, DISK, 0),
      ...command(DISK, 0x20, { count: 1, low: 30 }),
      ...dataIn(DISK, 256),
    ],
  },
  { name: 'interrupts disabled', steps: [['out', 0x3f6, 2], ...command(DISK, 0xe7), line(DISK), ...registers(DISK)] },
  {
    name: 'READ VERIFY, SEEK, RECALIBRATE, FLUSH',
    steps: [0x40, 0x70, 0x10, 0xe7, 0xea].flatMap((code) => [
      ...command(DISK, code, { count: 1, low: 4 }),
      line(DISK),
      ...registers(DISK),
    ]),
  },
  {
    name: 'READ NATIVE MAX ADDRESS',
    steps: [
      ...command(DISK, 0xf8),
      ...registers(DISK),
      ...command(DISK, 0x27),
      ...registers(DISK),
      ['out', 0x3f6, 0x80],
      ...registers(DISK),
    ],
  },
  {
    name: 'power modes',
    steps: [0xe1, 0xe5, 0xe0, 0xe5].flatMap((code) => [...command(DISK, code), line(DISK), ...registers(DISK)]),
  },
  {
    name: 'SET FEATURES',
    steps: [
      [0x03, 0x45],
      [0x03, 0x22],
      [0x03, 0x0c],
      [0x02, 0],
      [0x82, 0],
      [0x55, 0],
      [0xaa, 0],
      [0x77, 0],
    ].flatMap(([features, count]) => [...command(DISK, 0xef, { features, count }), ...registers(DISK)]),
  },
  {
    name: 'commands that there are not',
    steps: [0x22, 0x50, 0xe4, 0xf1, 0xa1, 0xa0, 0x08, 0xff].flatMap((code) => [
      ...command(DISK, code),
      line(DISK),
      ...registers(DISK),
    ]),
  },
  {
    name: 'SMART',
    steps: [
      ...command(DISK, 0xb0, { features: 0xda, mid: 0x4f, high: 0xc2, device: 0xa0 }),
      ...registers(DISK),
      ...command(DISK, 0xb0, { features: 0xda }),
      ...registers(DISK),
      ...command(DISK, 0xb0, { features: 0xd9, mid: 0x4f, high: 0xc2 }),
      ...registers(DISK),
      ...command(DISK, 0xb0, { features: 0xda, mid: 0x4f, high: 0xc2 }),
      ...registers(DISK),
    ],
  },
  {
    name: 'CD: signature in place of an answer',
    steps: [
      ...command(CD, 0xec, { device: 0xa0 }),
      line(CD),
      ...registers(CD),
      ...command(CD, 0x20, { device: 0xa0 }),
      ...registers(CD),
    ],
  },
  { name: 'CD: DEVICE RESET', steps: [...command(CD, 0x08, { device: 0xa0 }), line(CD), ...registers(CD)] },
  {
    name: 'CD: IDENTIFY PACKET DEVICE',
    steps: [
      ...command(CD, 0xa1, { device: 0xa0 }),
      line(CD),
      ...registers(CD),
      ...Array.from({ length: 256 }, (): Step => ['in', CD, 2]),
      ['wait', CD],
      ...registers(CD),
    ],
  },
  { name: 'CD: TEST UNIT READY', steps: tried([0x00]) },
  { name: 'CD: INQUIRY', steps: asked([0x12, 0, 0, 0, 36], 18) },
  { name: 'CD: INQUIRY, cut off at an odd length', steps: asked([0x12, 0, 0, 0, 5], 3) },
  { name: 'CD: READ CAPACITY', steps: asked([0x25], 4) },
  { name: 'CD: READ(10) in one block', steps: asked([0x28, 0, 0, 0, 0, 5, 0, 0, 2], 2048) },
  {
    name: 'CD: READ(10) in blocks of 2048 bytes',
    steps: [
      ...packet([0x28, 0, 0, 0, 0, 5, 0, 0, 2], 2048),
      ...dataIn(CD, 1024),
      ...dataIn(CD, 1024),
      line(CD),
      ...registers(CD),
    ],
  },
  {
    name: 'CD: READ(12) in blocks of 1500 bytes',
    steps: [
      ...packet([0xa8, 0, 0, 0, 0, 9, 0, 0, 0, 1], 1500),
      ...dataIn(CD, 750),
      ...dataIn(CD, 274),
      line(CD),
      ...registers(CD),
    ],
  },
  {
    name: 'CD: READ(10) by DMA',
    steps: [
      ...master(CD_MASTER, [[BUFFER, 0x1800]]),
      ...packet([0x28, 0, 0, 0, 0, 7, 0, 0, 3], 0, 1).slice(0, -1),
      ...run(CD_MASTER, CD, TO_MEMORY),
      ['load', BUFFER, 0x1800],
    ],
  },
  { name: 'CD: READ(10) past the end', steps: tried([0x28, 0, 0, 0, 2, 0, 0, 0, 1]) },
  { name: 'CD: a packet that there is not', steps: tried([0xfe]) },
  { name: 'CD: READ TOC', steps: asked([0x43, 0, 0, 0, 0, 0, 0, 0, 20], 10) },
  { name: 'CD: READ TOC, in minutes', steps: asked([0x43, 2, 0, 0, 0, 0, 1, 0, 20], 10) },
  { name: 'CD: READ TOC, sessions', steps: asked([0x43, 0, 1, 0, 0, 0, 0, 0, 12], 6) },
  { name: 'CD: READ TOC, a track that there is not', steps: tried([0x43, 0, 0, 0, 0, 0, 2, 0, 20]) },
  { name: 'CD: MODE SENSE(10), capabilities', steps: asked([0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 28], 14) },
  { name: 'CD: MODE SENSE(10), saved values', steps: tried([0x5a, 0, 0xea, 0, 0, 0, 0, 0, 28]) },
  { name: 'CD: GET CONFIGURATION', steps: asked([0x46, 2, 0, 0, 0, 0, 0, 0, 20], 10) },
  { name: 'CD: GET EVENT STATUS NOTIFICATION', steps: asked([0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8], 4) },
  { name: 'CD: GET EVENT STATUS NOTIFICATION, not polled', steps: tried([0x4a, 0, 0, 0, 0x10, 0, 0, 0, 8]) },
  { name: 'CD: MECHANISM STATUS', steps: asked([0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8], 4) },
  { name: 'CD: READ DISC INFORMATION', steps: asked([0x51, 0, 0, 0, 0, 0, 0, 0, 34], 17) },
  { name: 'CD: READ CD, data', steps: asked([0xbe, 0, 0, 0, 0, 11, 0, 0, 1, 0x10], 1024) },
  {
    name: 'CD: ejected',
    steps: [...tried([0x1b, 0, 0, 0, 2]), ...tried([0x00]), ...asked([0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8], 4)],
  },
  { name: 'CD: eject while locked', steps: [...tried([0x1e, 0, 0, 0, 1]), ...tried([0x1b, 0, 0, 0, 2])] },
  { name: 'CD: no data may be carried', steps: [...packet([0x12, 0, 0, 0, 36], 0), line(CD), ...registers(CD)] },
];
