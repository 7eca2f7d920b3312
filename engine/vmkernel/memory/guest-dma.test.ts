import { beforeEach, expect, test } from 'vitest';
import { CODE_MAP, P2M } from '../../cpu/abi/layout.ts';
import { PageAbsentError } from '../../pc/bus/device.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import { GuestDma } from './guest-dma.ts';
import { MachineMemory } from './machine-memory.ts';
import { VmMemory } from './vm-memory.ts';

let host: MachineMemory;
let vm: VmMemory;
let dma: GuestDma;
let dropped: [number, number][];

beforeEach(() => {
  host = new MachineMemory(16);
  vm = new VmMemory(host, { memoryMiB: 4, arenaSize: 65536 });
  dropped = [];
  dma = new GuestDma(host.memory, vm.cpu, (physical, size) => dropped.push([physical, size]));
});

test('reads and writes what the guest has, across pages', () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i & 0xff);
  expect(dma.write(0x1ffe, bytes)).toBe(true);
  expect(vm.guest.read(0x1ffe, 5000)).toEqual(bytes);
  const back = new Uint8Array(5000);
  expect(dma.read(0x1ffe, back)).toBe(true);
  expect(back).toEqual(bytes);
});

test('every page written is entered in the dirty log', () => {
  dma.write(0x1ffe, new Uint8Array(5000));
  expect(vm.guest.log.take()[0]).toBe(0b1110);
});

test('outside of RAM nothing is done', () => {
  expect(dma.write(vm.guest.size - 1, Uint8Array.of(1, 2))).toBe(false);
  expect(dma.read(2 ** 40, new Uint8Array(1))).toBe(false);
  expect([...vm.guest.log.take()].some((word) => word !== 0)).toBe(false);
});

test('a page that is absent: nothing is done, and the error says which', () => {
  const p2m = new Uint32Array(host.memory.buffer, new CpuBlock(host.memory, vm.cpu).u32(P2M), vm.guest.pages);
  const entry = p2m[2];
  p2m[2] = 0;
  const absentAt = (access: () => void) => {
    try {
      access();
    } catch (error) {
      if (error instanceof PageAbsentError) return error.physical;
    }
    return undefined;
  };
  expect(absentAt(() => dma.write(0x1ffe, new Uint8Array(4).fill(7)))).toBe(0x2000);
  expect(absentAt(() => dma.read(0x2345, new Uint8Array(1)))).toBe(0x2345);
  expect(absentAt(() => dma.require(0x1000, 0x1001))).toBe(0x2000);
  expect(dma.require(0x1000, 0x1000)).toBe(true);
  expect(dma.require(vm.guest.size, 1)).toBe(false);
  expect([...vm.guest.log.take()].some((word) => word !== 0)).toBe(false);
  p2m[2] = entry;
  expect(dma.write(0x1ffe, Uint8Array.of(1, 2, 3, 4))).toBe(true);
  expect([...vm.guest.read(0x1ffe, 4)]).toEqual([1, 2, 3, 4]);
});

test('code that is overwritten is dropped, other writes do not trouble the executor', () => {
  const codeMap = new CpuBlock(host.memory, vm.cpu).u32(CODE_MAP);
  new Uint8Array(host.memory.buffer)[codeMap + 2] = 1;
  dma.write(0x1000, new Uint8Array(4096));
  expect(dropped).toEqual([]);
  dma.write(0x1ff0, new Uint8Array(32));
  expect(dropped).toEqual([[0x1ff0, 32]]);
});
