// Sections are the 82371SB datasheet's.
import { beforeEach, describe, expect, test } from 'vitest';
import { COMMAND } from '../pci/config-space.ts';
import { DISK, DISK_MASTER, digest, pattern } from './testing/ide-bench.ts';
import { IdeDriver } from './testing/ide-driver.ts';

const SIZE = 2 << 20;
const TABLE = 0x1000;
const PAGE = 4096;

let image: Uint8Array;
let ide: IdeDriver;

beforeEach(() => {
  image = pattern(SIZE, 4);
  ide = new IdeDriver({ disk: image });
});

const ram = (address: number, bytes: number) => ide.ram.bytes.slice(address, address + bytes);

describe('transfers (§2.7)', () => {
  test('nothing moves inside the port access; the interrupt comes when all is in memory', () => {
    ide.command(0xc8, { count: 8, lba: 3 });
    ide.startMaster(DISK, TABLE, [[0x4000, 4096]]);
    ide.diskMedium.answerAll();
    expect([ide.masterStatus(), ide.status(), ide.lines[14].level]).toEqual([1, 0x58, false]);
    expect(ram(0x4000, 4096)).toEqual(new Uint8Array(4096));
    ide.settle();
    expect([ide.masterStatus(), ide.status(), ide.lines[14].level]).toEqual([4, 0x50, true]);
    expect(digest(ram(0x4000, 4096))).toBe(digest(image.slice(3 * 512, 3 * 512 + 4096)));
  });

  test('the drive waits for a bus master that starts later', () => {
    ide.command(0xc8, { count: 1 });
    ide.settle();
    expect(ide.status()).toBe(0x58);
    ide.startMaster(DISK, TABLE, [[0x4000, 512]]);
    ide.settle();
    expect(digest(ram(0x4000, 512))).toBe(digest(image.slice(0, 512)));
  });

  test('the function must be allowed to be a bus master', () => {
    ide.controller.pci.writeConfig(COMMAND, 2, 1);
    ide.command(0xc8, { count: 1 });
    ide.startMaster(DISK, TABLE, [[0x4000, 512]]);
    ide.settle();
    expect([ide.status(), ide.masterStatus()]).toEqual([0x58, 1]);
    ide.controller.pci.writeConfig(COMMAND, 2, 5);
    ide.settle();
    expect([ide.status(), ide.masterStatus()]).toEqual([0x50, 4]);
  });

  test('as long as LBA48 allows, in many descriptors of many sizes', () => {
    const bytes = 1000 * 512;
    const descriptors: [number, number][] = [];
    for (let at = 0, n = 0; at < bytes; n++) {
      const size = Math.min([2, 510, 4096, 0x7ffe, 6][n % 5]!, bytes - at);
      descriptors.push([0x10000 + at, size]);
      at += size;
    }
    ide.extended(0x25, { count: 1000, lba: 20 });
    ide.startMaster(DISK, TABLE, descriptors);
    ide.settle();
    expect(digest(ram(0x10000, bytes))).toBe(digest(image.slice(20 * 512, 20 * 512 + bytes)));
    expect([ide.masterStatus(), ide.lines[14].rises]).toEqual([4, 1]);
  });

  test('a table of tiny descriptors does not hold up the machine: the transfer goes on at the next safe point', () => {
    ide.command(0xc8, { count: 16 });
    ide.startMaster(
      DISK,
      TABLE,
      Array.from({ length: 4096 }, (_, n) => [0x10000 + 2 * n, 2]),
    );
    ide.diskMedium.answerAll();
    ide.transfers.runPending();
    expect([ide.masterStatus(), ide.transfers.due]).toEqual([1, true]);
    ide.settle();
    expect(digest(ram(0x10000, 8192))).toBe(digest(image.slice(0, 8192)));
  });

  test('writes: what memory holds when the transfer is done', () => {
    const data = pattern(1024, 77);
    ide.ram.bytes.set(data, 0x6ffe);
    ide.command(0xca, { count: 2, lba: 6 });
    ide.startMaster(DISK, TABLE, [
      [0x6ffe, 4],
      [0x7002, 1020],
    ]);
    ide.settle();
    expect(ide.diskMedium.bytes.slice(6 * 512, 8 * 512)).toEqual(data);
    expect([ide.masterStatus(), ide.status()]).toEqual([4, 0x50]);
  });

  test('descriptors that end early leave the rest undone, without an interrupt; the drive can be used again', () => {
    ide.command(0xca, { count: 4 });
    ide.startMaster(DISK, TABLE, [[0x4000, 1024]]);
    ide.settle();
    expect([ide.masterStatus(), ide.status(), ide.lines[14].level, ide.diskMedium.log]).toEqual([0, 0x50, false, []]);
    ide.command(0x20, { count: 1 });
    ide.settle();
    expect(ide.take(512)).toEqual(image.slice(0, 512));
  });

  test('descriptors longer than the data: still active, with an interrupt', () => {
    ide.command(0xc8, { count: 1 });
    ide.startMaster(DISK, TABLE, [[0x4000, 0]]);
    ide.settle();
    expect([ide.masterStatus(), ram(0x4200, 16)]).toEqual([5, new Uint8Array(16)]);
  });

  test('stopped, it moves nothing; started, it begins at the table again', () => {
    ide.command(0xc8, { count: 2 });
    ide.startMaster(DISK, TABLE, [[0x4000, 1024]]);
    ide.out(DISK_MASTER, 0);
    ide.settle();
    expect([ide.masterStatus(), ide.status()]).toEqual([0, 0x58]);
    ide.startMaster(DISK, TABLE, [[0x8000, 1024]]);
    ide.settle();
    expect(digest(ram(0x8000, 1024))).toBe(digest(image.slice(0, 1024)));
    expect(ram(0x4000, 1024)).toEqual(new Uint8Array(1024));
  });
});

describe('guest memory', () => {
  test('absent pages of table and buffers are waited for, each unit is done once', () => {
    ide.ram.absent.add(TABLE / PAGE);
    for (const page of [5, 7]) ide.ram.absent.add(page);
    ide.command(0xc8, { count: 32, lba: 1 });
    ide.startMaster(DISK, TABLE, [
      [5 * PAGE + 512, 7 * 512],
      [6 * PAGE, 25 * 512],
    ]);
    ide.settle();
    expect(ide.transfers.awaited).toEqual([TABLE]);
    for (const [present, awaited] of [
      [TABLE / PAGE, 5 * PAGE + 512],
      [5, 7 * PAGE],
    ] as const) {
      ide.ram.absent.delete(present);
      ide.transfers.runPending();
      expect([ide.transfers.awaited, ide.lines[14].level]).toEqual([[awaited], false]);
    }
    // What lies before the absent page of a buffer is there already.
    expect(ram(6 * PAGE, PAGE)).toEqual(image.slice(8 * 512, 8 * 512 + PAGE));
    ide.ram.absent.clear();
    ide.transfers.runPending();
    expect([ide.masterStatus(), ide.lines[14].rises]).toEqual([4, 1]);
    expect(digest(ram(5 * PAGE + 512, 32 * 512))).toBe(digest(image.slice(512, 33 * 512)));
  });

  test.each([
    ['table', 0x7ffffff8, 0x4000],
    ['buffer', TABLE, 0x7fff0000],
  ])('a %s outside of RAM is a master abort: error bit, and the drive’s command is aborted', (_, table, buffer) => {
    ide.command(0xc8, { count: 1 });
    ide.startMaster(DISK, TABLE, [[buffer, 512]]);
    ide.out(DISK_MASTER, 0);
    ide.out(DISK_MASTER + 4, table, 4);
    ide.out(DISK_MASTER, 9);
    ide.settle();
    expect([ide.masterStatus(), ide.status(), ide.error()]).toEqual([6, 0x41, 0x04]);
    ide.out(DISK_MASTER + 2, 6);
    expect(ide.masterStatus()).toBe(0);
  });
});

test('registers: bits that are kept, and those that are cleared by ones', () => {
  ide.out(DISK_MASTER + 2, 0x60);
  expect(ide.masterStatus()).toBe(0x60);
  ide.command(0xe7);
  ide.settle();
  expect(ide.masterStatus()).toBe(0x64);
  ide.out(DISK_MASTER + 2, 0x24);
  expect(ide.masterStatus()).toBe(0x20);
  ide.out(DISK_MASTER + 4, 0xffffffff, 4);
  expect(ide.in(DISK_MASTER + 4, 4)).toBe(0xfffffffc);
  ide.out(DISK_MASTER, 0xff);
  expect(ide.in(DISK_MASTER)).toBe(9);
});
