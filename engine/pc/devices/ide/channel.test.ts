// Two disks on one channel, and a controller in a machine. Sections are ATA/ATAPI-6's.
import { describe, expect, test } from 'vitest';
import { IoPortBus } from '../../bus/port-bus.ts';
import { Transfers } from '../../bus/transfers.ts';
import { recordedLine } from '../testing/test-bench.ts';
import { TestDrive } from '../testing/test-drive.ts';
import { GuestRam } from '../virtio/testing/guest-ram.ts';
import { Piix3Ide } from './controller.ts';
import { IdeDisk } from './disk.ts';
import { DISK, pattern } from './testing/ide-bench.ts';
import { IdeDriver } from './testing/ide-driver.ts';

describe('two drives on one channel', () => {
  function pair() {
    const ide = new IdeDriver({ disk: pattern(1 << 20, 1) });
    const other = new IdeDisk('ide-hd-0-1', 'TV00002');
    const medium = new TestDrive(pattern(1 << 20, 2));
    expect(ide.controller.connect(0, 1, other)).toBe(true);
    other.connectPort(medium);
    other.reset();
    const settle = () => {
      while (medium.answerAll() > 0) ide.settle();
      ide.settle();
    };
    const select = (unit: number) => ide.out(DISK + 6, 0xe0 | (unit << 4));
    return { ide, medium, other, settle, select };
  }

  test('both take what is written, the selected one carries commands out (§7.2)', () => {
    const { ide, medium, settle, select } = pair();
    ide.command(0x20, { count: 1, lba: 3 });
    settle();
    select(1);
    expect([ide.status(), ide.in(DISK + 2)]).toEqual([0x50, 1]);
    ide.out(DISK + 7, 0x20);
    settle();
    expect(medium.log).toEqual([{ kind: 'read', offset: 3 * 512, length: 512 }]);
    expect(ide.take(512)).toEqual(medium.bytes.slice(3 * 512, 4 * 512));
    select(0);
    expect(ide.take(512)).toEqual(ide.diskMedium.bytes.slice(3 * 512, 4 * 512));
  });

  test('an interrupt shows while its drive is selected (§5.2.9)', () => {
    const { ide, select } = pair();
    ide.command(0xe1);
    expect(ide.lines[14].level).toBe(true);
    select(1);
    expect(ide.lines[14].level).toBe(false);
    select(0);
    expect(ide.lines[14].level).toBe(true);
    ide.in(DISK + 7);
    expect(ide.lines[14].level).toBe(false);
  });

  test('a software reset reaches both and selects device 0', () => {
    const { ide, medium, select } = pair();
    select(1);
    ide.out(DISK + 7, 0x20);
    expect(medium.waiting).toHaveLength(1);
    ide.softwareReset();
    expect([medium.waiting, ide.status(), ide.in(DISK + 6)]).toEqual([[], 0x50, 0xa0]);
    select(1);
    expect(ide.status()).toBe(0x50);
  });

  test('a diagnosis is carried out by both and reported by device 0 (§8.11)', () => {
    const { ide, select } = pair();
    select(1);
    ide.out(DISK + 7, 0x90);
    expect([ide.error(), ide.in(DISK + 6), ide.status(), ide.lines[14].level]).toEqual([1, 0xa0, 0x50, true]);
  });

  test('a place is given once', () => {
    const { ide } = pair();
    expect(ide.controller.connect(0, 1, new IdeDisk('another', 'X'))).toBe(false);
  });
});

test('an empty channel reads as 00h and swallows what is written', () => {
  const ports = new IoPortBus();
  const transfers = new Transfers(new GuestRam(4096));
  new Piix3Ide({ ports, memory: transfers.memory, transfers, interruptLine: recordedLine, hasFirmware: true });
  for (const base of [0x1f0, 0x170]) {
    for (let offset = 0; offset < 8; offset++) ports.write(base + offset, 1, 0xa0);
    expect(ports.read(base, 2)).toBe(0);
    for (let offset = 1; offset < 8; offset++) expect(ports.read(base + offset, 1)).toBe(0);
    expect(ports.read(base + 0x206, 1)).toBe(0);
    expect(ports.isFree(base + 0x207, 1)).toBe(true); // the floppy controller's
  }
});

test('without firmware the channels are enabled and the bus masters have a place', () => {
  const ports = new IoPortBus();
  const transfers = new Transfers(new GuestRam(4096));
  const wiring = { ports, memory: transfers.memory, transfers, interruptLine: recordedLine };
  const { pci } = new Piix3Ide({ ...wiring, hasFirmware: false });
  pci.reset();
  expect([pci.readConfig(0x40, 4), pci.readConfig(0x20, 4), pci.readConfig(4, 2)]).toEqual([0x80008000, 0xc101, 5]);
  expect(ports.read(0xc102, 1)).toBe(0);
});
