// A move in the middle of anything: after every step of a command the controller is saved and goes on elsewhere, and what comes of it
// is what comes of it without a move.
import { describe, expect, test } from 'vitest';
import { StateError } from '../../bus/device.ts';
import { TestDrive } from '../testing/test-drive.ts';
import { FloppyBench } from './testing/floppy-bench.ts';
import { checksum, image } from './testing/scenarios.ts';

const BUFFER = 0x20000;
const TO_MEMORY = 0x46;
const FROM_MEMORY = 0x4a;

/** Steps of a driver, each an access or a while of waiting. */
type Script = ((b: FloppyBench) => number | undefined)[];

const command = (...bytes: number[]): Script => bytes.map((byte) => (b) => void b.out(0x3f5, byte));
const wait = (steps: number): Script => Array.from({ length: steps }, () => (b: FloppyBench) => void b.step());
const data = (count: number): Script => Array.from({ length: count }, () => (b: FloppyBench) => b.in(0x3f5));
const status: Script = [(b) => b.in(0x3f4)];
const dma = (mode: number, length: number, address = BUFFER): Script => [
  (b) => void b.programDma(mode, address, length),
];
const access = (code: number, c: number, h: number, r: number, eot: number): Script => [
  ...command(code, h << 2, c, h, r, 2, eot, 0x1b, 0xff),
  ...wait(10),
  ...status,
  ...data(7),
  ...status,
];

const SCRIPTS: Record<string, Script> = {
  'reset and its interrupts': [
    (b) => void b.out(0x3f2, 0),
    (b) => void b.out(0x3f2, 0x0c),
    ...wait(3),
    ...Array.from({ length: 4 }, () => [...command(8), ...data(2)]).flat(),
    ...status,
  ],
  'two seeks at once': [
    ...command(0x0f, 0, 20),
    ...command(0x0f, 1, 30),
    ...wait(10),
    ...[...command(8), ...data(2), ...command(8), ...data(2), ...status],
    (b) => b.in(0x3f7),
  ],
  parameters: [
    ...[...command(0x13, 0, 0x47, 9), ...command(0x94), ...data(1), ...command(0x12, 0x84), ...command(3, 0x12, 0x34)],
    ...[...command(0x8e, 0x0a, 0x80), ...data(4), ...command(0x2e), ...data(16)],
  ],
  'read a track by DMA': [...dma(TO_MEMORY, 9216, BUFFER + 0x800), ...access(0x46, 1, 1, 1, 18)],
  'read both heads to EOT': [...dma(TO_MEMORY, 30000), ...access(0xc6, 1, 0, 10, 18)],
  'write by DMA': [...dma(FROM_MEMORY, 3000, BUFFER + 0x800), ...access(0xc5, 1, 0, 16, 18)],
  format: [
    (b) => {
      for (let r = 1; r <= 18; r++) b.ram.bytes.set([1, 0, r === 9 ? 99 : r, 2], BUFFER + 4 * r - 4);
      return undefined;
    },
    ...[...command(0x0f, 0, 1), ...wait(10), ...command(8), ...data(2)],
    ...[...dma(FROM_MEMORY, 72), ...command(0x4d, 0, 2, 18, 0x50, 0xf6), ...wait(8), ...status, ...data(7)],
  ],
  scan: [...dma(FROM_MEMORY, 2048), ...access(0x51, 0, 0, 1, 4)],
  'verify with a bad sector': [
    (b) => {
      b.media[0].failures = ['failed'];
      return undefined;
    },
    ...[...command(0x56, 0x80, 0, 0, 1, 2, 18, 0x1b, 4), ...wait(16), ...data(7)],
  ],
  'read without DMA': [
    ...[...command(3, 0xaf, 3), ...command(0x46, 0, 0, 0, 1, 2, 1, 0x1b, 0xff), ...wait(5), ...status],
    ...[...data(512), ...status, ...data(7), ...status],
  ],
  'write without DMA': [
    ...[...command(3, 0xaf, 3), ...command(0x45, 0, 0, 0, 1, 2, 1, 0x1b, 0xff), ...wait(5), ...status],
    ...[...command(...Array.from({ length: 512 }, (_, i) => (i * 5) & 0xff)), ...wait(5), ...status, ...data(7)],
  ],
};

/** The first two cylinders of a disk of 1.44 MB. */
const DISK = image(1440).subarray(0, 72 * 512);

function start(): FloppyBench {
  const b = new FloppyBench([new TestDrive(DISK.slice()), new TestDrive(DISK.slice())]);
  b.out(0x3f7, 0);
  for (let i = 0; i < 0x3000; i++) b.ram.bytes[BUFFER + i] = (i * 11) & 0xff;
  b.ram.bytes.set(image(2).subarray(512, 1024), BUFFER + 512);
  return b;
}

/** Everything that can be seen at the end. */
function outcome(b: FloppyBench, answers: (number | undefined)[]): unknown {
  const { operation, ...registers } = b.controller.save();
  return {
    answers,
    irq: b.irq.level,
    changed: b.in(0x3f7),
    registers,
    phase: operation.phase,
    ram: checksum(b.ram.bytes.subarray(BUFFER, BUFFER + 0x8000)),
    disks: b.media.map(({ bytes }) => checksum(bytes)),
  };
}

function moves(b: FloppyBench): FloppyBench {
  const failures = b.media.map((medium) => medium.failures);
  const other = b.moved();
  for (const [i, medium] of other.media.entries()) medium.failures = failures[i];
  return other;
}

describe.each(Object.entries(SCRIPTS))('%s', (_, script) => {
  const still = start();
  const expected = outcome(
    still,
    script.map((step) => step(still)),
  );
  // PIO goes through hundreds of bytes: a move at some of them is enough.
  const moments = [...script.keys()].filter(
    (i) => script.length < 150 || i < 20 || i % 29 === 0 || i > script.length - 14,
  );

  test('goes on after a move at any moment', () => {
    for (const moment of moments) {
      let b = start();
      const answers = script.map((step, i) => {
        if (i === moment) b = moves(b);
        return step(b);
      });
      expect(outcome(b, answers), `moved before step ${moment}`).toEqual(expected);
    }
  });
});

test('a disk that was changed during the move shows at the disk-change line, and is not written to', () => {
  const b = start();
  b.command(0x0f, 0, 1);
  for (let i = 0; i < 10; i++) b.step();
  b.sense();
  expect(b.in(0x3f7)).toBe(0);
  b.programDma(FROM_MEMORY, BUFFER, 512);
  b.command(0x45, 0, 1, 0, 1, 2, 1, 0x1b, 0xff);
  const state = b.save();
  const other = start();
  other.media[0].insert(DISK.slice(), false);
  other.dma.restore(state.dma);
  other.controller.restore(state.floppy);
  expect(other.in(0x3f7)).toBe(0x80);
  other.settle();
  expect(other.results().slice(0, 3)).toEqual([0x40, 1, 0]);
  expect(other.media[0].log).toEqual([]);
});

test('a form that it does not know is refused', () => {
  const b = start();
  const { floppy } = b.save();
  expect(() => b.controller.restore({ ...floppy, version: 9 } as never)).toThrow(StateError);
  expect(() => b.controller.restore({ ...floppy, operation: undefined } as never)).toThrow(StateError);
});
