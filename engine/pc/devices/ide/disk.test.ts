// Sections are ATA/ATAPI-6's.
import { beforeEach, describe, expect, test } from 'vitest';
import { DISK, digest, pattern } from './testing/ide-bench.ts';
import { IdeDriver } from './testing/ide-driver.ts';

const SIZE = 4 << 20;
const SECTORS = SIZE / 512;

let image: Uint8Array;
let ide: IdeDriver;

beforeEach(() => {
  image = pattern(SIZE, 1);
  ide = new IdeDriver({ disk: image });
});

const sectors = (first: number, count: number) => image.slice(first * 512, (first + count) * 512);

describe('reading with PIO (§9.5)', () => {
  test('busy while the medium is asked, then a block and an interrupt for each sector, none behind the last', () => {
    ide.command(0x20, { count: 2, lba: 7 });
    expect([ide.status(), ide.lines[14].level]).toEqual([0xd0, false]);
    expect(ide.in(DISK, 2)).toBe(0);
    ide.settle();
    expect([ide.status(), ide.lines[14].level]).toEqual([0x58, true]);
    expect(ide.in(DISK + 7)).toBe(0x58);
    expect(ide.lines[14].level).toBe(false);
    expect(ide.take(512)).toEqual(sectors(7, 1));
    expect([ide.status(), ide.lines[14].level]).toEqual([0x58, true]);
    ide.in(DISK + 7);
    expect(ide.take(512, DISK, 4)).toEqual(sectors(8, 1));
    expect([ide.status(), ide.lines[14].rises]).toEqual([0x50, 2]);
  });

  test('a count of 0 is 256 sectors, which is one request', () => {
    ide.command(0x20, { lba: 100 });
    ide.settle();
    expect(digest(ide.take(256 * 512))).toBe(digest(sectors(100, 256)));
    expect(ide.status()).toBe(0x50);
    expect(ide.diskMedium.log).toEqual([{ kind: 'read', offset: 100 * 512, length: 256 * 512 }]);
  });

  test('48-bit commands have two bytes of count and six of address; more than a buffer is several requests', () => {
    ide.extended(0x24, { count: 600, lba: 5 });
    const data: number[] = [];
    for (let n = 0; n < 600; n++) {
      ide.settle();
      data.push(...ide.take(512));
    }
    expect(digest(Uint8Array.from(data))).toBe(digest(sectors(5, 600)));
    expect(ide.diskMedium.log.map((request) => 'length' in request && request.length)).toEqual([131072, 131072, 45056]);
    ide.extended(0x24, { count: 1, lba: 2 ** 40 });
    ide.settle();
    expect([ide.status(), ide.error()]).toEqual([0x41, 0x10]);
  });

  test('a byte access takes a word of the data register', () => {
    ide.command(0x20, { count: 1 });
    ide.settle();
    expect([ide.in(DISK, 1), ide.in(DISK, 1)]).toEqual([image[0], image[2]]);
    expect(ide.take(508)).toEqual(image.slice(4, 512));
    expect(ide.status()).toBe(0x50);
  });

  test('by cylinder, head and sector, as INITIALIZE DEVICE PARAMETERS divides the disk', () => {
    const chs = (cylinder: number, head: number, sector: number) => {
      for (const [n, value] of [0, 1, sector, cylinder & 0xff, cylinder >> 8, 0xa0 | head].entries())
        ide.out(DISK + 1 + n, value);
      ide.out(DISK + 7, 0x20);
      ide.settle();
    };
    for (const [n, value] of [0, 17, 0, 0, 0, 0xa3].entries()) ide.out(DISK + 1 + n, value); // 4 heads of 17 sectors
    ide.out(DISK + 7, 0x91);
    chs(3, 2, 5);
    const lba = (3 * 4 + 2) * 17 + 4;
    expect(ide.take(512)).toEqual(sectors(lba, 1));
    chs(0, 0, 0);
    expect(ide.error()).toBe(0x10);
    chs(0, 0, 18);
    expect(ide.error()).toBe(0x10);
    chs(0, 4, 1);
    expect(ide.error()).toBe(0x10);
  });
});

describe('writing with PIO (§9.6)', () => {
  test('no interrupt before the first block; the medium gets whole batches, and the command ends when it has them', () => {
    const data = pattern(3 * 512, 99);
    ide.command(0x30, { count: 3, lba: 50 });
    expect([ide.status(), ide.lines[14].rises]).toEqual([0x58, 0]);
    ide.give(data.subarray(0, 512));
    expect([ide.status(), ide.lines[14].level]).toEqual([0x58, true]);
    ide.in(DISK + 7);
    ide.give(data.subarray(512), DISK, 4);
    expect([ide.status(), ide.diskMedium.log.length]).toEqual([0xd0, 1]);
    ide.in(DISK + 7);
    ide.settle();
    expect([ide.status(), ide.lines[14].level]).toEqual([0x50, true]);
    expect(ide.diskMedium.bytes.slice(50 * 512, 53 * 512)).toEqual(data);
  });

  test('WRITE MULTIPLE has blocks of as many sectors as were set', () => {
    ide.command(0xc6, { count: 8 });
    ide.in(DISK + 7);
    const data = pattern(10 * 512, 3);
    ide.command(0xc5, { count: 10, lba: 1000 });
    ide.give(data.subarray(0, 8 * 512));
    expect(ide.lines[14].rises).toBe(2);
    ide.give(data.subarray(8 * 512));
    ide.settle();
    expect(ide.diskMedium.bytes.slice(1000 * 512, 1010 * 512)).toEqual(data);
  });

  test('MULTIPLE commands fail while no block size is set', () => {
    ide.command(0xc6, { count: 0 });
    for (const code of [0xc4, 0xc5]) {
      ide.command(code, { count: 1 });
      expect([ide.status(), ide.error()]).toEqual([0x41, 0x04]);
    }
  });

  test('a write-protected medium: WP and ABRT, and nothing is written', () => {
    ide = new IdeDriver({ disk: image, diskReadOnly: true });
    for (const code of [0x30, 0xca, 0xc5]) {
      ide.command(code, { count: 1 });
      expect([ide.status(), ide.error(), ide.diskMedium.log]).toEqual([0x41, 0x44, []]);
    }
  });
});

describe('errors of the medium', () => {
  test.each([
    ['failed', 0x20, 0x41, 0x40],
    ['failed', 0x40, 0x41, 0x40],
    ['gone', 0x20, 0x61, 0x04],
    ['out-of-range', 0x20, 0x41, 0x10],
    ['failed', 0xe7, 0x61, 0x04],
  ] as const)('%s in command %i', (failure, code, status, error) => {
    ide.diskMedium.failures = [failure];
    ide.command(code, { count: 4, lba: 300 });
    ide.settle();
    expect([ide.status(), ide.error(), ide.lines[14].level]).toEqual([status, error, true]);
    if (code !== 0xe7) expect([ide.lba(), ide.in(DISK + 2)]).toEqual([300, 4]);
    ide.command(0x20, { count: 1 });
    ide.settle();
    expect(ide.take(512)).toEqual(sectors(0, 1));
  });

  test.each([
    ['failed', 0x61, 0x04],
    ['read-only', 0x41, 0x44],
  ] as const)('a write that %s', (failure, status, error) => {
    ide.diskMedium.failures = [failure];
    ide.command(0x30, { count: 1, lba: 5 });
    ide.give(new Uint8Array(512));
    ide.settle();
    expect([ide.status(), ide.error(), ide.lba()]).toEqual([status, error, 5]);
  });

  test('what reaches past the end fails as a whole, with IDNF', () => {
    ide.command(0x20, { count: 2, lba: SECTORS - 1 });
    expect([ide.status(), ide.error(), ide.diskMedium.log]).toEqual([0x41, 0x10, []]);
    ide.command(0x20, { count: 1, lba: SECTORS - 1 });
    ide.settle();
    expect(ide.take(512)).toEqual(sectors(SECTORS - 1, 1));
  });

  test('without a medium every access is aborted', () => {
    ide = new IdeDriver({});
    ide.command(0x20, { count: 1 });
    expect([ide.status(), ide.error()]).toEqual([0x41, 0x04]);
    ide.command(0xec);
    expect(ide.take(512).slice(120, 124)).toEqual(new Uint8Array(4));
  });
});

describe('what the disk tells of itself', () => {
  const identify = () => {
    ide.command(0xec);
    return new Uint16Array(ide.take(512).buffer);
  };

  test('capacity, geometry and modes (§8.15)', () => {
    const words = identify();
    expect([words[1], words[3], words[6]]).toEqual([Math.floor(SECTORS / 1008), 16, 63]);
    expect([words[60], words[61], words[100], words[101]]).toEqual([SECTORS, 0, SECTORS, 0]);
    expect([words[47], words[59], words[88], words[63]]).toEqual([0x8010, 0x0110, 0x203f, 0x0007]);
    expect(words[83]! & 0x3400).toBe(0x3400);
  });

  test('what was set shows', () => {
    for (const [features, count] of [
      [0x03, 0x22],
      [0x82, 0],
      [0x55, 0],
    ] as const)
      ide.command(0xef, { features, count });
    ide.command(0xc6, { count: 4 });
    const words = identify();
    expect([words[59], words[63], words[88]]).toEqual([0x0104, 0x0407, 0x003f]);
    expect(words[85]! & 0x60).toBe(0);
  });

  test('modes that there are not are refused', () => {
    for (const count of [0x02, 0x0d, 0x23, 0x46, 0x80]) {
      ide.command(0xef, { features: 0x03, count });
      expect(ide.error()).toBe(0x04);
    }
  });

  test('a disk of more than 8 GB has the largest geometry, and one of more than 128 GiB all of its sectors in 48 bits only', () => {
    ide.diskMedium.medium = { size: 2 ** 38, readOnly: false };
    const words = identify();
    expect([words[1], words[3], words[6]]).toEqual([16383, 16, 63]);
    expect([words[60], words[61]]).toEqual([0xffff, 0x0fff]);
    expect([words[100], words[101], words[102]]).toEqual([0, 0x2000, 0]);
  });

  test('SMART pages sum up to 0; they are there while SMART is enabled (§8.52)', () => {
    const smart = (features: number, low = 0) => {
      for (const [n, value] of [features, 1, low, 0x4f, 0xc2, 0xa0].entries()) ide.out(DISK + 1 + n, value);
      ide.out(DISK + 7, 0xb0);
      return ide.status();
    };
    for (const [features, log] of [
      [0xd0, 0],
      [0xd1, 0],
      [0xd5, 1],
      [0xd5, 6],
    ] as const) {
      expect(smart(features, log)).toBe(0x58);
      expect(ide.take(512).reduce((sum, byte) => sum + byte, 0) % 256).toBe(0);
    }
    expect([smart(0xd5, 0x80), ide.error()]).toEqual([0x41, 0x04]);
    expect([smart(0xda), ide.in(DISK + 4), ide.in(DISK + 5)]).toEqual([0x50, 0x4f, 0xc2]);
    smart(0xd9);
    expect(smart(0xd0)).toBe(0x41);
    smart(0xd8);
    expect(smart(0xda)).toBe(0x50);
  });

  test('standby, until the medium is needed', () => {
    const mode = () => {
      ide.command(0xe5);
      return ide.in(DISK + 2);
    };
    expect(mode()).toBe(0xff);
    ide.command(0xe0);
    expect(mode()).toBe(0x00);
    ide.command(0x40, { count: 1 });
    ide.settle();
    expect(mode()).toBe(0xff);
  });
});

describe('flush and TRIM', () => {
  test('a flush ends when the medium has answered', () => {
    ide.command(0xea);
    expect([ide.status(), ide.diskMedium.log]).toEqual([0xd0, [{ kind: 'flush' }]]);
    ide.settle();
    expect([ide.status(), ide.lines[14].level]).toEqual([0x50, true]);
  });

  const trim = (ranges: readonly (readonly [number, number])[]) => {
    ide.ram.bytes.fill(0, 0x4000, 0x4200);
    for (const [n, [lba, count]] of ranges.entries()) {
      ide.ram.view.setUint32(0x4000 + 8 * n, lba, true);
      ide.ram.view.setUint16(0x4000 + 8 * n + 6, count, true);
    }
    ide.extended(0x06, { features: 1, count: 1 });
    ide.startMaster(DISK, 0x1000, [[0x4000, 512]]);
    ide.settle();
  };

  test('TRIM discards each range that is not empty (ATA8-ACS-2, §7.10)', () => {
    trim([
      [8, 16],
      [0, 0],
      [100, 1],
    ]);
    expect(ide.diskMedium.log).toEqual([
      { kind: 'discard', offset: 8 * 512, length: 16 * 512 },
      { kind: 'discard', offset: 100 * 512, length: 512 },
    ]);
    expect([ide.status(), ide.masterStatus()]).toEqual([0x50, 4]);
  });

  test('a range past the end is not found', () => {
    trim([[SECTORS - 1, 2]]);
    expect([ide.status(), ide.error(), ide.diskMedium.log]).toEqual([0x41, 0x10, []]);
  });
});

describe('resets', () => {
  test('a software reset breaks a command off; what the medium answers to it later is not heard', () => {
    ide.command(0x20, { count: 1, lba: 1 });
    const [waiting] = ide.diskMedium.waiting;
    ide.softwareReset();
    expect([ide.status(), ide.lines[14].level, ide.diskMedium.waiting]).toEqual([0x50, false, []]);
    ide.command(0x20, { count: 1, lba: 9 });
    waiting!.done({ ok: true, bytes: new Uint8Array(512) });
    expect([ide.status(), ide.lines[14].level]).toEqual([0xd0, false]);
    ide.settle();
    expect(ide.take(512)).toEqual(sectors(9, 1));
  });

  test('a drive at work takes no command', () => {
    ide.command(0x20, { count: 1, lba: 4 });
    ide.command(0xe7);
    ide.settle();
    ide.command(0xe7);
    expect(ide.take(512)).toEqual(sectors(4, 1));
    expect(ide.diskMedium.log).toHaveLength(1);
  });
});
