import { beforeEach, describe, expect, test } from 'vitest';
import { StateError } from '../bus/device.ts';
import type { DeviceSpec } from '../bus/device-model.ts';
import type { Machine } from './machine.ts';
import { MACHINE_STATE_VERSION } from './persist.ts';
import { build, initializePics, type Seen } from './testing/test-machine.ts';

const com2: DeviceSpec = { model: 'isa-serial', properties: { index: 1, chardev: 'com2' } };

let seen: Seen;
let machine: Machine;
beforeEach(() => {
  seen = build();
  machine = seen.machine;
});

const out = (port: number, value: number, size = 1) => machine.portWrite(port, size, value);

describe('saved form', () => {
  test('has a part for each device that has state, by names that stay', () => {
    const devices = [
      com2,
      { model: 'isa-parallel', properties: { chardev: 'p' } },
      ...['pc-testdev', 'pci-testdev', 'fw-cfg', 'text-memory', 'ioapic', 'local-apic', 'isa-debug-exit'].map(
        (model) => ({
          model,
        }),
      ),
      { model: 'virtio-net', properties: { index: 0, mac: '52:54:00:00:00:01' } },
      { model: 'ne2k-pci', properties: { index: 1, mac: '52:54:00:00:00:02' } },
    ];
    const cable = { transmit: () => true, receiveReady: () => {} };
    expect(Object.keys(build({ devices, cables: [cable, cable] }).machine.save().devices)).toEqual([
      ...[
        'a20',
        'pic',
        'pci',
        'boot-order',
        'pit',
        'rtc',
        'uart',
        'com2',
        'i8042',
        'vmmouse',
        'port92',
        'fpu-error',
        'acpi-pm',
        'dma',
        'isa-fdc',
      ],
      'post',
      ...[
        'piix3-ide',
        'virtio-net-0',
        'ne2k-pci-1',
        'parallel-0',
        'pc-testdev',
        'pci-testdev',
        'fw-cfg',
        'text-memory',
        'local-apic',
        'ioapic',
      ],
    ]);
  });

  test('a machine goes on elsewhere: time, lines, pending interrupts, output once', () => {
    initializePics(machine);
    machine.clock.resume();
    out(0x43, 0x34);
    out(0x40, 0x9c);
    out(0x40, 0x2e);
    machine.acknowledge();
    out(0x20, 0x20);
    out(0x3f8, 0x41);
    out(0x92, 0x00);
    seen.host.ms += 4;
    machine.clock.pause();
    const state = structuredClone(machine.save());
    expect(seen.printed.console).toBe('A');

    const target = build();
    target.host.ms = 123456;
    target.machine.restore(state);
    expect(target.a20).toBe(false);
    expect(target.machine.save()).toEqual(state);
    target.machine.clock.resume();
    target.host.ms += 5.9;
    target.machine.clock.runDue();
    expect(target.intr).toBe(false);
    target.host.ms += 0.2;
    target.machine.clock.runDue();
    expect(target.machine.acknowledge()).toBe(0x30);
    expect(target.printed.console).toBe('');
  });

  test('an interrupt pending at the save is signalled by the restore', () => {
    initializePics(machine);
    out(0x3f9, 0x02);
    const target = build();
    target.machine.restore(structuredClone(machine.save()));
    expect(target.intr).toBe(true);
    expect(target.machine.acknowledge()).toBe(0x34);
  });

  test('is refused by another version, memory size, or set of devices', () => {
    const state = machine.save();
    const refuse = (changed: object, reason: RegExp) => {
      const restore = () => build().machine.restore({ ...structuredClone(state), ...changed } as never);
      expect(restore).toThrow(StateError);
      expect(restore).toThrow(reason);
    };
    refuse({ version: 99 }, /version 99/);
    refuse({ memoryMiB: 32 }, /32 MiB/);
    refuse({ devices: { ...state.devices, floppy: {} } }, /floppy/);
    const { pit: _, ...others } = state.devices;
    refuse({ devices: others }, /pit/);
    refuse({ devices: { ...state.devices, pic: { version: 1 } } }, /pic/);
  });

  test('of an earlier version may lack what every machine has got since, which is then as after power-on', () => {
    out(0x80, 0x42);
    const state = structuredClone(machine.save());
    const target = build();
    const { post, ...others } = state.devices;
    const atPowerOn = structuredClone(target.machine.save().devices.post);
    expect(post).not.toEqual(atPowerOn);
    target.machine.restore({ ...state, version: MACHINE_STATE_VERSION - 1, devices: others } as never);
    expect(target.machine.save().devices).toEqual({ ...others, post: atPowerOn });

    const printer = { devices: [{ model: 'isa-parallel', properties: { chardev: 'printer' } }] };
    const withPrinter = structuredClone(build(printer).machine.save());
    const { 'parallel-0': _, ...without } = withPrinter.devices;
    const restore = () =>
      build(printer).machine.restore({
        ...withPrinter,
        version: MACHINE_STATE_VERSION - 1,
        devices: without,
      } as never);
    expect(Object.keys(without)).not.toEqual(Object.keys(withPrinter.devices));
    expect(restore).toThrow(/lacks the device parallel-0/);
  });
});
