import { describe, expect, test } from 'vitest';
import { type DeviceSpec, DeviceSpecError } from '../bus/device-model.ts';
import { TestDrive } from '../devices/testing/test-drive.ts';
import { DEVICE_MODELS } from './device-models.ts';
import { build } from './testing/test-machine.ts';

const floppy = (unit: number, type: number): DeviceSpec => ({
  model: 'floppy',
  properties: { index: unit, unit, type },
});

describe('the table of device models', () => {
  const refusal = (...devices: DeviceSpec[]) => {
    try {
      build({ devices });
    } catch (error) {
      expect(error).toBeInstanceOf(DeviceSpecError);
      return (error as Error).message;
    }
    return undefined;
  };
  const com = (index: number | string) => ({ model: 'isa-serial', properties: { index, chardev: 'c' } });

  test('CMOS memory knows the equipment, under its checksum', () => {
    const cmos = (devices: DeviceSpec[]) => {
      const { machine: built } = build({ devices, drives: [new TestDrive(undefined), new TestDrive(undefined)] });
      const read = (index: number) => {
        built.portWrite(0x70, 1, index);
        return built.portRead(0x71, 1);
      };
      const sum = Array.from({ length: 0x1e }, (_, i) => read(0x10 + i)).reduce((a, b) => a + b, 0);
      expect(read(0x2e) * 256 + read(0x2f)).toBe(sum);
      return [read(0x10), read(0x14)];
    };
    // FPU and mouse are always there.
    expect(cmos([])).toEqual([0, 0x06]);
    expect(cmos([floppy(0, 4)])).toEqual([0x40, 0x07]);
    expect(cmos([floppy(0, 2), floppy(1, 0)])).toEqual([0x25, 0x47]);
  });

  test('refuses what it does not have, or not so often, and says why', () => {
    expect(refusal({ model: 'tape' })).toBe('there is no device "tape"');
    expect(refusal({ model: 'pit' })).toBe('there is no device "pit"');
    expect(refusal({ model: 'isa-debugcon' })).toBe('chardev of isa-debugcon is missing');
    expect(refusal({ model: 'isa-debug-exit', properties: { iosize: 1000 } })).toBe(
      'iosize of isa-debug-exit must be a whole number from 1 to 256',
    );
    expect(refusal({ model: 'pc-testdev', properties: { irq: 3 } })).toBe('pc-testdev has no property "irq"');
    expect(refusal({ model: 'ioapic' })).toBe('an ioapic needs a local-apic');
    expect(refusal({ model: 'ioapic', properties: { version: 18 } }, { model: 'local-apic' })).toBe(
      'version of ioapic must be 17 or 32',
    );
    expect(refusal({ model: 'pc-testdev' }, { model: 'pc-testdev' })).toBe('a machine has at most 1 pc-testdev');
    expect(refusal(com(2), com(2))).toBe('two devices isa-serial cannot have the same index (2)');
    expect(refusal(com(0))).toContain('index (0)');
    expect(refusal(com('1'))).toBe('index of isa-serial must be a whole number from 0 to 3');
  });

  test('has each name once', () => {
    const names = DEVICE_MODELS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
