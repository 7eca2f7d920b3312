// Sections are MMC-5's where nothing else is said.
import { beforeEach, describe, expect, test } from 'vitest';
import { CD, CONTROL, digest, pattern } from './testing/ide-bench.ts';
import { IdeDriver } from './testing/ide-driver.ts';

const BLOCK = 2048;
const BLOCKS = 300;

const OK = [0, 0, 0];
const RESET = [6, 0x29, 0];
const CHANGED = [6, 0x28, 0];
const NO_MEDIUM = [2, 0x3a, 1];
const TRAY_OPEN = [2, 0x3a, 2];
const INVALID_FIELD = [5, 0x24, 0];
const OUT_OF_RANGE = [5, 0x21, 0];

const TEST_UNIT_READY = [0x00];
const EJECT = [0x1b, 0, 0, 0, 2];
const LOAD = [0x1b, 0, 0, 0, 3];
const read10 = (lba: number, count: number) => [0x28, 0, 0, 0, lba >> 8, lba & 0xff, 0, count >> 8, count & 0xff];
const MEDIA_EVENT = [0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8];

let image: Uint8Array;
let ide: IdeDriver;

function drive(cd: Uint8Array | undefined): IdeDriver {
  const fresh = new IdeDriver({ cd });
  expect(fresh.outcome(TEST_UNIT_READY)).toEqual(RESET);
  return fresh;
}

/** The user puts another disc in, or takes it out. */
function insert(cd: Uint8Array | undefined): void {
  ide.cdMedium.insert(cd);
  ide.cd.mediumChanged();
}

/** Event and status of the media class. */
const event = () => [...ide.reply(MEDIA_EVENT)].slice(4, 6);

beforeEach(() => {
  image = pattern(BLOCKS * BLOCK, 11);
  ide = drive(image);
});

const blocks = (first: number, count: number) => image.slice(first * BLOCK, (first + count) * BLOCK);

describe('packets (ATA/ATAPI-6, §9.8)', () => {
  test('interrupt reason and byte count go with each phase', () => {
    const reason = () => [ide.in(CD + 2), ide.in(CD + 4) | (ide.in(CD + 5) << 8), ide.status(CD)];
    for (const [n, value] of [0, 0, 0, 0x00, 0x08, 0xa0].entries()) ide.out(CD + 1 + n, value);
    ide.out(CD + 7, 0xa0);
    expect([reason(), ide.lines[15].level]).toEqual([[1, 0x0800, 0x58], false]);
    ide.give(Uint8Array.of(...read10(2, 2), 0, 0, 0), CD);
    expect(ide.status(CD)).toBe(0xd0);
    ide.settle();
    expect([reason(), ide.lines[15].level]).toEqual([[2, 2048, 0x58], true]);
    expect(ide.take(2048, CD)).toEqual(blocks(2, 1));
    expect(reason()).toEqual([2, 2048, 0x58]);
    expect(ide.take(2048, CD, 4)).toEqual(blocks(3, 1));
    expect(reason()).toEqual([3, 2048, 0x50]);
  });

  test.each([0xfffe, 0xffff, 0xf800, 0x8000, 2048, 1024, 3001, 2])('data in blocks of at most %i bytes', (limit) => {
    const count = limit < 1024 ? 2 : 150;
    ide.packet(read10(9, count), { limit });
    const parts = ide.blocks();
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(limit);
    expect(digest(Buffer.concat(parts))).toBe(digest(blocks(9, count)));
  });

  test('blocks of a whole number of sectors are all full but the last', () => {
    ide.packet(read10(0, 100), { limit: 0xf800 });
    expect(ide.blocks().map((part) => part.length / BLOCK)).toEqual([31, 31, 31, 7]);
  });

  test('by DMA, in as many batches as it takes', () => {
    ide.packet(read10(1, 200), { dma: true });
    ide.startMaster(CD, 0x1000, [
      [0x10000, 0],
      [0x20000, 0],
      [0x30000, 0],
      [0x40000, 0],
      [0x50000, 0],
      [0x60000, 0],
      [0x70000, 200 * BLOCK - 6 * 0x10000],
    ]);
    ide.settle();
    expect([ide.masterStatus(CD), ide.status(CD), ide.in(CD + 2)]).toEqual([4, 0x50, 3]);
    expect(digest(ide.ram.bytes.subarray(0x10000, 0x10000 + 200 * BLOCK))).toBe(digest(blocks(1, 200)));
  });

  test('as a disk it does not answer: the commands of disks leave the signature', () => {
    for (const code of [0xec, 0x20]) {
      ide.out(CD + 7, code);
      expect([ide.in(CD + 4), ide.in(CD + 5), ide.error(CD), ide.status(CD)]).toEqual([0x14, 0xeb, 4, 0x41]);
    }
  });

  test('DEVICE RESET is taken even while the drive is at work', () => {
    ide.packet([]);
    ide.out(CD + 7, 0xa0);
    ide.give(Uint8Array.of(...read10(2, 2), 0, 0, 0), CD);
    expect(ide.status(CD)).toBe(0xd0);
    ide.out(CD + 7, 0x08);
    expect([ide.status(CD), ide.in(CD + 4), ide.cdMedium.waiting]).toEqual([0, 0x14, []]);
    expect(ide.outcome(TEST_UNIT_READY)).toEqual(OK);
  });
});

describe('reading', () => {
  test('what ends behind the last block fails as a whole; an image’s rest is no block', () => {
    expect(ide.outcome(read10(BLOCKS - 1, 2))).toEqual(OUT_OF_RANGE);
    expect(ide.outcome(read10(BLOCKS, 0))).toEqual(OUT_OF_RANGE);
    ide = drive(pattern(3 * BLOCK + 1536, 1));
    expect([...ide.reply([0x25])]).toEqual([0, 0, 0, 2, 0, 0, 8, 0]);
    expect(ide.outcome(read10(3, 1))).toEqual(OUT_OF_RANGE);
  });

  test.each([
    ['failed', [3, 0x11, 0]],
    ['gone', NO_MEDIUM],
    ['out-of-range', OUT_OF_RANGE],
  ] as const)('a medium that answers "%s"', (failure, sense) => {
    ide.cdMedium.failures = [failure];
    expect(ide.outcome(read10(4, 1))).toEqual(sense);
    expect(ide.reply(read10(4, 1))).toEqual(blocks(4, 1));
  });

  test('nothing to be read is no error', () => {
    expect(ide.outcome(read10(4, 0))).toEqual(OK);
  });

  test('READ CD: data alone, and whole sectors whose codes are right (ECMA-130, §14 and annex A)', () => {
    const readCd = (parts: number, type = 0) => [0xbe, type << 2, 0, 0, 0, 70, 0, 0, 2, parts];
    expect(ide.reply(readCd(0x10))).toEqual(blocks(70, 2));
    const raw = ide.reply(readCd(0xf8));
    expect(raw.length).toBe(2 * 2352);
    expect([...raw.subarray(0, 16)]).toEqual([0, ...new Array(10).fill(0xff), 0, 0x00, 0x02, 0x70, 1]);
    expect(raw.slice(16, 16 + BLOCK)).toEqual(blocks(70, 1));
    for (const sector of [raw.subarray(0, 2352), raw.subarray(2352)]) {
      expect(remainder(sector.subarray(0, 2068))).toBe(0);
      expect(syndromes(sector)).toEqual([0]);
    }
    expect(ide.reply(readCd(0x30))).toHaveLength(2 * 2052);
    expect(ide.outcome(readCd(0x00))).toEqual(OK);
    expect(ide.outcome(readCd(0x90))).toEqual(INVALID_FIELD);
    expect(ide.outcome(readCd(0x10, 1))).toEqual([5, 0x64, 0]);
  });

  test('READ CD MSF begins two seconds before block 0', () => {
    const packet = [0xb9, 0, 0, 0, 3, 5, 0, 3, 7, 0x10];
    expect(ide.reply(packet)).toEqual(blocks(80, 2));
    expect(ide.outcome([0xb9, 0, 0, 0, 1, 5, 0, 3, 7, 0x10])).toEqual(INVALID_FIELD);
  });
});

describe('the medium', () => {
  test('without one, what needs it fails, and what does not works', () => {
    ide = drive(undefined);
    for (const packet of [TEST_UNIT_READY, [0x25], read10(0, 1), [0x43, 0, 0, 0, 0, 0, 0, 0, 12]])
      expect(ide.outcome(packet)).toEqual(NO_MEDIUM);
    expect(ide.reply([0x12, 0, 0, 0, 36])).toHaveLength(36);
    expect([...ide.reply([0x46, 0, 0, 0, 0, 0, 0, 0, 8])].slice(6)).toEqual([0, 0]);
    expect(event()).toEqual([0, 0]);
  });

  test('inserted while running: one unit attention, an event, and then the disc', () => {
    ide = drive(undefined);
    insert(image);
    expect(event()).toEqual([2, 2]);
    expect(event()).toEqual([0, 2]);
    expect(ide.outcome(TEST_UNIT_READY)).toEqual(CHANGED);
    expect(ide.outcome(TEST_UNIT_READY)).toEqual(OK);
    expect(ide.reply(read10(5, 1))).toEqual(blocks(5, 1));
  });

  test('REQUEST SENSE reports a waiting unit attention, INQUIRY leaves it (§4.1.6.1)', () => {
    insert(image);
    ide.reply([0x12, 0, 0, 0, 36]);
    expect([...ide.reply([3, 0, 0, 0, 18])].slice(12, 14)).toEqual([0x28, 0]);
    expect(ide.outcome(TEST_UNIT_READY)).toEqual(OK);
  });

  test('ejected by the guest, loaded again empty', () => {
    expect(ide.outcome(EJECT)).toEqual(OK);
    expect(ide.cdMedium.medium).toBeUndefined();
    ide.cd.mediumChanged();
    expect(event()).toEqual([3, 1]);
    expect(ide.outcome(TEST_UNIT_READY)).toEqual(TRAY_OPEN);
    expect(ide.outcome(LOAD)).toEqual(OK);
    expect(ide.outcome(TEST_UNIT_READY)).toEqual(NO_MEDIUM);
    insert(image);
    expect(ide.outcome(TEST_UNIT_READY)).toEqual(CHANGED);
  });

  test('taken out by the user, and another put in, while a read is on its way', () => {
    ide.out(CD + 7, 0xa0);
    ide.give(Uint8Array.of(...read10(2, 2), 0, 0, 0), CD);
    insert(undefined);
    ide.settle();
    expect([ide.status(CD), ide.error(CD)]).toEqual([0x41, 0x20]);
    expect(event()).toEqual([3, 1]);
    insert(pattern(10 * BLOCK, 5));
    expect(ide.outcome(TEST_UNIT_READY)).toEqual(CHANGED);
    expect(ide.reply([0x25])[3]).toBe(9);
  });

  test('locked: the guest’s own eject is refused, the user’s is an event (§6.7.4)', () => {
    expect(ide.outcome([0x1e, 0, 0, 0, 1])).toEqual(OK);
    expect(ide.cdMedium.locked).toBe(true);
    expect(ide.outcome(EJECT)).toEqual([5, 0x53, 2]);
    ide.cd.ejectRequested();
    expect(event()).toEqual([1, 2]);
    ide.outcome([0x1e, 0, 0, 0, 0]);
    expect(ide.cdMedium.locked).toBe(false);
    expect(ide.outcome(EJECT)).toEqual(OK);
  });

  test('a reset of the machine unlocks the tray and is a unit attention; a software reset is none', () => {
    ide.outcome([0x1e, 0, 0, 0, 1]);
    ide.softwareReset(CD);
    expect(ide.status(CD)).toBe(0);
    expect([ide.outcome(TEST_UNIT_READY), ide.cdMedium.locked]).toEqual([OK, true]);
    ide.reset();
    expect([ide.outcome(TEST_UNIT_READY), ide.cdMedium.locked]).toEqual([RESET, false]);
  });
});

describe('replies', () => {
  test('are cut off at the allocation length', () => {
    expect(ide.reply([0x12, 0, 0, 0, 5])).toHaveLength(5);
    expect(ide.reply([0x12, 0, 0, 0, 255])).toHaveLength(36);
    expect(ide.outcome([0x12, 0, 0, 0, 0])).toEqual(OK);
  });

  test('TOC: tracks, sessions, and the lead-in’s entries (§6.26)', () => {
    const toc = (format: number, first = 0, minutes = 0) =>
      [...ide.reply([0x43, minutes, format, 0, 0, 0, first, 0, 100])].map((byte) => byte.toString(16)).join(' ');
    expect(toc(0)).toBe('0 12 1 1 0 14 1 0 0 0 0 0 0 14 aa 0 0 0 1 2c');
    expect(toc(0, 0xaa, 2)).toBe('0 a 1 1 0 14 aa 0 0 0 6 0');
    expect(toc(1)).toBe('0 a 1 1 0 14 1 0 0 0 0 0');
    expect(toc(2).split(' ').slice(0, 15).join(' ')).toBe('0 2e 1 1 1 14 0 a0 0 0 0 0 1 0 0');
    expect(ide.outcome([0x43, 0, 0, 0, 0, 0, 2, 0, 100])).toEqual(INVALID_FIELD);
    // Before MMC the format was in the last byte (SFF-8020i, §10.8.20).
    expect([...ide.reply([0x43, 0, 0, 0, 0, 0, 0, 0, 12, 0x40])].slice(0, 2)).toEqual([0, 10]);
  });

  test('profile and features follow the disc (§5.3, §6.6)', () => {
    const features = (type: number) => {
      const reply = ide.reply([0x46, type, 0, 0, 0, 0, 0, 1, 0]);
      const codes: number[] = [];
      for (let at = 8; at < reply.length; at += 4 + reply[at + 3]!) codes.push((reply[at]! << 8) | reply[at + 1]!);
      expect((reply[2]! << 8) | reply[3]!).toBe(reply.length - 4);
      return { profile: reply[7], codes };
    };
    expect(features(1)).toEqual({ profile: 0x08, codes: [0, 1, 3, 0x10, 0x1e, 0x100, 0x105] });
    ide.cdMedium.medium = { size: 800_000 * BLOCK, readOnly: true };
    expect(features(1)).toEqual({ profile: 0x10, codes: [0, 1, 3, 0x10, 0x1f, 0x100, 0x105] });
    expect(features(2).codes).toEqual([0]);
    expect([...ide.reply([0xad, 0, 0, 0, 0, 0, 0, 0, 8, 8])].slice(0, 6)).toEqual([8, 2, 0, 0, 0x01, 0x0f]);
  });

  test('a CD has no structures of a DVD', () => {
    expect(ide.outcome([0xad, 0, 0, 0, 0, 0, 0, 0, 8, 8])).toEqual([5, 0x30, 2]);
  });

  test('mode pages: current, changeable, saved; MODE SELECT changes what may change (§7)', () => {
    const page = (code: number, control = 0) =>
      [...ide.reply([0x5a, 0, (control << 6) | code, 0, 0, 0, 0, 1, 0])].slice(8);
    expect(page(0x01)).toEqual([1, 6, 0, 5, 0, 0, 0, 0]);
    expect(page(0x01, 1)).toEqual([1, 6, 0xff, 0xff, 0, 0, 0, 0]);
    expect(page(0x3f).length).toBe(8 + 8 + 16 + 12 + 20);
    expect(ide.outcome([0x5a, 0, 0xc1, 0, 0, 0, 0, 1, 0])).toEqual([5, 0x39, 0]);
    expect(ide.outcome([0x5a, 0, 0x07, 0, 0, 0, 0, 1, 0])).toEqual(INVALID_FIELD);

    const select = (list: readonly number[]) => {
      ide.packet([0x55, 0x10, 0, 0, 0, 0, 0, 0, list.length]);
      expect([ide.status(CD), ide.in(CD + 2)]).toEqual([0x58, 0]);
      ide.give(Uint8Array.from(list), CD);
      return ide.status(CD);
    };
    const header = [0, 0, 0, 0, 0, 0, 0, 0];
    expect(select([...header, 1, 6, 0x20, 9, 1, 1, 1, 1])).toBe(0x50);
    expect(page(0x01)).toEqual([1, 6, 0x20, 9, 0, 0, 0, 0]);
    expect(page(0x01, 2)).toEqual([1, 6, 0, 5, 0, 0, 0, 0]);
    for (const bad of [
      [...header, 1, 6, 0, 0],
      [...header, 0x33, 2, 0, 0],
      [0, 0],
      [...header, 1, 7, 0, 0, 0, 0, 0, 0, 0, 0],
    ])
      expect(select(bad)).toBe(0x41);
  });

  test('audio there is none', () => {
    for (const code of [0x45, 0x47, 0x48, 0xa5]) expect(ide.outcome([code])).toEqual([5, 0x64, 0]);
    expect(ide.outcome([0x4b])).toEqual([5, 0x2c, 0]);
    expect([...ide.reply([0x42, 2, 0x40, 1, 0, 0, 0, 0, 16])].slice(0, 4)).toEqual([0, 0x15, 0, 12]);
  });

  test('a command that there is not', () => {
    for (const code of [0x2a, 0x04, 0xa1, 0xff]) expect(ide.outcome([code])).toEqual([5, 0x20, 0]);
  });
});

test('interrupts that were disabled reach the line when they are enabled', () => {
  ide.out(CD + CONTROL, 2);
  ide.packet(TEST_UNIT_READY);
  expect(ide.lines[15].level).toBe(false);
  ide.out(CD + CONTROL, 0);
  expect(ide.lines[15].level).toBe(true);
});

/** Remainder of the division by the polynomial of the error detection code, bit by bit. */
function remainder(bytes: Uint8Array): number {
  let rest = 0;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const carry = (rest & 1) ^ ((byte >> bit) & 1);
      rest = (rest >>> 1) ^ (carry ? 0xd8018001 : 0);
    }
  }
  return rest >>> 0;
}

/** The different values of both syndromes of every P and Q vector: 0 alone where the codes are right. */
function syndromes(sector: Uint8Array): number[] {
  const words = (byte: number) => sector.subarray(12 + byte);
  const values = new Set<number>();
  const check = (vector: number[]) => {
    values.add(vector.reduce((sum, byte) => sum ^ byte, 0));
    values.add(vector.reduce((sum, byte) => product(sum, 2) ^ byte, 0));
  };
  for (let column = 0; column < 86; column++) check(Array.from({ length: 26 }, (_, n) => words(column + 86 * n)[0]!));
  for (let diagonal = 0; diagonal < 26; diagonal++) {
    for (const half of [0, 1]) {
      const data = Array.from({ length: 43 }, (_, n) => words(2 * ((44 * n + 43 * diagonal) % 1118) + half)[0]!);
      check([...data, words(2236 + 2 * diagonal + half)[0]!, words(2288 + 2 * diagonal + half)[0]!]);
    }
  }
  return [...values];
}

function product(a: number, b: number): number {
  let result = 0;
  for (let bit = 7; bit >= 0; bit--) {
    result = (result << 1) ^ (result & 0x80 ? 0x11d : 0);
    if ((b >> bit) & 1) result ^= a;
  }
  return result & 0xff;
}
