import { beforeEach, describe, expect, test } from 'vitest';
import type { DeviceSpec } from '../bus/device-model.ts';
import type { Machine } from './machine.ts';
import { build, initializePics, type Seen } from './testing/test-machine.ts';

const com2: DeviceSpec = { model: 'isa-serial', properties: { index: 1, chardev: 'com2' } };

let seen: Seen;
let machine: Machine;
beforeEach(() => {
  seen = build();
  machine = seen.machine;
});

const APICS = ['local-apic', 'ioapic'].map((model) => ({ model }));
/** Where an input of the I/O APIC leads. */
const redirect = (input: number, entry: number) => {
  machine.mmioWrite(0xfec00000, 4, 0x10 + 2 * input);
  machine.mmioWrite(0xfec00010, 4, entry);
};
/** The local APIC's end of interrupt. */
const end = () => machine.mmioWrite(0xfee000b0, 4, 0);

const out = (port: number, value: number, size = 1) => machine.portWrite(port, size, value);

describe('interrupt wiring', () => {
  test('the timer is IRQ 0, in guest time', () => {
    initializePics(machine);
    out(0x43, 0x34);
    out(0x40, 0x9c);
    out(0x40, 0x2e); // 11932: 10 ms
    machine.acknowledge();
    out(0x20, 0x20);
    machine.clock.resume();
    seen.host.ms += 9;
    machine.clock.runDue();
    expect(seen.intr).toBe(false);
    seen.host.ms += 2;
    machine.clock.runDue();
    expect(seen.intr).toBe(true);
    expect(machine.interruptPending).toBe(true);
    expect(machine.acknowledge()).toBe(0x30);
    expect(seen.intr).toBe(false);
  });

  test('COM1 is IRQ 4', () => {
    initializePics(machine);
    out(0x3f9, 0x02);
    expect(machine.acknowledge()).toBe(0x34);
  });

  test('the RTC is IRQ 8', () => {
    initializePics(machine);
    out(0x70, 0x0b);
    out(0x71, 0x42); // periodic
    machine.clock.resume();
    seen.host.ms += 2;
    machine.clock.runDue();
    expect(machine.acknowledge()).toBe(0x38);
  });

  test('ACPI is IRQ 9', () => {
    initializePics(machine);
    out(0x602, 1, 2);
    machine.clock.resume();
    for (let n = 0; n < 3; n++) {
      seen.host.ms += 800;
      machine.clock.runDue();
    }
    expect(machine.acknowledge()).toBe(0x39);
  });

  test('the keyboard controller is IRQ 1 and 12', () => {
    initializePics(machine);
    out(0x64, 0x60);
    out(0x60, 0x03);
    machine.clock.resume();
    const pass = () => {
      seen.host.ms += 2;
      machine.clock.runDue();
    };
    out(0x60, 0xee);
    pass();
    expect(machine.acknowledge()).toBe(0x31);
    machine.portRead(0x60, 1);
    out(0x64, 0xd4);
    out(0x60, 0xf2);
    out(0x20, 0x20);
    pass();
    expect(machine.acknowledge()).toBe(0x3c);
  });
});

describe('requests to the owner', () => {
  test.each([
    ['keyboard controller pulse', 0x64, 0xfe],
    ['port 92h', 0x92, 0x03],
    ['port CF9h', 0xcf9, 0x06],
  ])('reset by %s', (_, port, value) => {
    out(port, value);
    expect(seen.events).toEqual(['reset']);
  });

  test('power off by ACPI, after the last serial output has been handed over', () => {
    const order: string[] = [];
    seen = build({ output: () => () => order.push('serial'), powerOff: () => order.push('power off') });
    machine = seen.machine;
    out(0x3f8, 0x41);
    out(0x604, 0x2000, 2);
    expect(order).toEqual(['serial', 'power off']);
  });

  test('A20 is open after power-on; both switches work on one gate', () => {
    expect(seen.a20).toBe(true);
    out(0x92, 0);
    expect(seen.a20).toBe(false);
    out(0x64, 0xd1);
    out(0x60, 0xdf);
    expect(seen.a20).toBe(true);
    expect(machine.portRead(0x92, 1) & 2).toBe(2);
    out(0x92, 0);
    machine.reset();
    expect(seen.a20).toBe(true);
  });
});

test('serial output comes in order, input reaches the guest', () => {
  for (const character of 'boot\n') out(0x3f8, character.charCodeAt(0));
  machine.flush();
  expect(seen.printed.console).toBe('boot\n');
  machine.serialInput(new TextEncoder().encode('x'));
  out(0x3f9, 1);
  expect(machine.portRead(0x3f8, 1)).toBe(0x78);
});

test('unclaimed ports and the VGA hole read as all ones, sign bits harmless', () => {
  expect(machine.portRead(0x1ce, 2)).toBe(0xffff);
  expect(machine.mmioRead(0xb8000, 4)).toBe(0xffffffff);
  expect(machine.mmioRead(0xfee00000 | 0, 4)).toBe(0xffffffff);
  machine.mmioWrite(0xb8000, 2, 0x741);
});

test('debug devices are there when asked for', () => {
  expect(machine.portRead(0xe9, 1)).toBe(0xff);
  seen = build({
    devices: [
      { model: 'isa-debugcon', properties: { chardev: 'log' } },
      { model: 'isa-debugcon', properties: { chardev: 'log', iobase: 0x80 } },
      { model: 'isa-debug-exit', properties: { iobase: 0xf4, iosize: 4 } },
    ],
    exit: (value) => seen.events.push(`exit ${value}`),
  });
  machine = seen.machine;
  out(0xe9, 0x21);
  out(0xf4, 3, 4);
  out(0x80, 0x55); // in the place of the POST code display
  expect(seen.printed.log).toBe('!U');
  expect(seen.events).toEqual(['exit 3']);
});

describe('devices that are asked for', () => {
  test('COM2 and the printer ports print where they are told to; COM3 is absent', () => {
    seen = build({
      devices: [
        com2,
        ...[0x378, 0x3bc].map((iobase) => ({ model: 'isa-parallel', properties: { iobase, chardev: 'paper' } })),
      ],
    });
    machine = seen.machine;
    out(0x2f8, 0x42);
    out(0x378, 0x50);
    out(0x37a, 1);
    out(0x3bc, 0x51);
    out(0x3be, 1);
    machine.flush();
    expect(seen.printed).toMatchObject({ com2: 'B', paper: 'PQ' });
    expect(machine.portRead(0x3fd, 1)).not.toBe(0xff);
    expect(machine.portRead(0x3ed, 1)).toBe(0xff);
    machine.serialInput(Uint8Array.of(0x61), 1);
    out(0x2fc, 3);
    expect(machine.portRead(0x2f8, 1)).toBe(0x61);
  });

  test('a bare machine has text memory, fw_cfg and a local APIC that is asked before the 8259', () => {
    seen = build({ devices: ['fw-cfg', 'text-memory', 'local-apic'].map((model) => ({ model })) });
    machine = seen.machine;
    machine.mmioWrite(0xb8002, 2, 0x741);
    expect(machine.mmioRead(0xb8000, 4)).toBe(0x7410000);
    out(0x510, 0, 2);
    expect(machine.portRead(0x511, 1)).toBe('Q'.charCodeAt(0));
    const apic = (register: number, value: number) => machine.mmioWrite(0xfee00000 + register, 4, value);
    initializePics(machine);
    machine.clock.resume();
    out(0x43, 0x34);
    out(0x40, 0x10);
    out(0x40, 0);
    seen.host.ms += 1;
    machine.clock.runDue();
    expect(seen.intr).toBe(true);
    apic(0xf0, 0x1ff);
    apic(0x300, 0x40061); // to itself
    expect(machine.acknowledge()).toBe(0x61);
    expect(machine.acknowledge()).toBe(0x30);
    apic(0x350, 0x10700); // LINT0 masked: the 8259 is cut off
    out(0x20, 0x20);
    seen.host.ms += 1;
    machine.clock.runDue();
    expect(seen.intr).toBe(false);
  });

  test('interrupt lines reach the 8259s and the I/O APIC, each as its masks say', () => {
    seen = build({ devices: APICS });
    machine = seen.machine;
    const send = () => {
      out(0x3f9, 0);
      out(0x3f9, 2); // COM1 has room
    };
    initializePics(machine);
    machine.mmioWrite(0xfee000f0, 4, 0x1ff);
    send();
    expect(machine.acknowledge()).toBe(0x34);
    out(0x20, 0x20);
    redirect(4, 0x54);
    out(0x21, 0xff);
    send();
    expect(seen.intr).toBe(true);
    expect(machine.acknowledge()).toBe(0x54);
    end();
    expect(seen.intr).toBe(false);

    // Elsewhere an interrupt that is served goes on, and one that is pending is delivered.
    send();
    const target = build({ devices: APICS });
    target.machine.restore(structuredClone(machine.save()));
    expect(target.intr).toBe(true);
    expect(target.machine.acknowledge()).toBe(0x54);
  });

  test('the PIT is on input 2 of the I/O APIC, and ACPI interrupts as a level until it has been served', () => {
    seen = build({ devices: APICS });
    machine = seen.machine;
    machine.mmioWrite(0xfee000f0, 4, 0x1ff);
    machine.mmioWrite(0xfee00350, 4, 0x10700);
    redirect(2, 0x50);
    redirect(9, 0x8059);
    machine.clock.resume();
    out(0x43, 0x34);
    out(0x40, 0x10);
    out(0x40, 0);
    seen.host.ms += 1;
    machine.clock.runDue();
    expect(machine.acknowledge()).toBe(0x50);
    end();
    out(0x43, 0x30); // it stops
    while (seen.intr) {
      machine.acknowledge();
      end();
    }
    out(0x602, 0x100, 2);
    machine.pressPowerButton();
    expect(machine.acknowledge()).toBe(0x59);
    expect(seen.intr).toBe(false);
    end();
    expect(machine.acknowledge()).toBe(0x59); // it is still pressed
    out(0x600, 0x100, 2);
    end();
    expect(seen.intr).toBe(false);
  });
});
