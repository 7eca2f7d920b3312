import { beforeEach, describe, expect, test } from 'vitest';
import { StateError } from '../../bus/device.ts';
import { type RecordedLine, recordedLine, TestBench } from '../testing/test-bench.ts';
import { createPciBus, type PciBus, type PciWiring } from './pci.ts';
import { PciDevice } from './pci-device.ts';
import { PowerManagement } from './power-management.ts';

let bench: TestBench;
let lines: RecordedLine[];
let resets: number;
let bus: PciBus;
let places: (number | undefined)[];

function wiring(): PciWiring {
  return {
    lines: { line: (irq) => lines[irq] },
    reset: () => resets++,
  };
}

beforeEach(() => {
  bench = new TestBench();
  lines = Array.from({ length: 16 }, recordedLine);
  resets = 0;
  places = [];
  bus = createPciBus(wiring());
  bus.add(1, 3, new PowerManagement((base) => places.push(base)));
  bus.attach(bench.ports);
  bus.reset();
});

function select(slot: number, fn: number, register: number): void {
  bench.out(0xcf8, (0x80000000 | (slot << 11) | (fn << 8) | (register & 0xfc)) >>> 0, 4);
}
function read(slot: number, fn: number, register: number, size = 4): number {
  select(slot, fn, register);
  return bench.in(0xcfc + (register & 3), size);
}
function write(slot: number, fn: number, register: number, value: number, size = 4): void {
  select(slot, fn, register);
  bench.out(0xcfc + (register & 3), value, size);
}

/** A device with an I/O BAR of 32 ports, a memory BAR of 4 KiB and INTA#. */
function testDevice() {
  const device = new PciDevice({
    vendorId: 0x1af4,
    deviceId: 0x1042,
    revision: 1,
    classCode: 0x018000,
    subsystemVendorId: 0x1af4,
    subsystemId: 2,
    interruptPin: 1,
  });
  const maps: (number | undefined)[][] = [[], []];
  device.defineBar(0, 'io', 32, (address) => maps[0].push(address));
  device.defineBar(1, 'memory', 4096, (address) => maps[1].push(address));
  return { device, io: maps[0], memory: maps[1] };
}

describe('configuration mechanism 1', () => {
  test('finds the board: host bridge, ISA bridge, power management', () => {
    expect(read(0, 0, 0)).toBe(0x12378086);
    expect(read(1, 0, 0)).toBe(0x70008086);
    expect(read(1, 3, 0)).toBe(0x71138086);
    expect(read(1, 0, 0x0e, 1)).toBe(0x80);
    expect([read(0, 0, 0x0a, 2), read(1, 0, 0x0a, 2), read(1, 3, 0x0a, 2)]).toEqual([0x0600, 0x0601, 0x0680]);
    expect(read(1, 3, 0x40)).toBe(0x601);
  });

  test('what is not there reads as all ones in every size', () => {
    expect(read(5, 0, 0)).toBe(0xffffffff);
    expect(read(5, 0, 2, 2)).toBe(0xffff);
    bench.out(0xcf8, 0x80010000, 4); // bus 1
    expect(bench.in(0xcfc, 4)).toBe(0xffffffff);
    bench.out(0xcf8, 0x00000000, 4); // not enabled
    expect(bench.in(0xcfc, 4)).toBe(0xffffffff);
  });

  test('the address register is one of 32 bits; narrower accesses do not reach it', () => {
    bench.out(0xcf8, 0x80000800, 4);
    bench.out(0xcf8, 0x12, 1);
    bench.out(0xcfa, 0x1234, 2);
    expect(bench.in(0xcf8, 4)).toBe(0x80000800);
    expect(bench.in(0xcf8, 1)).toBe(0xff);
  });

  test('port CF9h resets', () => {
    bench.out(0xcf9, 0x02);
    expect(resets).toBe(0);
    expect(bench.in(0xcf9)).toBe(0x02);
    bench.out(0xcf9, 0x06);
    expect(resets).toBe(1);
  });

  test('identity is read-only; only defined bits of command can be written', () => {
    write(0, 0, 0, 0);
    expect(read(0, 0, 0)).toBe(0x12378086);
    const { device } = testDevice();
    bus.add(3, 0, device);
    write(3, 0, 4, 0xffff, 2);
    expect(read(3, 0, 4, 2)).toBe(0x0407);
  });
});

describe('host bridge', () => {
  const PAM = 0x59;

  test('without ROM says that all is RAM', () => {
    write(0, 0, PAM, 0, 1);
    expect(read(0, 0, PAM, 1)).toBe(0x33);
  });

  test('sends what lies before the ROM to RAM, area by area, and to the ROM again at a reset', () => {
    const shadows: number[] = [];
    bus = createPciBus({ ...wiring(), romShadow: (shadow) => shadows.push(shadow) });
    bench = new TestBench();
    bus.attach(bench.ports);
    bus.reset();
    expect(read(0, 0, PAM, 1)).toBe(0);
    write(0, 0, PAM, 0xff, 1); // F0000h to FFFFFh, in the upper half only
    expect(read(0, 0, PAM, 1)).toBe(0x30);
    write(0, 0, PAM + 1, 0x21, 1); // C0000h read, C4000h written
    write(0, 0, PAM + 6, 0x12, 1); // E8000h written, EC000h read
    expect(shadows).toEqual([0, 0xff000000, 0xff000009, 0xff600009]);
    const state = structuredClone(bus.save());
    bus.reset();
    expect(shadows.pop()).toBe(0);
    bus.restore(state);
    expect(shadows.pop()).toBe(0xff600009);
  });
});

describe('power management', () => {
  test('has its ports where a BIOS puts them, until the guest moves or closes them', () => {
    expect(places).toEqual([0x600]);
    write(1, 3, 0x40, 0xb03f);
    expect(read(1, 3, 0x40)).toBe(0xb001);
    write(1, 3, 0x80, 0, 1);
    write(1, 3, 0x80, 1, 1);
    expect(places).toEqual([0x600, 0xb000, undefined, 0xb000]);
    const state = structuredClone(bus.save());
    bus.reset();
    bus.restore(state);
    expect(places.slice(-2)).toEqual([0x600, 0xb000]);
  });
});

describe('base address registers', () => {
  test('tell their size, and map only a real address that is decoded', () => {
    const { device, io, memory } = testDevice();
    bus.add(3, 0, device);
    write(3, 0, 4, 3, 2);
    write(3, 0, 0x10, 0xffffffff);
    write(3, 0, 0x14, 0xffffffff);
    expect(read(3, 0, 0x10)).toBe(0xffffffe1);
    expect(read(3, 0, 0x14)).toBe(0xfffff000);
    expect([io, memory]).toEqual([[], []]);
    write(3, 0, 0x10, 0xc040);
    write(3, 0, 0x14, 0xfebf0000);
    expect([io, memory]).toEqual([[0xc040], [0xfebf0000]]);
    write(3, 0, 4, 2, 2);
    expect([io, memory]).toEqual([[0xc040, undefined], [0xfebf0000]]);
    write(3, 0, 0x14, 0xfebf1000);
    expect(memory).toEqual([0xfebf0000, 0xfebf1000]);
  });

  test('a reset closes them', () => {
    const { device, io } = testDevice();
    bus.add(3, 0, device);
    write(3, 0, 0x10, 0xc000);
    write(3, 0, 4, 1, 2);
    bus.reset();
    expect(io).toEqual([0xc000, undefined]);
    expect(read(3, 0, 4, 2)).toBe(0);
  });
});

describe('interrupts', () => {
  test('are routed by slot, pin and the ISA bridge', () => {
    const { device } = testDevice();
    bus.add(4, 0, device); // slot 4, INTA#: PIRQD#, IRQ 11
    device.setInterrupt(true);
    expect(lines[11].level).toBe(true);
    write(1, 0, 0x63, 5, 1);
    expect([lines[11].level, lines[5].level]).toEqual([false, true]);
    write(1, 0, 0x63, 0x80, 1);
    expect(lines[5].level).toBe(false);
  });

  test('share a line, which drops when the last one does', () => {
    const a = testDevice().device;
    const b = testDevice().device;
    bus.add(1, 1, a); // PIRQA#, IRQ 10
    bus.add(2, 0, b); // PIRQB#, IRQ 10
    a.setInterrupt(true);
    b.setInterrupt(true);
    a.setInterrupt(false);
    expect(lines[10].level).toBe(true);
    b.setInterrupt(false);
    expect(lines[10].level).toBe(false);
    expect(lines[10].rises).toBe(1);
  });

  test('can be disabled in the command register', () => {
    const { device } = testDevice();
    bus.add(2, 0, device);
    device.setInterrupt(true);
    write(2, 0, 4, 0x400, 2);
    expect(lines[10].level).toBe(false);
    write(2, 0, 4, 0, 2);
    expect(lines[10].level).toBe(true);
  });
});

test('a place is given once', () => {
  expect(() => bus.add(1, 0, testDevice().device)).toThrow(/1\.0/);
});

test('a form of an earlier version may lack functions, which stay as they are after power-on', () => {
  write(1, 0, 0x60, 5, 1);
  const saved = structuredClone({ ...bus.save(), version: 1 }) as never;
  const later = createPciBus(wiring());
  later.add(1, 3, new PowerManagement(() => {}));
  const { device } = testDevice();
  later.add(3, 0, device);
  const config = device.saveConfig();
  later.restore(saved);
  expect(later.save().functions['1.0']).toEqual(bus.save().functions['1.0']);
  expect(device.saveConfig()).toEqual(config);
});

test('the saved form carries every function, and maps BARs again', () => {
  bus.add(3, 0, testDevice().device);
  write(3, 0, 0x10, 0xc040);
  write(3, 0, 4, 1, 2);
  write(1, 0, 0x60, 5, 1);
  const state = structuredClone(bus.save());

  const other = createPciBus(wiring());
  expect(() => other.restore(state)).not.toThrow(); // a function more than it knows is the machine's concern
  const { device, io } = testDevice();
  const same = createPciBus(wiring());
  same.add(1, 3, new PowerManagement(() => {}));
  same.add(3, 0, device);
  same.restore(state);
  expect(io).toEqual([0xc040]);
  expect(same.save()).toEqual(state);
  expect(() => bus.restore(createPciBus(wiring()).save())).toThrow(StateError);
});
