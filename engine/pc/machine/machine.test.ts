import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { MemoryWindow } from '../../base/memory-window.ts';
import { CONSOLE_CHANNEL } from '../bus/board.ts';
import { StateError } from '../bus/device.ts';
import { type DeviceSpec, DeviceSpecError } from '../bus/device-model.ts';
import { rtcModel } from '../devices/rtc/model.ts';
import type { Rtc } from '../devices/rtc/rtc.ts';
import { TestDrive } from '../devices/testing/test-drive.ts';
import { MachineBoard, sharedLine } from './board.ts';
import { DEVICE_MODELS } from './device-models.ts';
import { Machine } from './machine.ts';
import type { MachineConfig } from './machine-config.ts';
import { MACHINE_STATE_VERSION } from './persist.ts';

interface Seen {
  machine: Machine;
  config: MachineConfig;
  host: { ms: number };
  /** By channel. */
  printed: Record<string, string>;
  intr: boolean;
  a20: boolean;
  events: string[];
}

function build(changes: Partial<MachineConfig> = {}): Seen {
  const seen = {
    host: { ms: 500 },
    printed: { [CONSOLE_CHANNEL]: '' },
    intr: false,
    a20: false,
    events: [],
  } as unknown as Seen;
  seen.config = {
    memoryMiB: 64,
    hostNow: () => seen.host.ms,
    wallClock: () => Date.UTC(2026, 10, 22, 12, 0, 0),
    devices: [],
    memory: { read: () => false, write: () => false, require: () => false },
    output: (channel) => (bytes) => {
      seen.printed[channel] = (seen.printed[channel] ?? '') + new TextDecoder('latin1').decode(bytes);
    },
    interruptLine: (level) => {
      seen.intr = level;
    },
    raiseNmi: () => seen.events.push('NMI'),
    a20Line: (enabled) => {
      seen.a20 = enabled;
    },
    resetRequested: () => seen.events.push('reset'),
    powerOff: () => seen.events.push('power off'),
    ...changes,
  };
  seen.machine = new Machine(seen.config);
  return seen;
}

const floppy = (unit: number, type: number): DeviceSpec => ({
  model: 'floppy',
  properties: { index: unit, unit, type },
});
const com2: DeviceSpec = { model: 'isa-serial', properties: { index: 1, chardev: 'com2' } };

let seen: Seen;
let machine: Machine;
beforeEach(() => {
  seen = build();
  machine = seen.machine;
});

const out = (port: number, value: number, size = 1) => machine.portWrite(port, size, value);

/** Vectors 30h and 38h, everything unmasked. */
function initializePics(): void {
  for (const [base, vector, cascade] of [
    [0x20, 0x30, 4],
    [0xa0, 0x38, 2],
  ]) {
    for (const [offset, value] of [
      [0, 0x11],
      [1, vector],
      [1, cascade],
      [1, 1],
      [1, 0],
    ]) {
      out(base + offset, value);
    }
  }
}

describe('interrupt wiring', () => {
  test('the timer is IRQ 0, in guest time', () => {
    initializePics();
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
    initializePics();
    out(0x3f9, 0x02);
    expect(machine.acknowledge()).toBe(0x34);
  });

  test('the RTC is IRQ 8', () => {
    initializePics();
    out(0x70, 0x0b);
    out(0x71, 0x42); // periodic
    machine.clock.resume();
    seen.host.ms += 2;
    machine.clock.runDue();
    expect(machine.acknowledge()).toBe(0x38);
  });

  test('ACPI is IRQ 9', () => {
    initializePics();
    out(0x602, 1, 2);
    machine.clock.resume();
    for (let n = 0; n < 3; n++) {
      seen.host.ms += 800;
      machine.clock.runDue();
    }
    expect(machine.acknowledge()).toBe(0x39);
  });

  test('the keyboard controller is IRQ 1 and 12', () => {
    initializePics();
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

describe('network cards', () => {
  const mac = '52:54:00:00:00:01';
  const cable = { transmit: () => true, receiveReady: () => {} };
  const network = (...models: string[]) => ({
    devices: models.map((model, index) => ({ model, properties: { index, mac } })),
    cables: models.map(() => cable),
  });
  const config = (slot: number, register: number): number => {
    out(0xcf8, (0x80000000 + slot * 0x800 + register) >>> 0, 4);
    return machine.portRead(0xcfc, 4);
  };

  test('stand in the slots from 3 on, as the guest finds them', () => {
    machine = build(network('virtio-net', 'ne2k-pci')).machine;
    expect([3, 4, 5].map((slot) => config(slot, 0))).toEqual([0x10001af4, 0x802910ec, 0xffffffff]);
  });

  test('touch guest memory in transfers alone, which the machine asks for; a reset forgets them', () => {
    const requests: string[] = [];
    const accesses: string[] = [];
    const access = (kind: string) => () => {
      accesses.push(kind);
      return false;
    };
    machine = build({
      ...network('virtio-net'),
      memory: { read: access('read'), write: access('write'), require: access('require') },
      transferRequested: () => requests.push('request'),
    }).machine;
    const BAR = 0xc000;
    const [ADDRESS, SELECT, NOTIFY, STATUS] = [8, 14, 16, 18];
    const start = () => {
      config(3, 0x10);
      out(0xcfc, BAR, 4);
      config(3, 0x04);
      out(0xcfc, 5, 2);
      out(BAR + SELECT, 1, 2); // the transmit queue
      out(BAR + ADDRESS, 1, 4);
      out(BAR + STATUS, 7);
      out(BAR + NOTIFY, 1, 2);
    };
    start();
    expect([requests.length, accesses]).toEqual([3, []]);
    const transfer = vi.fn();
    machine.transfers.request(transfer);
    machine.reset();
    machine.transfers.runPending();
    expect(accesses).toEqual([]);
    expect(transfer).not.toHaveBeenCalled();
    start();
    expect(accesses).toEqual([]);
    machine.transfers.runPending();
    expect(accesses).toEqual(['require']);
  });

  test('have guest memory from a board that refuses it outside of transfers', () => {
    const memory = { read: () => true, write: () => true, require: () => true };
    const board = new MachineBoard({ ...seen.config, memory });
    expect(() => board.memory.require(0, 1)).toThrow('guest memory touched inside a port or MMIO access');
    let reached = false;
    board.transfers.request(() => {
      reached = board.memory.require(0, 1);
    });
    board.transfers.runPending();
    expect(reached).toBe(true);
  });

  test('interrupt through the PIIX router', () => {
    seen = build(network('ne2k-pci'));
    machine = seen.machine;
    initializePics();
    config(3, 0x10);
    out(0xcfc, 0xc000, 4);
    config(3, 0x04);
    out(0xcfc, 5, 2);
    out(0x4d1, 0x0c); // IRQ 10 and 11 level-triggered
    for (const [register, value] of [
      [0x00, 0x22],
      [0x0f, 0x40],
      [0x0a, 0],
      [0x00, 0x0a], // a transfer of nothing is done at once
    ]) {
      out(0xc000 + register, value);
    }
    expect(seen.intr).toBe(true);
    expect(machine.acknowledge()).toBe(0x3b);
  });

  test('are part of the saved form, each its own', () => {
    const source = build(network('virtio-net', 'ne2k-pci')).machine;
    const state = structuredClone(source.save());
    build(network('virtio-net', 'ne2k-pci')).machine.restore(state);
    expect(() => build(network('ne2k-pci', 'virtio-net')).machine.restore(state)).toThrow(StateError);
    expect(() => build().machine.restore(state)).toThrow(/virtio-net-0/);
  });

  test('are not more than the machine has room for', () => {
    expect(() => build(network(...Array<string>(9).fill('virtio-net')))).toThrow(DeviceSpecError);
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
    initializePics();
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
    const APICS = ['local-apic', 'ioapic'].map((model) => ({ model }));
    seen = build({ devices: APICS });
    machine = seen.machine;
    const redirect = (input: number, entry: number) => {
      machine.mmioWrite(0xfec00000, 4, 0x10 + 2 * input);
      machine.mmioWrite(0xfec00010, 4, entry);
    };
    const send = () => {
      out(0x3f9, 0);
      out(0x3f9, 2); // COM1 has room
    };
    initializePics();
    machine.mmioWrite(0xfee000f0, 4, 0x1ff);
    send();
    expect(machine.acknowledge()).toBe(0x34);
    out(0x20, 0x20);
    redirect(4, 0x54);
    out(0x21, 0xff);
    send();
    expect(seen.intr).toBe(true);
    expect(machine.acknowledge()).toBe(0x54);
    machine.mmioWrite(0xfee000b0, 4, 0);
    expect(seen.intr).toBe(false);

    // Elsewhere an interrupt that is served goes on, and one that is pending is delivered.
    send();
    const target = build({ devices: APICS });
    target.machine.restore(structuredClone(machine.save()));
    expect(target.intr).toBe(true);
    expect(target.machine.acknowledge()).toBe(0x54);
  });

  test('the PIT is on input 2 of the I/O APIC, and ACPI interrupts as a level until it has been served', () => {
    seen = build({ devices: ['local-apic', 'ioapic'].map((model) => ({ model })) });
    machine = seen.machine;
    const redirect = (input: number, entry: number) => {
      machine.mmioWrite(0xfec00000, 4, 0x10 + 2 * input);
      machine.mmioWrite(0xfec00010, 4, entry);
    };
    const end = () => machine.mmioWrite(0xfee000b0, 4, 0);
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

  test('inputs of a shared line are high together', () => {
    const levels: boolean[] = [];
    const input = sharedLine((level) => levels.push(level));
    const [one, two] = [input(), input()];
    one(true);
    two(true);
    one(false);
    two(false);
    expect(levels).toEqual([true, true, true, false]);
  });
});

describe('with firmware', () => {
  const FW_CFG = [{ model: 'fw-cfg' }];
  const cmos = (register: number) => {
    out(0x70, register);
    return machine.portRead(0x71, 1);
  };
  const text = (bytes: number[]) => String.fromCharCode(...bytes);
  const item = (key: number, size: number) => {
    out(0x510, key, 2);
    return Array.from({ length: size }, () => machine.portRead(0x511, 1));
  };
  /** Of the directory, by name: item and size. */
  const files = () => {
    const count = item(0x19, 4)[3];
    const entries = Array.from({ length: count }, () => Array.from({ length: 64 }, () => machine.portRead(0x511, 1)));
    return new Map(
      entries.map((entry) => [
        text(entry.slice(8)).replace(/\0+$/, ''),
        { key: entry[4] * 256 + entry[5], size: entry[2] * 256 + entry[3] },
      ]),
    );
  };
  const file = (name: string) => {
    const { key, size } = files().get(name)!;
    return item(key, size);
  };

  test('fw_cfg has the files that describe the machine', () => {
    const identity = { name: 'web', uuid: new Uint8Array(16).fill(7) };
    const boot = { order: ['cdrom' as const], menu: true, menuWaitMs: 0x1234 };
    seen = build({ romKiB: 64, devices: FW_CFG, identity, boot });
    machine = seen.machine;
    expect([...files().keys()]).toEqual([
      ...['bootorder', 'etc/acpi/rsdp', 'etc/acpi/tables', 'etc/boot-fail-wait', 'etc/boot-menu-wait', 'etc/e820'],
      ...['etc/smbios/smbios-anchor', 'etc/smbios/smbios-tables', 'etc/system-states', 'etc/table-loader'],
    ]);
    expect(file('etc/e820')).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1, 0, 0, 0]);
    expect([file('etc/boot-menu-wait'), file('etc/boot-fail-wait')]).toEqual([
      [0x34, 0x12],
      [0xff, 0xff, 0xff, 0xff],
    ]);
    expect(text(file('etc/smbios/smbios-tables'))).toContain('\0web\0');
    expect([item(2, 2), item(0x0e, 1)]).toEqual([[7, 7], [1]]);
    expect([cmos(0x3d), cmos(0x38)]).toEqual([3, 0]);
  });

  test('devices add to CMOS and its checksum, and to the boot order', () => {
    const board = new MachineBoard(seen.config);
    const rtc = rtcModel.create(board, {}, 0) as Rtc;
    const registers = () => rtc.save().cmos;
    const sum = () =>
      registers()
        .subarray(0x10, 0x2e)
        .reduce((a, b) => a + b, 0);
    board.defineCmos(0x10, 0x40);
    board.defineCmos(0x14, 0x41, 0xc1);
    expect([registers()[0x10], registers()[0x14]]).toEqual([0x40, 0x43]);
    expect(registers()[0x2e] * 256 + registers()[0x2f]).toBe(sum());
    board.addBootPath('floppy', '/fdc');
    const ordered = new MachineBoard({ ...seen.config, boot: { order: ['floppy'] } });
    ordered.addBootPath('floppy', '/pci@i0cf8/isa@1/fdc@03f0/floppy@0');
    expect(new TextDecoder().decode(ordered.firmwareConfiguration().files.get('bootorder'))).toBe(
      '/pci@i0cf8/isa@1/fdc@03f0/floppy@0\0',
    );
    expect(board.firmwareConfiguration().files.get('bootorder')).toEqual(new Uint8Array());
  });

  test('CMOS has another order after the first boot', () => {
    seen = build({ romKiB: 64, boot: { order: ['disk'], once: ['cdrom'] } });
    machine = seen.machine;
    expect(cmos(0x3d)).toBe(3);
    out(0x70, 0x3d);
    out(0x71, 4); // a guest's own wish
    machine.reset();
    expect(cmos(0x3d)).toBe(3);
    machine.resume();
    seen.host.ms += 1;
    machine.reset();
    expect(cmos(0x3d)).toBe(2);
    out(0x70, 0x3d);
    out(0x71, 4);
    machine.reset();
    expect(cmos(0x3d)).toBe(4);
  });

  test('a reset gives the ROM back, unless a program wants firmware to go on in its copy', () => {
    seen = build({ romKiB: 64 });
    machine = seen.machine;
    const pam = () => {
      out(0xcf8, 0x80000058, 4);
      return machine.portRead(0xcfd, 1);
    };
    const shadow = () => {
      pam();
      out(0xcfd, 0x30);
    };
    shadow();
    machine.reset();
    expect(pam()).toBe(0);
    shadow();
    out(0x70, 0x0f);
    out(0x71, 0x0a);
    machine.reset();
    expect(pam()).toBe(0x30);
    expect(machine.shutdownStatus).toBe(0x0a);
  });

  test('cards find their ROMs behind the machine’s, one behind the other', () => {
    const optionRoms = [
      { model: 'VGA', sizeKiB: 64 },
      { model: 'pci-testdev', sizeKiB: 32 },
    ];
    const maps: (readonly MemoryWindow[])[] = [];
    seen = build({
      ...{ romKiB: 256, optionRoms, devices: [{ model: 'pci-testdev' }] },
      mapMemory: (windows) => maps.push(windows),
    });
    machine = seen.machine;
    const config = (register: number, value: number) => {
      out(0xcf8, 0x80001000 | register, 4);
      out(0xcfc, value, 4);
      return machine.portRead(0xcfc, 4);
    };
    expect(config(0x30, 0xfffffffe)).toBe(0xffff8000);
    config(0x30, 0xe0000001);
    const rom = () => maps.at(-1)?.find(({ first }) => first === 0xe0000);
    expect(rom()).toBeUndefined(); // memory is not decoded
    config(4, 2);
    const firstPage = (64 * 1024 + 256 + 64) / 4;
    expect(rom()).toEqual({ first: 0xe0000, pages: 8, reads: firstPage, writes: 'dropped' });
    config(0x30, 0xe0000000);
    expect(rom()).toBeUndefined();
    config(0x30, 0xe0000001);
    const state = structuredClone(machine.save());
    machine.reset();
    expect(rom()).toBeUndefined();
    machine.restore(state);
    expect(rom()).toBeDefined();
  });

  test('its power button raises the SCI for who listens', () => {
    initializePics();
    machine.pressPowerButton();
    expect(seen.intr).toBe(false);
    expect(machine.portRead(0x600, 2)).toBe(0x100);
    out(0x602, 0x100, 2);
    expect(machine.acknowledge()).toBe(0x39);
  });
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

  test('CMOS memory knows the floppy drives, under its checksum', () => {
    const cmos = (devices: DeviceSpec[]) => {
      const { machine: built } = build({ devices, drives: [new TestDrive(undefined), new TestDrive(undefined)] });
      const read = (index: number) => {
        built.portWrite(0x70, 1, index);
        return built.portRead(0x71, 1);
      };
      const sum = Array.from({ length: 0x1e }, (_, i) => read(0x10 + i)).reduce((a, b) => a + b, 0);
      expect(read(0x2e) * 256 + read(0x2f)).toBe(sum);
      return [read(0x10), read(0x14) & 0xc1];
    };
    expect(cmos([])).toEqual([0, 0]);
    expect(cmos([floppy(0, 4)])).toEqual([0x40, 0x01]);
    expect(cmos([floppy(0, 2), floppy(1, 0)])).toEqual([0x25, 0x41]);
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
    initializePics();
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
    initializePics();
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

test('devices take their memory one behind the other, and no more than their models have named', () => {
  const written: [number, number[]][] = [];
  const bytes = new Uint8Array(12 * 1024);
  const deviceMemory = {
    firstPage: 100,
    bytes,
    write: (offset: number, some: Uint8Array) => written.push([offset, [...some]]),
    written: () => {},
  };
  const board = new MachineBoard(build({ deviceMemory }).config);
  const [first, second] = [board.takeMemory(4), board.takeMemory(8)];
  expect([first.firstPage, second.firstPage]).toEqual([100, 101]);
  bytes[4096] = 7;
  expect(second.bytes[0]).toBe(7);
  second.write(8190, Uint8Array.of(1, 2));
  expect(written).toEqual([[4096 + 8190, [1, 2]]]);
  expect(() => second.write(8191, Uint8Array.of(1, 2))).toThrow('behind the end');
  expect(() => board.takeMemory(4)).toThrow('that its model has not named');
  expect(() => new MachineBoard(build().config).takeMemory(4)).toThrow('that its model has not named');
});
