import { expect, test } from 'vitest';
import { PAGE_SIZE } from '../../base/sizes.ts';
import { deviceMemory } from './device-memory.ts';
import { MachineMemory } from './machine-memory.ts';
import { VmMemory } from './vm-memory.ts';

const NEEDS = { memoryMiB: 4, romKiB: 64, deviceKiB: 32, arenaSize: PAGE_SIZE };
const FIRST = 1024 + 16;

test('lies behind RAM and ROM, in one piece, and is never taken away', () => {
  const host = new MachineMemory(16);
  const vm = new VmMemory(host, NEEDS);
  expect(vm.guest.pages).toBe(FIRST + 8);
  const { firstPage, bytes } = deviceMemory(host.memory, vm.cpu, NEEDS)!;
  expect([firstPage, bytes.length]).toEqual([FIRST, 32 * 1024]);
  expect(bytes.byteOffset + 7 * PAGE_SIZE).toBe(vm.guest.machineAddress(FIRST + 7));
  for (let page = FIRST; page < FIRST + 8; page++) expect(vm.p2m.take(page)).toBeUndefined();
  expect(vm.p2m.take(FIRST - 1)).toBeDefined();
  vm.p2m.give(FIRST - 1, host.allocatePage());
  expect(deviceMemory(host.memory, vm.cpu, { ...NEEDS, deviceKiB: 0 })).toBeUndefined();
});

test('what a device writes there is in the dirty log, and moves with the VM', () => {
  const host = new MachineMemory(16);
  const vm = new VmMemory(host, NEEDS);
  const memory = deviceMemory(host.memory, vm.cpu, NEEDS)!;
  const display = vm.guest.log.open();
  memory.write(2 * PAGE_SIZE - 1, Uint8Array.of(5, 6));
  const dirty = display.take(FIRST, 8);
  expect([...dirty].map((word) => word.toString(2)).filter((word) => word !== '0')).toEqual([
    (0b11 << ((FIRST + 1) % 32)).toString(2),
  ]);
  const page = new Uint8Array(PAGE_SIZE);
  vm.guest.readPage(FIRST + 2, page);
  expect(page[0]).toBe(6);
  expect(vm.guest.isZero(FIRST + 3)).toBe(true);
});

test('is given back with the rest', () => {
  const host = new MachineMemory(16);
  const vm = new VmMemory(host, NEEDS);
  deviceMemory(host.memory, vm.cpu, NEEDS)!.write(0, Uint8Array.of(9));
  vm.free();
  expect(host.freePages).toBe(host.usablePages);
  const again = new VmMemory(host, NEEDS);
  expect(deviceMemory(host.memory, again.cpu, NEEDS)!.bytes.every((byte) => byte === 0)).toBe(true);
});
