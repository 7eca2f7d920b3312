import { beforeEach, expect, test } from 'vitest';
import type { BootDevice, BootOptions } from '../bus/boot.ts';
import { BootOrder, cmosBootOrder } from './boot-order.ts';

let hasRun: boolean;
let orders: (readonly BootDevice[])[];

beforeEach(() => {
  hasRun = false;
  orders = [];
});

function create(options: BootOptions): BootOrder {
  const boot = new BootOrder(
    options,
    () => hasRun,
    (order) => orders.push(order),
  );
  boot.add('disk', '/disk0');
  boot.add('cdrom', '/cd');
  boot.add('disk', '/disk1');
  boot.reset();
  return boot;
}

const lines = (boot: BootOrder) => new TextDecoder().decode(boot.file());

test('without a wish the file is empty: firmware has its own order, by CMOS', () => {
  expect(lines(create({}))).toBe('');
  expect(orders).toEqual([['disk', 'floppy', 'cdrom']]);
});

test('devices of a kind stand together, in the order in which they were added', () => {
  expect(lines(create({ order: ['cdrom', 'floppy', 'disk'] }))).toBe('/cd\n/disk0\n/disk1\0');
  expect(lines(create({ order: ['network'] }))).toBe('');
  expect(lines(create({ order: ['network'], strict: true }))).toBe('HALT\0');
  expect(lines(create({ order: ['disk'], strict: true }))).toBe('/disk0\n/disk1\nHALT\0');
});

test('an order for the first boot ends with the first reset of a machine that has run', () => {
  const boot = create({ order: ['disk'], once: ['cdrom'] });
  boot.reset(); // as a vCPU does before the first instruction
  expect(lines(boot)).toBe('/cd\0');
  hasRun = true;
  boot.reset();
  expect(lines(boot)).toBe('/disk0\n/disk1\0');
  boot.reset();
  expect(orders).toEqual([['cdrom'], ['cdrom'], ['disk']]);
});

test('without another order, firmware’s own one is in force afterwards', () => {
  const boot = create({ once: ['cdrom'] });
  hasRun = true;
  boot.reset();
  expect(lines(boot)).toBe('');
  expect(orders).toEqual([['cdrom'], ['disk', 'floppy', 'cdrom']]);
});

test('a machine that moves keeps the order that is in force', () => {
  const options: BootOptions = { order: ['disk'], once: ['cdrom'] };
  const source = create(options);
  hasRun = true;
  const moved = create(options);
  expect(lines(moved)).toBe('/disk0\n/disk1\0');
  moved.restore(structuredClone(source.save()));
  expect(lines(moved)).toBe('/cd\0');
});

// As QEMU 7.2 writes them: -boot order=… and registers 3Dh and 38h read by its qtest.
test.each<[BootDevice[], number, number]>([
  [['disk', 'floppy', 'cdrom'], 0x12, 0x30],
  [['cdrom'], 0x03, 0x00],
  [['network', 'cdrom', 'disk'], 0x34, 0x20],
  [['floppy', 'disk'], 0x21, 0x00],
])('CMOS has %j in four bits each', (order, first, last) => {
  expect(cmosBootOrder(order)).toEqual([
    [0x3d, first],
    [0x38, last],
  ]);
});
