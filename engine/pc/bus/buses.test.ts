import { describe, expect, test } from 'vitest';
import { MmioBus } from './mmio-bus.ts';
import { bytePorts, IoPortBus } from './port-bus.ts';

describe('port bus', () => {
  function byteRegisters(bus: IoPortBus, first: number, count: number): Uint8Array {
    const registers = new Uint8Array(count);
    bus.register(
      first,
      count,
      bytePorts(
        (port) => registers[port - first],
        (port, value) => {
          registers[port - first] = value;
        },
      ),
    );
    return registers;
  }

  test('unclaimed ports read as all ones in every size, and are counted', () => {
    const bus = new IoPortBus();
    expect(bus.read(0x278, 1)).toBe(0xff);
    expect(bus.read(0x278, 2)).toBe(0xffff);
    expect(bus.read(0x278, 4)).toBe(0xffffffff);
    bus.write(0x278, 1, 3);
    expect(bus.unclaimed.get(0x278)).toBe(4);
    expect(bus.unclaimed.get(0x27b)).toBe(1);
  });

  test('wide accesses reach byte registers lowest first', () => {
    const bus = new IoPortBus();
    const registers = byteRegisters(bus, 0x100, 4);
    bus.write(0x100, 4, 0x84838281);
    expect([...registers]).toEqual([0x81, 0x82, 0x83, 0x84]);
    expect(bus.read(0x100, 4)).toBe(0x84838281);
    expect(bus.read(0x101, 2)).toBe(0x8382);
  });

  test('an access across two claims is split between them', () => {
    const bus = new IoPortBus();
    const low = byteRegisters(bus, 0x10, 1);
    const high = byteRegisters(bus, 0x11, 1);
    bus.write(0x10, 4, 0x44332211);
    expect([low[0], high[0]]).toEqual([0x11, 0x22]);
    expect(bus.read(0x10, 4)).toBe(0xffff2211);
  });

  test('an access at the end of the port space wraps', () => {
    const bus = new IoPortBus();
    const first = byteRegisters(bus, 0x0000, 1);
    bus.write(0xffff, 2, 0xab00);
    expect(first[0]).toBe(0xab);
  });

  test('a port cannot be claimed twice; a given-up one can', () => {
    const bus = new IoPortBus();
    byteRegisters(bus, 0x60, 4);
    expect(() => byteRegisters(bus, 0x63, 1)).toThrow(/0x63/);
    bus.unregister(0x60);
    byteRegisters(bus, 0x63, 1);
    expect(bus.read(0x60, 1)).toBe(0xff);
  });
});

describe('MMIO bus', () => {
  test('dispatches by range, with the offset; nobody there reads all ones', () => {
    const bus = new MmioBus();
    const writes: number[][] = [];
    bus.register(0xfebf0000, 0x1000, {
      read: (offset, size) => offset * 16 + size,
      write: (...args) => writes.push(args),
    });
    expect(bus.read(0xfebf0010, 2)).toBe(0x102);
    bus.write(0xfebf0ffc, 4, 0xdeadbeef);
    expect(writes).toEqual([[0xffc, 4, 0xdeadbeef]]);
    expect(bus.read(0xfebf1000, 4)).toBe(0xffffffff);
    expect(bus.read(0xa0000, 1)).toBe(0xff);
    bus.write(0xa0000, 1, 0); // dropped
    bus.unregister(0xfebf0000);
    expect(bus.read(0xfebf0010, 2)).toBe(0xffff);
  });

  test('ranges must not overlap', () => {
    const bus = new MmioBus();
    const handler = { read: () => 0, write: () => {} };
    bus.register(0x1000, 0x1000, handler);
    expect(() => bus.register(0x1fff, 1, handler)).toThrow();
    bus.register(0x2000, 1, handler);
  });
});
