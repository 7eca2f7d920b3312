import { beforeEach, expect, test } from 'vitest';
import { onlyRam } from '../../base/memory-window.ts';
import { CODE_MAP } from '../../cpu/abi/layout.ts';
import { PageAbsentError } from '../../pc/bus/device.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import type { DirtyLogClient } from './dirty-log.ts';
import { GuestDma } from './guest-dma.ts';
import { MachineMemory } from './machine-memory.ts';
import { VmMemory } from './vm-memory.ts';
import { WantedPages } from './wanted-pages.ts';

let host: MachineMemory;
let vm: VmMemory;
let dma: GuestDma;
let log: DirtyLogClient;
let wanted: WantedPages;
let asked: [number, boolean][];
let dropped: [number, number][];

beforeEach(() => {
  host = new MachineMemory(16);
  vm = new VmMemory(host, { memoryMiB: 4, arenaSize: 65536 });
  log = vm.guest.log.open();
  dropped = [];
  asked = [];
  wanted = new WantedPages(host.memory, vm.cpu, (page, write) => asked.push([page, write]));
  dma = new GuestDma(host.memory, vm.cpu, {
    codeWritten: (physical, size) => dropped.push([physical, size]),
    need: (page, write) => wanted.need(page, write),
  });
  dma.windows = onlyRam(vm.guest.pages);
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
  expect(log.take()[0]).toBe(0b1110);
});

test('outside of RAM nothing is done', () => {
  expect(dma.write(vm.guest.size - 1, Uint8Array.of(1, 2))).toBe(false);
  expect(dma.read(2 ** 40, new Uint8Array(1))).toBe(false);
  expect([...log.take()].some((word) => word !== 0)).toBe(false);
});

test('a page that is absent: nothing is done, and the error says which', () => {
  const place = vm.p2m.take(2)!;
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
  expect([...log.take()].some((word) => word !== 0)).toBe(false);
  expect(asked).toEqual([[2, true]]);
  vm.p2m.give(2, place);
  expect(dma.write(0x1ffe, Uint8Array.of(1, 2, 3, 4))).toBe(true);
  expect([...vm.guest.read(0x1ffe, 4)]).toEqual([1, 2, 3, 4]);
});

test('code that is overwritten is dropped, other writes do not trouble the executor', () => {
  const codeMap = new CpuBlock(host.memory, vm.cpu).u32(CODE_MAP);
  new Uint8Array(host.memory.buffer)[codeMap + 2] = 1;
  dma.write(0x1000, new Uint8Array(4096));
  expect(dropped).toEqual([]);
  dma.write(0x1ff0, new Uint8Array(32));
  expect(dropped).toEqual([[0x2000, 16]]);
});
