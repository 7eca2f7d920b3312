// The controller against the data sheets: 82077AA (Intel 290166) and 82078 (290474). Sections in the tests' names.
import { describe, expect, test } from 'vitest';
import { FLOPPY_DRIVE } from '../../bus/floppy-formats.ts';
import { TestDrive } from '../testing/test-drive.ts';
import { FloppyBench } from './testing/floppy-bench.ts';
import { image, imageByte } from './testing/scenarios.ts';

const BUFFER = 0x20000;
const TO_MEMORY = 0x46;
const FROM_MEMORY = 0x4a;
const disk = (kb = 1440, readOnly = false) => new TestDrive(image(kb), readOnly);
const bench = (...media: TestDrive[]) => set(new FloppyBench(media.length > 0 ? media : [disk()]), 0);

/** Data rate as CCR has it. */
function set(b: FloppyBench, rate: number): FloppyBench {
  b.out(0x3f7, rate);
  return b;
}

/** Bytes of consecutive sectors of an image. */
function sectors(first: number, count: number): number[] {
  return Array.from({ length: count * 512 }, (_, i) => imageByte(first + (i >> 9), i & 511));
}

const memory = (b: FloppyBench, length: number) => [...b.ram.bytes.subarray(BUFFER, BUFFER + length)];
const read = (b: FloppyBench, c: number, h: number, r: number, eot: number, code = 0x46) =>
  b.run(code, h << 2, c, h, r, 2, eot, 0x1b, 0xff);

describe('registers and reset', () => {
  test('ports 3F0h and 3F1h are not driven in AT mode; TDR keeps the unit', () => {
    const b = bench();
    expect([b.in(0x3f0), b.in(0x3f1)]).toEqual([0xff, 0xff]);
    b.out(0x3f3, 0xfe);
    expect(b.in(0x3f3)).toBe(2);
    expect(b.ports.isFree(0x3f6, 1)).toBe(true);
  });

  test('with firmware the controller waits in its reset until DOR lets it go', () => {
    const b = bench();
    b.out(0x3f2, 0x00);
    expect(b.in(0x3f4)).toBe(0);
    b.settle();
    expect([b.in(0x3f4), b.irq.rises]).toEqual([0, 0]);
    b.out(0x3f2, 0x0c);
    expect(b.irq.level).toBe(false);
    b.settle();
    expect([b.in(0x3f4), b.irq.rises]).toEqual([0x80, 1]);
  });

  test('four units are sensed after a reset; the pin falls with the first (polling)', () => {
    const b = bench();
    b.out(0x3f4, 0x80);
    b.settle();
    expect(b.irq.level).toBe(true);
    expect(b.sense()).toEqual([0xc0, 0]);
    expect(b.irq.level).toBe(false);
    expect([b.sense(), b.sense(), b.sense(), b.sense()]).toEqual([[0xc1, 0], [0xc2, 0], [0xc3, 0], [0x80]]);
  });

  test('firmware that senses only once is not answered by the others', () => {
    const b = bench();
    b.out(0x3f4, 0x80);
    b.settle();
    b.sense();
    b.command(0x07, 0);
    b.settle();
    expect(b.sense()).toEqual([0x20, 0]);
    expect(b.sense()).toEqual([0x80]);
  });

  test('CONFIGURE without polling: a reset interrupts no one', () => {
    const b = bench();
    b.command(0x13, 0, 0x10, 9);
    b.out(0x3f4, 0x80);
    b.settle();
    expect([b.in(0x3f4), b.irq.rises]).toEqual([0x80, 0]);
    b.command(0x0e);
    expect(b.results().slice(8)).toEqual([0x30, 0]);
  });

  test('the DMA gate of DOR keeps INT in', () => {
    const b = bench();
    b.out(0x3f2, 0x04);
    b.command(0x07, 0);
    b.settle();
    expect(b.irq.level).toBe(false);
    b.out(0x3f2, 0x0c);
    expect(b.irq.level).toBe(true);
  });

  test('the main status register follows the phases', () => {
    const b = bench();
    b.command(0x46, 0);
    expect(b.in(0x3f4)).toBe(0x90);
    b.command(0, 0, 1, 2, 1, 0x1b, 0xff);
    expect(b.in(0x3f4)).toBe(0x10);
    b.programDma(TO_MEMORY, BUFFER, 512);
    b.settle();
    expect(b.in(0x3f4)).toBe(0xd0);
    expect(b.results()).toHaveLength(7);
    expect(b.in(0x3f4)).toBe(0x80);
  });

  test('an error interrupts after the access, too', () => {
    const b = bench();
    b.command(0x46, 0, 0, 0, 99, 2, 99, 0x1b, 0xff);
    expect([b.in(0x3f4), b.irq.rises]).toEqual([0x10, 0]);
    b.settle();
    expect([b.in(0x3f4), b.irq.rises]).toEqual([0xd0, 1]);
  });

  test('an invalid command is ST0 = 80h at once', () => {
    const b = bench();
    b.command(0x1f);
    expect(b.results()).toEqual([0x80]);
    expect(b.irq.rises).toBe(0);
  });

  test('a reset in the middle of a command ends it, and its request', () => {
    const b = bench();
    b.programDma(TO_MEMORY, BUFFER, 512);
    b.command(0x46, 0, 0, 0, 1, 2, 1, 0x1b, 0xff);
    b.advance(1e6);
    expect(b.media[0].waiting).toHaveLength(1);
    b.out(0x3f2, 0);
    expect(b.media[0].waiting).toHaveLength(0);
    b.out(0x3f2, 0x0c);
    b.settle();
    expect(b.sense()).toEqual([0xc0, 0]);
    expect(memory(b, 512).every((byte) => byte === 0)).toBe(true);
  });
});

describe('commands of the controller', () => {
  test('LOCK, PERPENDICULAR, DUMPREG, SAVE and RESTORE', () => {
    const b = bench();
    b.command(0x03, 0x12, 0x34);
    b.command(0x13, 0, 0x5a, 7);
    b.command(0x12, 0x87);
    b.command(0x12, 0x3c); // without OW the drives stay
    b.command(0x33, 1);
    b.command(0x94);
    expect(b.results()).toEqual([0x10]);
    b.command(0x0e);
    expect(b.results()).toEqual([0, 0, 0, 0, 0x12, 0x34, 0, 0x84, 0x5a, 7]);
    b.command(0x2e);
    const saved = b.results();
    expect(saved).toEqual([0, 1, 0, 0, 0, 0, 0x12, 0x34, 0, 0x84, 0x5a, 7, 0, 0, 0, 0]);
    const other = bench();
    other.command(0x4e, ...saved);
    other.command(0x2e);
    expect(other.results()).toEqual(saved);
  });

  test('DRIVE SPECIFICATION ends with its last byte, with a result or without (82078)', () => {
    const b = bench();
    b.command(0x8e, 0x0a, 0x25, 0x80);
    expect(b.results()).toEqual([0x0a, 5, 0, 0]);
    b.command(0x8e, 0xc0);
    expect(b.in(0x3f4)).toBe(0x80);
  });

  test('POWERDOWN MODE answers with the mode', () => {
    const b = bench();
    b.command(0x17, 5);
    expect(b.results()).toEqual([5]);
  });
});

describe('seeks', () => {
  test('the interrupt comes after the access, the drive is busy until it is sensed (5.2.3, 5.2.4)', () => {
    const b = bench();
    b.command(0x0f, 0, 40);
    expect([b.in(0x3f4), b.irq.rises]).toEqual([0x81, 0]);
    b.settle();
    expect([b.in(0x3f4), b.irq.rises]).toEqual([0x81, 1]);
    expect(b.sense()).toEqual([0x20, 40]);
    expect([b.in(0x3f4), b.irq.level]).toEqual([0x80, false]);
  });

  test('two drives seek at once, and each interrupts', () => {
    const b = bench(disk(), disk());
    b.command(0x0f, 0, 10);
    b.command(0x0f, 1, 20);
    expect(b.in(0x3f4)).toBe(0x83);
    b.settle();
    expect(b.sense()).toEqual([0x20, 10]);
    expect([b.irq.level, b.irq.rises]).toEqual([true, 2]);
    expect(b.sense()).toEqual([0x21, 20]);
    expect(b.irq.level).toBe(false);
  });

  test('RELATIVE SEEK steps both ways; the number wraps at 256', () => {
    const b = bench();
    b.command(0xcf, 0, 30);
    b.settle();
    expect(b.sense()).toEqual([0x20, 30]);
    b.command(0x8f, 0, 31);
    b.settle();
    expect(b.sense()).toEqual([0x20, 255]);
    expect(b.drives[0].position).toBe(0);
  });

  test('RECALIBRATE gives up after 79 steps, and where there is no drive (5.2.2)', () => {
    const b = bench();
    b.command(0x0f, 0, 82);
    b.settle();
    b.sense();
    b.command(0x07, 0);
    b.settle();
    expect(b.sense()).toEqual([0x70, 0]);
    b.command(0x07, 0);
    b.settle();
    expect(b.sense()).toEqual([0x20, 0]);
    b.command(0x07, 1);
    b.settle();
    expect(b.sense()).toEqual([0x71, 0]);
  });

  test('the disk-change line: up with another disk, down with a step while there is one', () => {
    const b = bench();
    const seek = (cylinder: number) => {
      b.command(0x0f, 0, cylinder);
      b.settle();
      b.sense();
    };
    expect(b.in(0x3f7)).toBe(0x80);
    seek(0);
    expect(b.in(0x3f7)).toBe(0x80);
    seek(1);
    expect(b.in(0x3f7)).toBe(0);
    b.media[0].insert(undefined);
    b.drives[0].mediumChanged();
    seek(2);
    expect(b.in(0x3f7)).toBe(0x80);
    b.out(0x3f2, 0x0d); // a drive that is not there
    expect(b.in(0x3f7)).toBe(0);
    b.out(0x3f2, 0x0c);
    b.media[0].insert(image(720));
    b.drives[0].mediumChanged();
    expect(b.in(0x3f7)).toBe(0x80);
    seek(1);
    expect(b.in(0x3f7)).toBe(0);
  });

  test('a reset moves the heads and leaves the disk-change line', () => {
    const b = bench();
    b.command(0x0f, 0, 5);
    b.settle();
    b.media[0].insert(image(1440));
    b.drives[0].mediumChanged();
    b.out(0x3f4, 0x80);
    b.settle();
    expect([b.drives[0].position, b.in(0x3f7)]).toEqual([0, 0x80]);
  });
});

describe('READ DATA', () => {
  test.each([
    [160, 1, 39, 0, 8],
    [180, 2, 39, 0, 9],
    [320, 2, 39, 1, 8],
    [360, 1, 39, 1, 9],
    [720, 2, 79, 1, 9],
    [1200, 0, 79, 1, 15],
    [1680, 0, 79, 1, 21],
    [1722, 0, 81, 1, 21],
    [2880, 3, 79, 1, 36],
  ])('the last sector of %i KB', (kb, rate, c, h, r) => {
    const b = set(bench(disk(kb)), rate);
    b.programDma(TO_MEMORY, BUFFER, 512);
    expect(read(b, c, h, r, r).slice(0, 3)).toEqual([h << 2, 0, 0]);
    expect(memory(b, 512)).toEqual(sectors(kb * 2 - 1, 1));
  });

  test('without terminal count at EOT: EN', () => {
    const b = bench();
    b.programDma(TO_MEMORY, BUFFER, 5000);
    expect(read(b, 0, 0, 17, 18)).toEqual([0x40, 0x80, 0, 1, 0, 1, 2]);
    expect(memory(b, 1025)).toEqual([...sectors(16, 2), 0]);
  });

  test.each([
    // Table 5-6: MT, head, last sector → C, H, R
    [0x46, 0, 5, [3, 0, 6]],
    [0x46, 1, 18, [4, 1, 1]],
    [0xc6, 0, 5, [3, 0, 6]],
    [0xc6, 0, 18, [3, 1, 1]],
    [0xc6, 1, 5, [3, 1, 6]],
    [0xc6, 1, 18, [4, 0, 1]],
  ])('the result after %i, head %i, sector %i (table 5-6)', (code, head, last, id) => {
    const b = bench();
    b.programDma(TO_MEMORY, BUFFER, 512);
    expect(read(b, 3, head, last, 18, code)).toEqual([head << 2, 0, 0, ...id, 2]);
  });

  test('MT goes on to the other head', () => {
    const b = bench();
    b.programDma(TO_MEMORY, BUFFER, 3 * 512);
    expect(read(b, 1, 0, 18, 18, 0xc6)).toEqual([4, 0, 0, 1, 1, 3, 2]);
    expect(memory(b, 3 * 512)).toEqual(sectors(53, 3));
  });

  test.each<[string, number[], number[]]>([
    ['a sector that is not there', [0x46, 0, 0, 0, 19, 2, 19], [0x40, 4, 0]],
    ['sector 0', [0x46, 0, 0, 0, 0, 2, 18], [0x40, 4, 0]],
    ['another head in the ID', [0x46, 0, 0, 1, 1, 2, 18], [0x40, 4, 0]],
    ['another size', [0x46, 0, 0, 0, 1, 3, 18], [0x40, 4, 0]],
    ['a cylinder that is not there', [0x46, 0, 81, 0, 1, 2, 18], [0x40, 1, 0]],
    ['a drive that is not there', [0x46, 1, 0, 0, 1, 2, 18], [0x41, 1, 0]],
  ])('%s', (_, command, status) => {
    const b = bench();
    b.programDma(TO_MEMORY, BUFFER, 512);
    expect(b.run(...command, 0x1b, 0xff).slice(0, 3)).toEqual(status);
    expect(b.media[0].log).toEqual([]);
  });

  test('the data rate must be the disk’s; CCR and DSR set it', () => {
    const b = set(bench(), 2);
    b.programDma(TO_MEMORY, BUFFER, 512);
    expect(read(b, 0, 0, 1, 1).slice(0, 3)).toEqual([0x40, 1, 0]);
    b.out(0x3f4, 0);
    expect(read(b, 0, 0, 1, 1).slice(0, 3)).toEqual([0, 0, 0]);
  });

  test('a disk of 40 cylinders is also read with two steps for each', () => {
    const b = set(bench(disk(360)), 1);
    b.command(0x0f, 0, 20);
    b.settle();
    b.programDma(TO_MEMORY, BUFFER, 512);
    read(b, 10, 0, 1, 1);
    expect(b.drives[0].position).toBe(20);
    b.command(0x0f, 0, 60);
    b.settle();
    expect(b.run(0x4a, 0).slice(0, 4)).toEqual([0, 0, 0, 30]);
    b.command(0x0f, 0, 61);
    b.settle();
    expect(b.run(0x4a, 0).slice(0, 2)).toEqual([0x40, 1]);
  });

  test('a page that is absent is waited for, with the interrupt', () => {
    const b = bench();
    b.ram.absent.add(0x21);
    b.programDma(TO_MEMORY, BUFFER + 0xf00, 512);
    b.command(0x46, 0, 0, 0, 1, 2, 1, 0x1b, 0xff);
    b.settle();
    expect([b.irq.rises, b.transfers.awaited]).toEqual([0, [BUFFER + 0x1000]]);
    b.ram.absent.clear();
    b.transfers.runPending();
    expect(b.irq.rises).toBe(1);
    expect([...b.ram.bytes.subarray(BUFFER + 0xf00, BUFFER + 0x1100)]).toEqual(sectors(0, 1));
  });

  test('sectors that cannot be read: those before them are', () => {
    const b = bench();
    b.media[0].failures = ['failed', 'failed'];
    b.programDma(TO_MEMORY, BUFFER, 1024);
    expect(read(b, 0, 0, 1, 2)).toEqual([0x40, 0x20, 0x20, 0, 0, 1, 2]);
    b.media[0].failures = ['failed'];
    expect(read(b, 0, 0, 1, 2).slice(0, 3)).toEqual([0, 0, 0]);
    expect(memory(b, 1024)).toEqual(sectors(0, 2));
  });

  test('an image that is cut off has no sectors behind its end', () => {
    const b = bench(new TestDrive(image(1440).subarray(0, 3 * 512)));
    b.programDma(TO_MEMORY, BUFFER, 2048);
    expect(read(b, 0, 0, 2, 4)).toEqual([0x40, 4, 0, 0, 0, 4, 2]);
    expect(memory(b, 1025)).toEqual([...sectors(1, 2), 0]);
  });

  test('a disk that is taken out or changed meanwhile: no address mark', () => {
    const b = bench();
    b.programDma(TO_MEMORY, BUFFER, 512);
    for (const other of [undefined, image(1440)]) {
      b.command(0x46, 0, 0, 0, 1, 2, 1, 0x1b, 0xff);
      b.media[0].insert(other);
      b.drives[0].mediumChanged();
      b.settle();
      expect(b.results().slice(0, 3)).toEqual([0x40, 1, 0]);
    }
    b.media[0].failures = ['gone'];
    expect(read(b, 0, 0, 1, 1).slice(0, 3)).toEqual([0x40, 1, 0]);
  });
});

describe('other reads', () => {
  test('READ TRACK: all sectors from the index on; ND where the ID is another', () => {
    const b = bench();
    b.programDma(TO_MEMORY, BUFFER, 1024);
    expect(read(b, 1, 0, 5, 18, 0x42).slice(0, 3)).toEqual([0, 4, 0]);
    expect(memory(b, 1024)).toEqual(sectors(36, 2));
    b.programDma(TO_MEMORY, BUFFER, 20000);
    expect(read(b, 1, 0, 1, 30, 0x42).slice(0, 3)).toEqual([0x40, 0x80, 0]);
    expect(memory(b, 9217)).toEqual([...sectors(36, 18), 0]);
  });

  test('READ DELETED DATA: a normal mark ends it after the sector, or is skipped', () => {
    const b = bench();
    b.programDma(TO_MEMORY, BUFFER, 1024);
    expect(read(b, 0, 0, 3, 18, 0x4c)).toEqual([0, 0, 0x40, 0, 0, 4, 2]);
    expect(memory(b, 513)).toEqual([...sectors(2, 1), 0]);
    expect(read(b, 0, 0, 3, 18, 0x6c).slice(0, 3)).toEqual([0x40, 0x80, 0x40]);
    expect(memory(b, 513)).toEqual([...sectors(2, 1), 0]);
  });

  test('READ ID passes every sector in time', () => {
    const b = bench();
    const seen = new Set<number>();
    for (let i = 0; i < 60; i++) {
      b.advance(7e6);
      const [st0, st1, st2, c, h, r, n] = b.run(0x4a, 4);
      expect([st0, st1, st2, c, h, n]).toEqual([4, 0, 0, 0, 1, 2]);
      seen.add(r);
    }
    expect([...seen].sort((x, y) => x - y)).toEqual(Array.from({ length: 18 }, (_, i) => i + 1));
  });

  test('VERIFY moves nothing, and ends by count or at EOT (tables 5-7, 5-8)', () => {
    const b = bench();
    const verify = (mt: number, ec: number, r: number, eot: number, sc: number) =>
      b.run(0x56 | mt, ec, 0, 0, r, 2, eot, 0x1b, sc).slice(0, 3);
    expect(verify(0, 0x00, 1, 18, 0xff)).toEqual([0, 0, 0]);
    expect(verify(0, 0x00, 1, 19, 0xff)).toEqual([0x40, 4, 0]);
    expect(verify(0, 0x80, 15, 18, 4)).toEqual([0, 0, 0]);
    expect(verify(0, 0x80, 15, 18, 5)).toEqual([0x40, 0x80, 0]);
    expect(verify(0x80, 0x80, 15, 18, 22)).toEqual([4, 0, 0]);
    b.media[0].failures = ['failed', 'failed'];
    expect(verify(0, 0x00, 1, 18, 0xff)).toEqual([0x40, 0x20, 0x20]);
    expect(memory(b, 512).every((byte) => byte === 0)).toBe(true);
  });

  test.each([
    // Command, what is added to byte 7 of the host's sector → ST2
    [0x51, 0, 0x08],
    [0x51, 1, 0x04],
    [0x59, 1, 0x00],
    [0x59, -1, 0x04],
    [0x5d, -1, 0x00],
    [0x5d, 1, 0x04],
  ])('scan %i with a difference of %i (SCAN COMMANDS)', (code, difference, st2) => {
    const b = bench();
    const bytes = sectors(4, 1);
    bytes[7] += difference;
    bytes[9] = 0xff; // equals everything
    b.ram.bytes.set(bytes, BUFFER);
    b.programDma(FROM_MEMORY, BUFFER, 512);
    expect(b.run(code, 0, 0, 0, 5, 2, 5, 0x1b, 1).slice(0, 3)).toEqual([0, 0, st2]);
  });

  test('a scan goes on, over every second sector if so asked', () => {
    const b = bench();
    b.ram.bytes.set([...sectors(100, 1), ...sectors(2, 1)], BUFFER);
    b.programDma(FROM_MEMORY, BUFFER, 1024);
    expect(b.run(0x51, 0, 0, 0, 1, 2, 18, 0x1b, 2)).toEqual([0, 0, 8, 0, 0, 4, 2]);
  });
});

describe('writes', () => {
  test('WRITE DATA: the last sector is filled with zeros', () => {
    const b = bench();
    b.ram.bytes.fill(0x55, BUFFER, BUFFER + 600);
    b.programDma(FROM_MEMORY, BUFFER, 600);
    expect(read(b, 2, 1, 3, 18, 0x45)).toEqual([4, 0, 0, 2, 1, 5, 2]);
    const at = (2 * 36 + 18 + 2) * 512;
    const written = [...b.media[0].bytes.subarray(at, at + 1536)];
    expect(written.slice(0, 1024)).toEqual(Array.from({ length: 1024 }, (_, i) => (i < 600 ? 0x55 : 0)));
    expect(written.slice(1024)).toEqual(sectors(94, 1));
  });

  test('WRITE DELETED DATA and MT over both heads', () => {
    const b = bench();
    b.ram.bytes.set(sectors(7, 2), BUFFER);
    b.programDma(FROM_MEMORY, BUFFER, 1024);
    expect(read(b, 0, 0, 18, 18, 0xc9)).toEqual([4, 0, 0, 0, 1, 2, 2]);
    expect([...b.media[0].bytes.subarray(17 * 512, 19 * 512)]).toEqual(sectors(7, 2));
  });

  test('write protection, and what the medium refuses', () => {
    const b = bench(disk(1440, true));
    b.programDma(FROM_MEMORY, BUFFER, 512);
    expect(read(b, 0, 0, 1, 1, 0x45).slice(0, 3)).toEqual([0x40, 2, 0]);
    expect(b.run(0x4d, 0, 2, 18, 0x50, 0xf6).slice(0, 3)).toEqual([0x40, 2, 0]);
    expect(b.media[0].log).toEqual([]);
    const other = bench();
    for (const [failure, status] of [
      ['read-only', [0x40, 2, 0]],
      ['failed', [0x50, 0x20, 0]],
      ['gone', [0x40, 1, 0]],
    ] as const) {
      other.media[0].failures = [failure];
      other.programDma(FROM_MEMORY, BUFFER, 512);
      expect(read(other, 0, 0, 1, 1, 0x45).slice(0, 3)).toEqual(status);
    }
  });

  test('what was gathered for a disk that is gone is not written to the next', () => {
    const b = bench();
    b.command(0x45, 0, 0, 0, 1, 2, 1, 0x1b, 0xff);
    b.advance(1e6);
    b.media[0].insert(image(1440), false);
    b.drives[0].mediumChanged();
    b.programDma(FROM_MEMORY, BUFFER, 512);
    b.settle();
    expect(b.results().slice(0, 3)).toEqual([0x40, 1, 0]);
    expect(b.media[0].log).toEqual([]);
  });

  const format = (b: FloppyBench, ids: number[][], head = 0, sizeCode = 2): number[] => {
    b.ram.bytes.set(ids.flat(), BUFFER);
    b.programDma(FROM_MEMORY, BUFFER, ids.length * 4);
    return b.run(0x4d, head << 2, sizeCode, ids.length, 0x50, 0xf6).slice(0, 3);
  };
  const track = (c: number, h: number, order: number[]) => order.map((r) => [c, h, r, 2]);
  const interleaved = [1, 10, 2, 11, 3, 12, 4, 13, 5, 14, 6, 15, 7, 16, 8, 17, 9, 18];

  test('FORMAT TRACK fills the track in one request, interleaved or not', () => {
    const b = bench();
    expect(format(b, track(0, 1, interleaved), 1)).toEqual([4, 0, 0]);
    expect(b.media[0].log).toHaveLength(1);
    expect(b.media[0].bytes.subarray(18 * 512, 36 * 512).every((byte) => byte === 0xf6)).toBe(true);
    expect([...b.media[0].bytes.subarray(36 * 512, 37 * 512)]).toEqual(sectors(36, 1));
    expect([...b.media[0].bytes.subarray(17 * 512, 18 * 512)]).toEqual(sectors(17, 1));
  });

  test('a track that the image cannot have: ND, and nothing beside the track is written', () => {
    const b = bench();
    const wrong = [
      [0, 0, 1, 2],
      [0, 0, 3, 2],
      [0, 0, 19, 2],
      [1, 0, 2, 2],
      [0, 1, 4, 2],
      [0, 0, 5, 3],
      [0, 0, 0, 2],
    ];
    expect(format(b, wrong)).toEqual([0x40, 4, 0]);
    expect(b.media[0].log.map((request) => request.kind === 'write' && request.offset)).toEqual([0, 1024]);
    expect(format(b, track(0, 0, [1]), 0, 3)).toEqual([0x40, 4, 0]);
    expect(b.run(0x4d, 0, 2, 0, 0x50, 0xf6).slice(0, 3)).toEqual([0, 0, 0]);
  });
});

describe('without DMA (4.2)', () => {
  /** A driver that is called for each interrupt and reads or writes as long as it is asked. */
  function served(b: FloppyBench, each: () => void): number {
    let calls = 0;
    for (let rises = 0; calls < 5000; ) {
      for (let i = 0; i < 50 && b.irq.rises === rises; i++) b.step();
      if (b.irq.rises === rises) break;
      rises = b.irq.rises;
      if ((b.in(0x3f4) & 0x20) === 0) break;
      calls++;
      each();
    }
    return calls;
  }

  test.each([
    ['FIFO disabled', 0x20, 1024],
    ['threshold 8', 0x07, 128],
  ])('%s: an interrupt for each part', (_, configure, parts) => {
    const b = bench();
    b.command(0x13, 0, configure, 0);
    b.command(0x03, 0xaf, 0x03);
    b.command(0x46, 0, 0, 0, 17, 2, 18, 0x1b, 0xff);
    const got: number[] = [];
    const calls = served(b, () => {
      expect(b.in(0x3f4)).toBe(0xf0);
      for (let i = 0; i < 1024 / parts; i++) got.push(b.in(0x3f5));
    });
    expect(calls).toBe(parts);
    expect(got).toEqual(sectors(16, 2));
    expect(b.results()).toEqual([0x40, 0x80, 0, 1, 0, 1, 2]);
    expect(b.irq.level).toBe(false);
  });

  test('a driver that polls writes a sector', () => {
    const b = bench();
    b.command(0x03, 0xaf, 0x03);
    b.command(0x45, 0, 0, 0, 2, 2, 2, 0x1b, 0xff);
    b.settle();
    expect(b.in(0x3f4)).toBe(0xb0);
    for (const byte of sectors(9, 1)) b.out(0x3f5, byte);
    expect(b.in(0x3f4)).toBe(0x30);
    b.settle();
    expect(b.results().slice(0, 2)).toEqual([0x40, 0x80]);
    expect([...b.media[0].bytes.subarray(512, 1024)]).toEqual(sectors(9, 1));
  });
});

test.each([
  [160, FLOPPY_DRIVE.mb1_2],
  [720, FLOPPY_DRIVE.mb1_44],
  [1440, FLOPPY_DRIVE.mb1_44],
  [2880, FLOPPY_DRIVE.mb2_88],
])('the drive for %i KB is of type %i', (kb, type) => {
  expect(bench(disk(kb)).drives[0].type).toBe(type);
});

test('an empty drive takes every disk of its size; a type that is given stays', () => {
  expect(bench(new TestDrive(undefined)).drives[0].type).toBe(FLOPPY_DRIVE.mb2_88);
  expect(new FloppyBench([disk(360)], [FLOPPY_DRIVE.kb360]).drives[0].type).toBe(FLOPPY_DRIVE.kb360);
});
