import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { StateError } from '../../bus/device.ts';
import { TestDrive } from '../testing/test-drive.ts';
import { hasFeature } from '../virtio/features.ts';
import { INDIRECT, NEXT, WRITE } from '../virtio/testing/driver-queue.ts';
import { GuestRam } from '../virtio/testing/guest-ram.ts';
import { DiskDriver } from './testing/disk-driver.ts';

const [IN, OUT, FLUSH, GET_ID, DISCARD, WRITE_ZEROES] = [0, 1, 4, 8, 11, 13];
const [OK, IOERR, UNSUPPORTED] = [0, 1, 2];
const [F_RO, F_FLUSH, F_CONFIG_WCE, F_DISCARD, F_WRITE_ZEROES] = [5, 9, 11, 13, 14];
const SECTORS = 128;

let drive: TestDrive;
let driver: DiskDriver;

const numbered = () => Uint8Array.from({ length: SECTORS * 512 }, (_, i) => (i >> 9) & 0xff);
const sectors = (count: number, fill: number) => new Uint8Array(count * 512).fill(fill);

beforeEach(() => {
  drive = new TestDrive(numbered());
  driver = new DiskDriver(drive).start(F_FLUSH);
});

function ranges(...list: [sector: number, count: number, flags?: number][]): Uint8Array {
  const view = new DataView(new ArrayBuffer(16 * list.length));
  for (const [n, [sector, count, flags = 0]] of list.entries()) {
    view.setUint32(16 * n, sector, true);
    view.setUint32(16 * n + 8, count, true);
    view.setUint32(16 * n + 12, flags, true);
  }
  return new Uint8Array(view.buffer);
}

/** virtio 1.2, §5.2 */
describe('a virtio disk', () => {
  it('is a transitional PCI function of its type, with its configuration (§5.2.4)', () => {
    const { pci } = driver.disk;
    expect([pci.readConfig(0, 4), pci.readConfig(0x2c, 4), pci.readConfig(0x0a, 2)]).toEqual([
      0x10011af4, 0x00021af4, 0x0100,
    ]);
    const { registers } = driver;
    expect([registers.config(0, 4), registers.config(4, 4)]).toEqual([SECTORS, 0]);
    expect([registers.config(8, 4), registers.config(12, 4)]).toEqual([65536, 254]);
    expect([registers.config(20, 4), registers.config(24, 1), registers.config(32, 1)]).toEqual([512, 3, 1]);
    expect([registers.config(36, 4), registers.config(40, 4), registers.config(56, 1)]).toEqual([2 ** 21, 16, 1]);
    expect(registers.config(60, 4)).toBe(0);
  });

  it.each(['modern', 'legacy'] as const)('reads and writes for a %s driver', (kind) => {
    driver = new DiskDriver(drive, kind).start(F_FLUSH);
    expect(driver.registers.config(0, 4)).toBe(SECTORS);
    expect(driver.registers.config(56, 1)).toBe(1);
    const read = driver.do(IN, 3, undefined, 1024);
    expect([read.status, read.data[0], read.data[1023]]).toEqual([OK, 3, 4]);
    expect(driver.do(OUT, 5, sectors(2, 0xaa)).status).toBe(OK);
    expect([...drive.bytes.subarray(5 * 512 - 1, 5 * 512 + 1)]).toEqual([4, 0xaa]);
    expect([driver.irq.level, driver.registers.interruptStatus(), driver.irq.level]).toEqual([true, 1, false]);
  });

  it('says how much it has written, and answers what is done first', () => {
    const first = driver.ask(IN, 1, undefined, 512);
    const second = driver.ask(IN, 2, undefined, 512);
    expect(driver.queue.collect()).toEqual([]);
    drive.waiting.reverse();
    driver.serve();
    expect(driver.queue.collect()).toEqual([
      { id: second.head, length: 513 },
      { id: first.head, length: 513 },
    ]);
    expect([driver.data(first)[0], driver.data(second)[0]]).toEqual([1, 2]);
  });

  it('flushes, and tells its serial number', () => {
    expect(driver.do(FLUSH, 0).status).toBe(OK);
    expect(drive.log).toEqual([{ kind: 'flush' }]);
    const { status, data } = driver.do(GET_ID, 0, undefined, 20);
    expect([status, new TextDecoder().decode(data)]).toEqual([OK, 'tabvisor-0'.padEnd(20, '\0')]);
  });

  it('discards and writes zeros, range by range (§5.2.6)', () => {
    const asked = ranges([1, 2], [8, 4]);
    expect(driver.do(DISCARD, 0, asked).status).toBe(OK);
    expect(driver.do(WRITE_ZEROES, 0, ranges([4, 1, 1])).status).toBe(OK);
    expect(drive.log).toEqual([
      { kind: 'discard', offset: 512, length: 1024 },
      { kind: 'discard', offset: 8 * 512, length: 2048 },
      { kind: 'write-zeroes', offset: 4 * 512, length: 512 },
    ]);
  });

  it.each([
    ['an unknown type', 99, 0, undefined, 0, UNSUPPORTED],
    ['a read past the end', IN, SECTORS - 1, undefined, 1024, IOERR],
    ['a read far past the end', IN, 2 ** 52, undefined, 512, IOERR],
    ['a read of half a sector', IN, 0, undefined, 100, IOERR],
    ['a write past the end', OUT, SECTORS, sectors(1, 0), 0, IOERR],
    ['a write of half a sector', OUT, 0, new Uint8Array(300), 0, IOERR],
    ['a discard that unmaps', DISCARD, 0, ranges([0, 1, 1]), 0, UNSUPPORTED],
    ['unknown flags', WRITE_ZEROES, 0, ranges([0, 1, 2]), 0, UNSUPPORTED],
    ['half a range', DISCARD, 0, new Uint8Array(24), 0, IOERR],
    ['a range past the end', WRITE_ZEROES, 0, ranges([SECTORS - 1, 2]), 0, IOERR],
    ['more ranges than it takes', DISCARD, 0, new Uint8Array(17 * 16), 0, IOERR],
  ])('refuses %s, and does nothing', (_, type, sector, data, wanted, status) => {
    expect(driver.do(type, sector, data, wanted).status).toBe(status);
    expect(drive.log).toEqual([]);
  });

  it('passes a failure of the medium on, and leaves the data alone', () => {
    drive.failures = ['failed', 'gone'];
    const read = driver.do(IN, 0, undefined, 512);
    expect([read.status, read.data.every((byte) => byte === 0xdd)]).toEqual([IOERR, true]);
    expect(driver.queue.collect()[0].length).toBe(0);
    expect(driver.do(FLUSH, 0).status).toBe(IOERR);
  });

  it('offers no changes of a medium that is read-only, and refuses them', () => {
    drive = new TestDrive(numbered(), true);
    driver = new DiskDriver(drive);
    const offered = driver.registers.offered();
    expect([F_RO, F_DISCARD, F_WRITE_ZEROES].map((bit) => hasFeature(offered, bit))).toEqual([true, false, false]);
    driver.start(F_RO);
    expect(driver.do(OUT, 0, sectors(1, 1)).status).toBe(IOERR);
    expect(driver.do(IN, 0, undefined, 512).status).toBe(OK);
  });

  it('answers a write when it is flushed to a driver that does not flush, or has said so (§5.2.6.2)', () => {
    driver = new DiskDriver(drive).start();
    const asked = driver.ask(OUT, 0, sectors(1, 1));
    drive.answer();
    driver.safePoint();
    expect([driver.status(asked), drive.log.at(-1)]).toEqual([undefined, { kind: 'flush' }]);
    driver.serve();
    expect(driver.status(asked)).toBe(OK);

    driver = new DiskDriver(drive).start(F_FLUSH, F_CONFIG_WCE);
    const { pci } = driver.disk;
    pci.transport.device.writeConfig(32, 1, 0);
    expect(driver.registers.config(32, 1)).toBe(0);
    drive.log.length = 0;
    expect(driver.do(OUT, 0, sectors(1, 1)).status).toBe(OK);
    expect(drive.log.map(({ kind }) => kind)).toEqual(['write', 'flush']);
    pci.transport.device.writeConfig(32, 1, 1);
    expect(driver.do(OUT, 0, sectors(1, 1)).status).toBe(OK);
    expect(drive.log).toHaveLength(3);
  });
});

describe('descriptors that make no sense', () => {
  it.each([
    ['a loop', [{ address: 0x40000, length: 16, flags: NEXT, next: 0 }]],
    ['no room for a status', [{ address: 0x40000, length: 16 }]],
    ['nothing but a table that loops', [{ address: 0x40000, length: 32, flags: INDIRECT | NEXT, next: 0 }]],
  ])('%s: the chain comes back empty, and the disk goes on', (_, descriptors) => {
    for (const [n, descriptor] of descriptors.entries()) driver.queue.describe(n, descriptor);
    driver.queue.offer(0);
    driver.registers.notify(0);
    driver.safePoint();
    expect(driver.queue.collect()).toEqual([{ id: 0, length: 0 }]);
    expect(driver.do(FLUSH, 0).status).toBe(OK);
  });

  it('a header that is short, or outside of RAM: an error', () => {
    for (const [address, length] of [
      [0x40000, 8],
      [0x3fffff8, 16],
    ]) {
      driver.ram.bytes[0x50000] = 0xee;
      driver.queue.describe(0, { address, length, flags: NEXT, next: 1 });
      driver.queue.describe(1, { address: 0x50000, length: 1, flags: WRITE });
      driver.queue.offer(0);
      driver.registers.notify(0);
      driver.safePoint();
      expect(driver.ram.bytes[0x50000]).toBe(IOERR);
    }
  });

  it('a request that is larger than any: an error, and no memory is taken for it', () => {
    driver.queue.describe(0, { address: 0x40000, length: 16, flags: NEXT, next: 1 });
    driver.ram.bytes.fill(0, 0x40000, 0x40010);
    for (let n = 1; n < 200; n++)
      driver.queue.describe(n, { address: 0x80000, length: 0x7fffe000, flags: WRITE | NEXT, next: n + 1 });
    driver.queue.describe(200, { address: 0x50000, length: 1, flags: WRITE });
    driver.queue.offer(0);
    driver.registers.notify(0);
    driver.safePoint();
    expect([driver.ram.bytes[0x50000], drive.log]).toEqual([IOERR, []]);
  });

  it('the same chain again and again: as many are under way as the queue has entries', () => {
    const { head } = driver.describe(FLUSH, 0, new Uint8Array(0), 0);
    for (let round = 0; round < 5; round++) {
      for (let n = 0; n < 200; n++) driver.queue.offer(head);
      driver.registers.notify(0);
      driver.safePoint();
    }
    expect(drive.waiting.length).toBeLessThanOrEqual(256);
  });

  it('at random: no exception, and a disk that works after a reset', () => {
    const descriptor = fc.record({
      address: fc.oneof(fc.integer({ min: 0, max: 0x500000 }), fc.integer({ min: 0x10000, max: 0x13000 })),
      length: fc.oneof(fc.constantFrom(0, 1, 16, 512, 513), fc.nat(0xffffffff)),
      flags: fc.nat(7),
      next: fc.nat(20),
    });
    fc.assert(
      fc.property(
        fc.array(descriptor, { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat(30), { maxLength: 20 }),
        fc.nat(20),
        (descriptors, heads, type) => {
          drive = new TestDrive(numbered());
          driver = new DiskDriver(drive).start(F_FLUSH);
          for (let at = 0; at < 0x1000; at += 16) driver.ram.view.setUint32(0x40000 + at, type, true);
          for (const [n, one] of descriptors.entries()) driver.queue.describe(n, one);
          for (const head of heads) driver.queue.offer(head);
          driver.registers.notify(0);
          driver.safePoint();
          driver.serve();
          const again = new DiskDriver(drive, 'modern', new GuestRam(0x400000)).start(F_FLUSH);
          expect(again.do(IN, 1, undefined, 512).status).toBe(OK);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('what is under way', () => {
  it('is forgotten by a reset: nothing is answered, and the driver can begin again', () => {
    driver.ask(IN, 0, undefined, 512);
    driver.disk.reset();
    expect(drive.waiting).toEqual([]);
    driver.serve();
    expect(driver.queue.usedIndex).toBe(0);
    driver.queue.availableIndex = 0;
    driver.start(F_FLUSH);
    expect(driver.do(IN, 7, undefined, 512).data[0]).toBe(7);
  });

  it('goes with the VM: submitted again in its order at the other end, answered once', () => {
    const write = driver.ask(OUT, 2, sectors(1, 0xbb));
    const flush = driver.ask(FLUSH, 0);
    const read = driver.ask(IN, 2, undefined, 512);
    drive.answer();
    // Carried out, but its answer has not reached the guest.
    const there = new TestDrive(drive.bytes);
    const target = driver.moved(there);
    expect(there.log.map(({ kind }) => kind)).toEqual(['write', 'flush', 'read']);
    target.serve();
    expect([write, flush, read].map((asked) => target.status(asked))).toEqual([OK, OK, OK]);
    expect(target.queue.usedIndex).toBe(3);
    expect([target.data(read)[0], there.bytes[2 * 512]]).toEqual([0xbb, 0xbb]);
    expect(target.do(IN, 9, undefined, 512).data[0]).toBe(9);
    const again = target.moved(new TestDrive(there.bytes));
    expect(again.drive.log).toEqual([]);
  });

  it('keeps what the driver has said of the cache; a damaged form is refused', () => {
    driver.start(F_FLUSH, F_CONFIG_WCE);
    driver.disk.writeConfig(32, 1, 0);
    const saved = driver.disk.save();
    expect(driver.moved(drive).disk.readConfig(32, 1)).toBe(0);
    for (const damaged of [{ ...saved, version: 2 }, { ...saved, inFlight: [300] }, { ...saved, inFlight: ['a'] }, {}])
      expect(() => driver.disk.restore(damaged as typeof saved)).toThrow(StateError);
  });

  it('is as if all pages had been there, whichever is absent when', () => {
    const pages = [0x10, 0x11, 0x12, 0x40, 0x41, 0x47, 0x48, 0x49, 0x4f];
    fc.assert(
      fc.property(fc.array(fc.subarray(pages), { minLength: 1, maxLength: 12 }), (absences) => {
        drive = new TestDrive(numbered());
        driver = new DiskDriver(drive).start(F_FLUSH);
        const tryWith = (absent: readonly number[]) => {
          for (const page of absent) driver.ram.absent.add(page);
          driver.transfers.runPending();
          driver.ram.absent.clear();
        };
        const offer = (type: number, sector: number, data: Uint8Array, wanted: number) => {
          const asked = driver.describe(type, sector, data, wanted);
          driver.queue.offer(asked.head);
          driver.registers.notify(0);
          return asked;
        };
        const write = offer(OUT, 1, sectors(4, 0xcc), 0);
        const read = offer(IN, 6, new Uint8Array(0), 2048);
        for (const absent of absences) {
          tryWith(absent);
          drive.answerAll();
        }
        driver.safePoint();
        driver.serve();
        expect([driver.status(write), driver.status(read)]).toEqual([OK, OK]);
        expect(driver.queue.usedIndex).toBe(2);
        expect([drive.bytes[512], driver.data(read)[0], driver.data(read)[2047]]).toEqual([0xcc, 6, 9]);
        expect(drive.log.map(({ kind }) => kind).sort()).toEqual(['read', 'write']);
      }),
      { numRuns: 60 },
    );
  });
});
