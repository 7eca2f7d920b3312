import { describe, expect, test } from 'vitest';
import { MmioBus } from '../../bus/mmio-bus.ts';
import { IoPortBus } from '../../bus/port-bus.ts';
import { Transfers } from '../../bus/transfers.ts';
import { recordedLine } from '../testing/test-bench.ts';
import { TestDrive } from '../testing/test-drive.ts';
import { VirtioBlk } from '../virtio-blk/virtio-blk.ts';
import { VirtioNet } from '../virtio-net/virtio-net.ts';
import { VirtioSerial } from '../virtio-serial/virtio-serial.ts';
import { VirtioTablet } from '../virtio-tablet/virtio-tablet.ts';
import { type VirtioInterfaces, virtioInterfaces } from './interfaces.ts';
import { GuestRam } from './testing/guest-ram.ts';
import { type Interface, registersOf } from './testing/pci-driver.ts';
import type { Buses, VirtioPci } from './virtio-pci.ts';

const IO = 0xc000;
const MMIO = 0xfe000000;
const ABSENT_BAR = 0;
const CAPABILITY = 0x10;

type Build = (buses: Buses, interfaces: VirtioInterfaces) => { pci: VirtioPci };
const cable = { transmit: () => true, receiveReady: () => {} };
const mac = Uint8Array.of(0x52, 0x54, 0, 0, 0, 1);
/** PCI ids without and with a legacy interface. */
const DEVICES: [string, number, number, Build][] = [
  ['network card', 0x1041, 0x1000, (buses, interfaces) => new VirtioNet('n', mac, cable, buses, interfaces)],
  [
    'disk',
    0x1042,
    0x1001,
    (buses, interfaces) => new VirtioBlk('b', 'id', () => new TestDrive(new Uint8Array(4096)), buses, interfaces),
  ],
  ['serial device', 0x1043, 0x1003, (buses, interfaces) => new VirtioSerial('s', buses, interfaces)],
];

function place(build: Build, interfaces: VirtioInterfaces) {
  const ram = new GuestRam(1 << 16);
  const transfers = new Transfers(ram);
  const [ports, mmio] = [new IoPortBus(), new MmioBus()];
  const { pci } = build({ ports, mmio, memory: transfers.memory, transfers }, interfaces);
  pci.connectInterrupt(recordedLine());
  const has = (bar: number, base: number) => {
    pci.writeConfig(bar, 4, base);
    return pci.readConfig(bar, 4) !== ABSENT_BAR;
  };
  const [legacy, modern] = [has(0x10, IO), has(0x20, MMIO)];
  pci.writeConfig(0x04, 2, 7);
  return {
    id: pci.readConfig(2, 2),
    revision: pci.readConfig(8, 1),
    subsystem: pci.readConfig(0x2e, 2),
    legacy,
    modern,
    capabilities: [(pci.readConfig(6, 2) & CAPABILITY) !== 0, pci.readConfig(0x34, 1) !== 0],
    registers: (kind: Interface) => registersOf(kind, { ports, mmio, io: IO, memory: MMIO }),
  };
}

describe.each(DEVICES)('a %s', (_, modernId, transitionalId, build) => {
  test('without the legacy interface has the ids of version 1.0, and serves its drivers (§4.1.2)', () => {
    const card = place(build, { legacy: false, modern: true });
    expect(card).toMatchObject({ id: modernId, revision: 1, legacy: false, modern: true, capabilities: [true, true] });
    expect(card.subsystem).toBeGreaterThanOrEqual(0x40);
    expect(card.registers('modern').negotiate({ low: 0, high: 1 })).toBe(true);
  });

  test('without the modern interface has no capabilities, and serves drivers of before', () => {
    const card = place(build, { legacy: true, modern: false });
    expect(card).toMatchObject({ id: transitionalId, legacy: true, modern: false, capabilities: [false, false] });
    expect([card.revision, card.subsystem]).toEqual([0, transitionalId === 0x1003 ? 3 : transitionalId - 0xfff]);
    expect(card.registers('legacy').negotiate({ low: 0, high: 0 })).toBe(true);
    expect(card.registers('legacy').queueSize(0)).toBeGreaterThan(0);
  });

  test('with both has the ids of before', () => {
    const card = place(build, { legacy: true, modern: true });
    expect(card).toMatchObject({ id: transitionalId, legacy: true, modern: true, capabilities: [true, true] });
  });
});

test('a device that came with version 1.0 has no legacy interface, and cannot have that alone', () => {
  const tablet: Build = (buses, interfaces) => new VirtioTablet(buses, () => {}, interfaces);
  expect(place(tablet, { legacy: true, modern: true })).toMatchObject({ id: 0x1052, legacy: false, modern: true });
  expect(() => place(tablet, { legacy: true, modern: false })).toThrow('disable-modern');
});

test('properties as QEMU has them: both switched off is refused', () => {
  const of = (legacy: string, modern: string) =>
    virtioInterfaces({ 'disable-legacy': legacy, 'disable-modern': modern });
  expect([of('auto', 'off'), of('off', 'off'), of('on', 'off'), of('auto', 'on')]).toEqual([
    { legacy: true, modern: true },
    { legacy: true, modern: true },
    { legacy: false, modern: true },
    { legacy: true, modern: false },
  ]);
  expect(() => of('on', 'on')).toThrow('disable-legacy');
});
