import { expect, test } from 'vitest';
import { DeviceSpecError } from '../../bus/device-model.ts';
import { Machine } from '../../machine/machine.ts';
import { TestDrive } from '../testing/test-drive.ts';
import { GuestRam } from '../virtio/testing/guest-ram.ts';
import { pattern } from './testing/ide-bench.ts';

interface Place {
  index: number;
  bus: number;
  unit: number;
}

function machine(drives: Record<string, Place[]>, ports: TestDrive[]): Machine {
  return new Machine({
    memoryMiB: 1,
    devices: Object.entries(drives).flatMap(([model, places]) =>
      places.map((place) => ({ model, properties: { ...place } })),
    ),
    memory: new GuestRam(1 << 20),
    drives: ports,
    hostNow: () => 0,
    wallClock: () => 0,
    output: () => () => {},
    interruptLine() {},
    raiseNmi() {},
    a20Line() {},
    resetRequested() {},
    powerOff() {},
  });
}

const ports = () => Array.from({ length: 4 }, (_, n) => new TestDrive(pattern(1 << 16, n)));

test('every machine has the controller at 00:01.1, drives are where they were asked for', () => {
  const pc = machine({ 'ide-hd': [{ index: 0, bus: 0, unit: 1 }], 'ide-cd': [{ index: 2, bus: 1, unit: 0 }] }, ports());
  const read = (port: number, size: number) => pc.portRead(port, size);
  const write = (port: number, size: number, value: number) => pc.portWrite(port, size, value);
  write(0xcf8, 4, 0x80000900);
  expect(read(0xcfc, 4)).toBe(0x70108086);
  write(0x1f6, 1, 0xb0);
  expect(read(0x1f7, 1)).toBe(0x50);
  expect([read(0x174, 1), read(0x175, 1)]).toEqual([0x14, 0xeb]);
  expect(pc.drives[0]).toBeDefined();
  expect(Object.keys(pc.save().devices)).toEqual(expect.arrayContaining(['piix3-ide', 'ide-hd-0-1', 'ide-cd-1-0']));
});

test('two drives cannot have one place', () => {
  const same = { 'ide-hd': [{ index: 0, bus: 0, unit: 1 }], 'ide-cd': [{ index: 1, bus: 0, unit: 1 }] };
  expect(() => machine(same, ports())).toThrow(DeviceSpecError);
  expect(() => machine(same, ports())).toThrow('unit 1 of the IDE bus 0');
});
